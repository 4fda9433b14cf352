package session

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"oax/internal/chat"
)

// origin returns where a session was brought in from; the zero Origin if nowhere.
func (st *Store) origin(e Entry) Origin {
	f, err := openFile(e.Path, os.O_RDONLY)
	if err != nil {
		return Origin{}
	}
	defer f.Close()
	var header struct {
		Origin Origin `json:"origin"`
	}
	_ = json.NewDecoder(f).Decode(&header) // a file without a header has no origin
	return header.Origin
}

// importID returns an ID that is always the same for a chat of a source. Chats that
// go by the same ID there have versions here.
func importID(source, id string, version int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %s", version, source, id))
	name := make([]byte, idLen)
	for i := range name {
		name[i] = alphabet[sum[i]&31]
	}
	return string(name)
}

// hashOf returns a hash of what was said, whenever that was.
func hashOf(messages []Message) string {
	h := sha256.New()
	enc := json.NewEncoder(h)
	for _, m := range messages {
		said := struct {
			Role                     chat.Role
			Text, Reasoning, Refusal string
			ToolCalls                []chat.ToolCall
		}{m.Role, m.Text, m.Reasoning, m.Refusal, m.ToolCalls}
		_ = enc.Encode(said) // a hash takes all that is written to it
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}
