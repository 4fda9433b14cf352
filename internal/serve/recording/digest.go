package recording

import (
	"crypto/sha256"
	"encoding/json"
	"strings"

	"oax/internal/chat"
)

// How histories are compared.

// digest is the hash of a history. It grows with each message.
type digest [sha256.Size]byte

// with returns the digest of a history and one more message. Messages are compared by role,
// text without outer white space, parts and tool calls. What is JSON is compared as a program
// has it that decodes it and encodes it again.
func (d digest) with(m chat.Message) digest {
	h := sha256.New()
	h.Write(d[:])
	write := func(texts ...string) {
		for _, text := range texts {
			h.Write([]byte(text))
			h.Write([]byte{0xff}) // in no UTF-8
		}
	}
	write(string(m.Role), strings.TrimSpace(m.Shown()), m.ToolCallID)
	for _, c := range m.ToolCalls {
		arguments, _ := c.Input()
		write(c.Name, encodedAnew(arguments))
	}
	for _, p := range m.Parts {
		write(p.Type, p.SHA256, encodedAnew(p.JSON))
	}
	return digest(h.Sum(nil))
}

// encodedAnew returns JSON decoded and encoded again, or what is none as it is.
func encodedAnew(data []byte) string {
	var decoded any
	if json.Unmarshal(data, &decoded) != nil {
		return string(data)
	}
	again, _ := json.Marshal(decoded)
	return string(again)
}

// digestOf returns the digest of a history.
func digestOf(list []chat.Message) (d digest) {
	for _, m := range list {
		d = d.with(m)
	}
	return d
}
