package record

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"oax/internal/chat"
)

// FuzzRecord: what is written by hand is what encoding/json writes, but for how it
// escapes.
func FuzzRecord(f *testing.F) {
	f.Add("a \"word\"\\\n\t\x01 <&>\u2028\xff日本", "", int64(0), uint8(0), []byte(`{ "n": 1 }`))
	f.Add("", "f", int64(-1), uint8(255), []byte("{"))
	f.Add("0", "0", int64(-85), uint8(183), []byte("6E856"))
	f.Fuzz(func(t *testing.T, a, b string, n int64, with uint8, usage []byte) {
		at := time.Unix(n%(1<<36), n%1e9).UTC()
		m := Message{Message: chat.Message{Role: chat.Role(b), Text: a}, Time: at, Profile: b, Turn: b}
		opaque := json.RawMessage(`{ "<a>": [1.0] }`)
		if with&1 > 0 {
			m.Reasoning, m.Refusal, m.Model, m.FinishReason = b, a, a, b
		}
		if with&2 > 0 {
			m.ToolCalls = []chat.ToolCall{{Index: int(n), ID: b, Name: a, Arguments: a, Opaque: opaque}, {Arguments: b}}
			m.ToolCallID, m.Opaque = b, opaque
			m.Message.Name = a
		}
		if with&4 > 0 {
			m.Usage, m.Replaced, m.State, m.Why = usage, int(n), chat.Incomplete, chat.Why(a)
		}
		if with&8 > 0 {
			m.Output = []json.RawMessage{opaque, json.RawMessage("1")}
			m.Parts = []chat.Part{{Name: a, Type: b, Size: n}, {Type: b, JSON: opaque}, {Type: chat.Audio, Text: b}}
		}
		var from *Fork
		if with&16 > 0 {
			from = &Fork{b, int(n)}
		}
		header := NewHeader(a, at, from)
		header.Version = int(n)
		r := Of(m)
		sameLine(t, r.AppendTo(nil), messageJSON(r))
		sameLine(t, header.AppendTo(nil), headerJSON{KindSession, int(n), a, at, from})
		sameLine(t, NewTitle(at, a).AppendTo(nil), titleJSON{KindTitle, at, a})
		m.Role, m.Why = Error, chat.Why(b)
		sameLine(t, Of(m).AppendTo(nil), errorJSON{KindError, at, chat.Why(b), a, m.Model, validJSON(m.Usage), b})
	})
}

// The fields of the records, in the order of their keys on disk.
type (
	headerJSON struct {
		Kind    string    `json:"kind"`
		Version int       `json:"version"`
		ID      string    `json:"id"`
		Time    time.Time `json:"time"`
		ForkOf  *Fork     `json:"fork_of,omitempty"`
	}
	messageLine struct {
		Kind         string          `json:"kind"`
		Time         time.Time       `json:"time"`
		Role         chat.Role       `json:"role"`
		Text         string          `json:"text"`
		Reasoning    string          `json:"reasoning,omitempty"`
		Refusal      string          `json:"refusal,omitempty"`
		ToolCalls    []chat.ToolCall `json:"tool_calls,omitempty"`
		Model        string          `json:"model,omitempty"`
		Profile      string          `json:"profile,omitempty"`
		FinishReason string          `json:"finish_reason,omitempty"`
		Usage        json.RawMessage `json:"usage,omitempty"`
		State        chat.State      `json:"state,omitempty"`
		Why          chat.Why        `json:"why,omitempty"`
		Turn         string          `json:"turn,omitempty"`
		Replaced     int             `json:"replaced_bytes,omitempty"`

		ToolCallID  string            `json:"tool_call_id,omitempty"`
		Name        string            `json:"name,omitempty"`
		Opaque      json.RawMessage   `json:"opaque,omitempty"`
		Output      []json.RawMessage `json:"output,omitempty"`
		Attachments []chat.Part       `json:"attachments,omitempty"`
	}
	errorJSON struct {
		Kind  string          `json:"kind"`
		Time  time.Time       `json:"time"`
		Why   chat.Why        `json:"why"`
		Text  string          `json:"text"`
		Model string          `json:"model,omitempty"`
		Usage json.RawMessage `json:"usage,omitempty"`
		Turn  string          `json:"turn,omitempty"`
	}
	titleJSON struct {
		Kind string    `json:"kind"`
		Time time.Time `json:"time"`
		Text string    `json:"text"`
	}
)

func messageJSON(r Record) any {
	if !json.Valid(r.Usage) {
		r.Usage = nil
	}
	return messageLine{
		Kind: r.Kind, Time: r.Time, Role: r.Role,
		Text: r.Text, Reasoning: r.Reasoning, Refusal: r.Refusal, ToolCalls: r.ToolCalls,
		Model: r.Model, Profile: r.Profile, FinishReason: r.FinishReason, Usage: validJSON(r.Usage), Turn: r.Turn,
		State: r.State, Why: r.Why, Replaced: r.Replaced,
		ToolCallID: r.ToolCallID, Name: r.Name, Opaque: r.Opaque, Output: r.Output, Attachments: r.Parts,
	}
}

// validJSON returns JSON in UTF-8, or nothing if it is not valid.
func validJSON(value json.RawMessage) json.RawMessage {
	if !json.Valid(value) {
		return nil
	}
	return bytes.ToValidUTF8(value, []byte("\uFFFD"))
}

// sameLine checks that got is one line that says what is in value, its keys in order.
func sameLine(t *testing.T, got []byte, value any) {
	t.Helper()
	want, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(got, []byte("\n")); n != 1 || !bytes.HasSuffix(got, []byte("\n")) {
		t.Errorf("%q has %d line ends", got, n)
	}
	read, wanted := decoded(t, got), decoded(t, want)
	if !reflect.DeepEqual(read, wanted) {
		t.Errorf("%s, want %s", got, want)
	}
}

// decoded is a JSON value, its numbers as they stand there.
func decoded(t *testing.T, data []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %q", err, data)
	}
	return v
}

// TestLongLine: the room of a line is made once.
func TestLongLine(t *testing.T) {
	text := "a\n\"\x01" + string(bytes.Repeat([]byte("word \\ "), 1<<20))
	m := Of(Message{Message: chat.Message{Role: chat.Assistant, Text: text, ToolCalls: []chat.ToolCall{{Arguments: text}}}})
	line := m.AppendTo(nil)
	if cap(line) > len(line)+len(line)/8 {
		t.Errorf("%d bytes of room for %d", cap(line), len(line))
	}
}
