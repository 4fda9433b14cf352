package session

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"oax/internal/chat"
)

// What a line of a session file says, and how it is written.

const formatVersion = 1

// The kinds of records. lines.go knows how lines of them begin.
const (
	kindSession = "session"
	kindMessage = "message"
	kindError   = "error"
	kindTitle   = "title"
	kindCall    = "call"
)

// Fork says which session, up to which turn, another one began as a copy of.
type Fork struct {
	ID   string `json:"id"`
	Turn int    `json:"turn"`
}

// record is a line of a session. Which fields it has depends on its kind: appendTo
// tells. A reader takes any field of any kind. The roles of an error, a call and a title are
// Error, Called and Title; a record of another kind that is no message has no role.
type record struct {
	Kind      string          `json:"kind"`
	Version   int             `json:"version"`
	ID        string          `json:"id"`
	ForkOf    *Fork           `json:"fork_of"`
	Origin    json.RawMessage `json:"origin"`    // an Origin
	Arguments string          `json:"arguments"` // of a call; the Text of its message
	Message

	at int64 // where the line begins in the file
}

func headerRecord(id string, began time.Time, from *Fork) record {
	return record{Kind: kindSession, Version: formatVersion, ID: id, ForkOf: from, Message: Message{Time: began}}
}

func titleRecord(at time.Time, title string) record {
	return record{Kind: kindTitle, Message: Message{Message: chat.Message{Role: Title, Text: title}, Time: at}}
}

// recordOf returns the record of a message; one in the role Error or Called makes a record of
// that kind.
func recordOf(m Message) record {
	switch m.Role {
	case Error:
		return record{Kind: kindError, Message: m}
	case Called:
		return record{Kind: kindCall, Message: m}
	}
	return record{Kind: kindMessage, Message: m}
}

// isMessage reports whether the record is one of Session.Messages: a message, an error or a call.
func (r record) isMessage() bool {
	return r.Kind == kindMessage || r.Kind == kindError || r.Kind == kindCall
}

func (m Message) isPrompt() bool { return m.Role == chat.User }

// isSystem reports whether a message is one of the system or a developer.
func (m Message) isSystem() bool { return m.Role == chat.System || m.Role == "developer" }

// isEnd reports whether a message ends a turn: an answer, or an error instead of one.
func (m Message) isEnd() bool { return m.Role == Error || m.Role == chat.Assistant }

// decodeRecord reads one line; ok is whether it is a record. A record of an unknown kind
// has only its kind: its other fields may be of other types than ours.
func decodeRecord(line []byte) (r record, ok bool) {
	if json.Unmarshal(line, &r) != nil {
		var foreign struct {
			Kind string `json:"kind"`
		}
		_ = json.Unmarshal(line, &foreign)
		switch foreign.Kind {
		case "", kindSession, kindMessage, kindError, kindTitle, kindCall:
			return record{}, false
		}
		return record{Kind: foreign.Kind}, true
	}
	switch r.Kind {
	case kindMessage:
	case kindError:
		r.Role, r.State = Error, chat.Incomplete
	case kindCall:
		r.Role, r.Text = Called, r.Arguments
	case kindTitle:
		r.Role = Title
	default:
		r.Role = ""
	}
	return r, r.Kind != ""
}

