package record

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"oax/internal/chat"
	"oax/internal/jsontext"
)

// What a line of a session file says, and how it is written.

// FormatVersion is the newest format that this program can write.
const FormatVersion = 1

// The kinds of records. How lines of some begin is in lines.go.
const (
	KindSession = "session"
	KindMessage = "message"
	KindError   = "error"
	KindTitle   = "title"
	KindCall    = "call"
)

// Record is a line of a session. Which fields it has depends on its kind: AppendTo
// tells. A reader takes any field of any kind. The roles of an error, a call and a title are
// Error, Called and Title; a record of another kind that is no message has no role.
type Record struct {
	Kind      string          `json:"kind"`
	Version   int             `json:"version"`
	ID        string          `json:"id"`
	ForkOf    *Fork           `json:"fork_of"`
	Origin    json.RawMessage `json:"origin"`    // an Origin
	Arguments string          `json:"arguments"` // of a call; the Text of its message
	Message

	Offset int64 `json:"-"` // where the line begins in the file
}

// NewHeader returns the first record of a session, which can be a copy of another one.
func NewHeader(id string, began time.Time, from *Fork) Record {
	return Record{Kind: KindSession, Version: FormatVersion, ID: id, ForkOf: from, Message: Message{Time: began}}
}

// NewTitle returns the record that gives a session a title.
func NewTitle(at time.Time, title string) Record {
	return Record{Kind: KindTitle, Message: Message{Message: chat.Message{Role: Title, Text: title}, Time: at}}
}

// Of returns the record of a message; one in the role Error or Called makes a record of
// that kind.
func Of(m Message) Record {
	switch m.Role {
	case Error:
		return Record{Kind: KindError, Message: m}
	case Called:
		return Record{Kind: KindCall, Message: m}
	}
	return Record{Kind: KindMessage, Message: m}
}

// IsMessage reports whether the record is one of the messages of a chat: a message, an error or a call.
func (r Record) IsMessage() bool {
	return r.Kind == KindMessage || r.Kind == KindError || r.Kind == KindCall
}

// Encode returns records as lines. Markup stays readable: grep, jq and git work on
// them. The error is about a time that JSON cannot express.
func Encode(records ...Record) (data []byte, err error) {
	for _, r := range records {
		if data, err = r.encode(data); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// EncodeMessages returns records and then messages as lines; a message without a time is
// of now. The records of messages are made one at a time, since a chat can have very many.
func EncodeMessages(now time.Time, before []Record, messages ...Message) ([]byte, error) {
	data, err := Encode(before...)
	for _, m := range messages {
		if m.Time.IsZero() {
			m.Time = now
		}
		if err == nil {
			data, err = Of(m).encode(data)
		}
	}
	return data, err
}

// encode appends the line of a record. The error is that of encodeRecords.
func (r Record) encode(data []byte) ([]byte, error) {
	if year := r.Time.Year(); year < 0 || year > 9999 {
		return nil, fmt.Errorf("a record of the year %d", year)
	}
	return r.AppendTo(data), nil
}

// AppendTo appends the line of a record. It is written by hand: for the first record,
// encoding/json takes a tenth of the time to the first word of an answer, and it holds a
// long text three times.
func (r Record) AppendTo(b []byte) []byte {
	o := jsontext.Builder(append(slices.Grow(b, r.size()), '{')).Text("kind", r.Kind)
	if r.Kind == KindSession {
		o = o.Number("version", int64(r.Version)).Text("id", r.ID)
	}
	o = o.Time("time", r.Time)
	switch r.Kind {
	case KindSession:
		if r.ForkOf != nil {
			o = append(jsontext.Builder(append(o.Key("fork_of"), '{')).Text("id", r.ForkOf.ID).Number("turn", int64(r.ForkOf.Turn)), '}')
		}
		o = o.JSON("origin", r.Origin)
	case KindError:
		o = o.Text("why", string(r.Why)).Text("text", r.Text).Some("model", r.Model).JSON("usage", r.Usage).Some("turn", r.Turn)
	case KindTitle:
		o = o.Text("text", r.Text)
	case KindCall:
		o = o.Text("tool_call_id", r.ToolCallID).Text("name", r.Name).Text("arguments", r.Text).Some("turn", r.Turn)
		o = o.Value("start", r.Start)
	case KindMessage:
		o = r.appendMessage(o)
	}
	return append(o, '}', '\n')
}

func (r Record) appendMessage(o jsontext.Builder) jsontext.Builder {
	o = o.Text("role", string(r.Role)).Text("text", r.Text).Some("reasoning", r.Reasoning).Some("refusal", r.Refusal)
	o = AppendCalls(o, r.ToolCalls).Some("model", r.Model).Some("profile", r.Profile).Some("finish_reason", r.FinishReason)
	o = o.JSON("usage", r.Usage).Some("state", string(r.State)).Some("why", string(r.Why)).Some("turn", r.Turn)
	if r.Replaced != 0 {
		o = o.Number("replaced_bytes", int64(r.Replaced))
	}
	o = o.Some("tool_call_id", r.ToolCallID).Some("name", r.Name).Some("reasoning_field", r.ReasoningField)
	if r.From != (From{}) {
		o = o.Value("from", r.From)
	}
	if r.Result != nil {
		o = o.Value("result", r.Result)
	}
	return jsontext.List(jsontext.List(o.JSON("opaque", r.Opaque), "output", r.Output), "attachments", r.Parts)
}

// size returns the size of the line, in bytes, unless what is in it beside texts is large.
func (r Record) size() int {
	n := 512 + jsontext.EscapedSize(r.Text) + jsontext.EscapedSize(r.Reasoning) + jsontext.EscapedSize(r.Refusal)
	for _, call := range r.ToolCalls {
		n += 64 + jsontext.EscapedSize(call.Arguments)
	}
	return n
}

// AppendCalls adds tool calls, or fragments of them, unless there are none.
func AppendCalls(o jsontext.Builder, calls []chat.ToolCall) jsontext.Builder {
	if len(calls) == 0 {
		return o
	}
	o = append(o.Key("tool_calls"), '[')
	for i, call := range calls {
		if i > 0 {
			o = append(o, ',')
		}
		o = append(o, '{').Number("index", int64(call.Index)).Some("id", call.ID).Some("name", call.Name)
		o = append(o.Text("arguments", call.Arguments).JSON("opaque", call.Opaque), '}')
	}
	return append(o, ']')
}
