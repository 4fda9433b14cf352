package session

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// The records of a turn are written by hand. The first one that encoding/json writes
// takes it a tenth of the time to the first word of an answer, and a long text it holds
// three times.

// object is a JSON object in the making.
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

func (o object) number(key string, n int64) object { return strconv.AppendInt(o.key(key), n, 10) }

func (o object) time(key string, t time.Time) object {
	return append(t.AppendFormat(append(o.key(key), '"'), time.RFC3339Nano), '"')
}

// value adds what encoding/json makes of v, on one line.
func (o object) value(key string, v any) (object, error) {
	data, err := plainJSON(v)
	return append(o.key(key), bytes.TrimRight(data, "\n")...), err
}

// plainJSON is v as encoding/json writes it, on one line, with <, > and & as they are.
func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return b.Bytes(), err
}

// The lines below come without the brace at their end.

func (l headerLine) appendTo(b []byte) (object, error) {
	o := object(append(b, '{')).text("kind", l.Kind).number("version", int64(l.Version)).text("id", l.ID).time("time", l.Time)
	if l.ForkOf == nil {
		return o, nil
	}
	return o.value("fork_of", l.ForkOf)
}

func (l partHead) appendTo(b []byte) (object, error) {
	o := object(append(b, '{')).text("kind", l.Kind).number("pid", int64(l.PID)).time("time", l.Time).text("why", string(l.Why))
	return o.some("model", l.Model).some("profile", l.Profile).number("at", l.At), nil
}

func (l messageLine) appendTo(b []byte) (o object, err error) {
	o = append(slices.Grow(b, l.size()), '{')
	o = o.text("kind", l.Kind).time("time", l.Time).text("role", string(l.Role)).
		text("text", l.Text).some("reasoning", l.Reasoning).some("refusal", l.Refusal)
	if len(l.ToolCalls) > 0 {
		o = l.appendCalls(append(o.key("tool_calls"), '['))
	}
	o = o.some("model", l.Model).some("profile", l.Profile).some("finish_reason", l.FinishReason)
	if len(l.Usage) > 0 {
		o, err = o.value("usage", l.Usage)
	}
	o = o.some("state", string(l.State)).some("why", string(l.Why))
	if l.Replaced != 0 {
		o = o.number("replaced_bytes", int64(l.Replaced))
	}
	if len(l.Attachments) > 0 && err == nil {
		o, err = o.value("attachments", l.Attachments)
	}
	return o, err
}

func (l messageLine) appendCalls(o object) object {
	for i, call := range l.ToolCalls {
		if i > 0 {
			o = append(o, ',')
		}
		o = append(o, '{').number("index", int64(call.Index)).some("id", call.ID).some("name", call.Name)
		o = append(o.text("arguments", call.Arguments), '}')
	}
	return append(o, ']')
}

// size is that of the line, in bytes, unless what is in it beside texts is large.
func (l messageLine) size() int {
	n := 512 + escapedSize(l.Text) + escapedSize(l.Reasoning) + escapedSize(l.Refusal)
	for _, call := range l.ToolCalls {
		n += 64 + escapedSize(call.Arguments)
	}
	return n
}

// escapedSize is that of what appendEscaped makes of a text, in bytes.
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
