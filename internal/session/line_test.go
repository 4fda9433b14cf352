package session

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"oax/internal/chat"
)

// FuzzLine: what is written by hand is what encoding/json writes, but for how it
// escapes.
func FuzzLine(f *testing.F) {
	f.Add("a \"word\"\\\n\t\x01 <&>\u2028\xff日本", "", int64(0), uint8(0), []byte(`{ "n": 1 }`))
	f.Add("", "f", int64(-1), uint8(255), []byte("{"))
	f.Add("0", "0", int64(-85), uint8(183), []byte("6E856"))
	f.Fuzz(func(t *testing.T, a, b string, n int64, with uint8, usage []byte) {
		at := time.Unix(n%(1<<36), n%1e9).UTC()
		m := Message{Message: chat.Message{Role: chat.Role(b), Text: a}, Time: at, Profile: b}
		if with&1 > 0 {
			m.Reasoning, m.Refusal, m.Model, m.FinishReason = b, a, a, b
		}
		if with&2 > 0 {
			m.ToolCalls = []chat.ToolCall{{Index: int(n), ID: b, Name: a, Arguments: a}, {Arguments: b}}
		}
		if with&4 > 0 {
			m.Usage, m.Replaced, m.State, m.Why = usage, int(n), chat.Incomplete, chat.Why(a)
		}
		if with&8 > 0 {
			m.Attachments = []chat.Attachment{{Name: a, Type: b, Size: n}}
		}
		var from *Fork
		if with&16 > 0 {
			from = &Fork{b, int(n)}
		}
		for _, line := range []any{
			lineOf(m), headerLine{kindSession, int(n), a, at, from}, partHead{kindPart, int(n), at, chat.Why(b), a, b, n},
		} {
			sameLine(t, line)
		}
	})
}

func sameLine(t *testing.T, line any) {
	t.Helper()
	got, err := encode(line)
	want, wantErr := json.Marshal(line)
	if err != nil || wantErr != nil {
		t.Fatalf("%v, %v", err, wantErr)
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
	m := lineOf(Message{Message: chat.Message{Role: chat.Assistant, Text: text, ToolCalls: []chat.ToolCall{{Arguments: text}}}}).(messageLine)
	line, err := m.appendTo(nil)
	if err != nil || cap(line) > len(line)+len(line)/8 {
		t.Errorf("%d bytes of room for %d, %v", cap(line), len(line), err)
	}
}