// encodeRecords returns records as lines. Markup stays readable: grep, jq and git work on
// them. The error is about a time that JSON cannot express.
func encodeRecords(records ...record) (data []byte, err error) {
	for _, r := range records {
		if data, err = r.encode(data); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// encodeMessages returns records and then messages as lines; a message without a time is
// of now. The records of messages are made one at a time, since a chat can have very many.
func encodeMessages(now time.Time, before []record, messages ...Message) ([]byte, error) {
	data, err := encodeRecords(before...)
	for _, m := range messages {
		if m.Time.IsZero() {
			m.Time = now
		}
		if err == nil {
			data, err = recordOf(m).encode(data)
		}
	}
	return data, err
}

// encode appends the line of a record. The error is that of encodeRecords.
func (r record) encode(data []byte) ([]byte, error) {
	if year := r.Time.Year(); year < 0 || year > 9999 {
		return nil, fmt.Errorf("a record of the year %d", year)
	}
	return r.appendTo(data), nil
}

// appendTo appends the line of a record. It is written by hand: for the first record,
// encoding/json takes a tenth of the time to the first word of an answer, and it holds a
// long text three times.
func (r record) appendTo(b []byte) []byte {
	o := object(append(slices.Grow(b, r.size()), '{')).text("kind", r.Kind)
	if r.Kind == kindSession {
		o = o.number("version", int64(r.Version)).text("id", r.ID)
	}
	o = o.time("time", r.Time)
	switch r.Kind {
	case kindSession:
		if r.ForkOf != nil {
			o = append(object(append(o.key("fork_of"), '{')).text("id", r.ForkOf.ID).number("turn", int64(r.ForkOf.Turn)), '}')
		}
		o = o.json("origin", r.Origin)
	case kindError:
		o = o.text("why", string(r.Why)).text("text", r.Text).some("model", r.Model).json("usage", r.Usage).some("turn", r.Turn)
	case kindTitle:
		o = o.text("text", r.Text)
	case kindCall:
		o = o.text("tool_call_id", r.ToolCallID).text("name", r.Name).text("arguments", r.Text).some("turn", r.Turn)
		o = o.value("start", r.Start)
	case kindMessage:
		o = r.appendMessage(o)
	}
	return append(o, '}', '\n')
}

func (r record) appendMessage(o object) object {
	o = o.text("role", string(r.Role)).text("text", r.Text).some("reasoning", r.Reasoning).some("refusal", r.Refusal)
	o = o.calls(r.ToolCalls).some("model", r.Model).some("profile", r.Profile).some("finish_reason", r.FinishReason)
	o = o.json("usage", r.Usage).some("state", string(r.State)).some("why", string(r.Why)).some("turn", r.Turn)
	if r.Replaced != 0 {
		o = o.number("replaced_bytes", int64(r.Replaced))
	}
	o = o.some("tool_call_id", r.ToolCallID).some("name", r.Name).some("reasoning_field", r.ReasoningField)
	if r.From != (From{}) {
		o = o.value("from", r.From)
	}
	if r.Result != nil {
		o = o.value("result", r.Result)
	}
	return list(list(o.json("opaque", r.Opaque), "output", r.Output), "attachments", r.Parts)
}

// size returns the size of the line, in bytes, unless what is in it beside texts is large.
func (r record) size() int {
	n := 512 + escapedSize(r.Text) + escapedSize(r.Reasoning) + escapedSize(r.Refusal)
	for _, call := range r.ToolCalls {
		n += 64 + escapedSize(call.Arguments)
	}
	return n
}

// object is a JSON object that is being written.
type object []byte

func (o object) key(name string) object {
	if last := len(o) - 1; o[last] != '{' && o[last] != '[' {
		o = append(o, ',')
	}
	return append(append(append(o, '"'), name...), '"', ':')
}

// text adds a string; what is not UTF-8 in it becomes U+FFFD, as in encoding/json.
func (o object) text(key, value string) object {
	if !utf8.ValidString(value) {
		value = string([]rune(value))
	}
	return append(appendEscaped(append(o.key(key), '"'), value), '"')
}

// some adds a string unless it is empty.
func (o object) some(key, value string) object {
	if value == "" {
		return o
	}
	return o.text(key, value)
}

// bytes adds a string of valid UTF-8 unless it is empty.
func (o object) bytes(key string, value []byte) object {
	if len(value) == 0 {
		return o
	}
	return append(appendEscaped(append(o.key(key), '"'), value), '"')
}

func (o object) number(key string, n int64) object { return strconv.AppendInt(o.key(key), n, 10) }

func (o object) time(key string, t time.Time) object {
	return append(t.AppendFormat(append(o.key(key), '"'), time.RFC3339Nano), '"')
}

// json adds JSON, on one line and in UTF-8, unless it is empty or not valid: nothing else is
// lost for a fault in what a service sent.
func (o object) json(key string, value []byte) object {
	var line bytes.Buffer
	if len(value) == 0 || json.Compact(&line, value) != nil {
		return o
	}
	return append(o.key(key), bytes.ToValidUTF8(line.Bytes(), []byte("\uFFFD"))...)
}

// value adds what encoding/json knows how to write.
func (o object) value(key string, v any) object {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // what cannot be written is left out
	return o.json(key, b.Bytes())
}

// calls adds tool calls, or fragments of them, unless there are none.
func (o object) calls(calls []chat.ToolCall) object {
	if len(calls) == 0 {
		return o
	}
	o = append(o.key("tool_calls"), '[')
	for i, call := range calls {
		if i > 0 {
			o = append(o, ',')
		}
		o = append(o, '{').number("index", int64(call.Index)).some("id", call.ID).some("name", call.Name)
		o = append(o.text("arguments", call.Arguments).json("opaque", call.Opaque), '}')
	}
	return append(o, ']')
}

// list adds an array as value does, unless it is empty.
func list[element any](o object, key string, elements []element) object {
	if len(elements) == 0 {
		return o
	}
	return o.value(key, elements)
}

// appendEscaped appends s as the inside of a JSON string.
func appendEscaped[text string | []byte](b []byte, s text) []byte {
	const hex = "0123456789abcdef"
	done := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[done:i]...)
		done = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(b, s[done:]...)
}

// escapedSize returns the size of what appendEscaped appends, in bytes.
func escapedSize(text string) int {
	n := len(text)
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"', c == '\\', c == '\n', c == '\t':
			n++
		case c < ' ':
			n += len(`\u0000`) - 1
		}
	}
	return n
}
