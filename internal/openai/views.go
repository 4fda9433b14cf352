package openai

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// object returns the fields of a JSON object with its keys as they are: decoding into a
// struct would take "CONTENT" for "content". The last of two equal keys counts. The
// values lie in raw: an event of 8 MiB is not copied at every level of it.
func object(raw []byte) (map[string]json.RawMessage, bool) {
	w, ok := viewOf(raw, '{')
	if !ok {
		return nil, false
	}
	fields := map[string]json.RawMessage{}
	for w.more() {
		name := w.value()
		w.next() // the colon
		fields[key(name)] = w.value()
	}
	return fields, true
}

// array is the same for an array.
func array(raw []byte) ([]json.RawMessage, bool) {
	w, ok := viewOf(raw, '[')
	if !ok {
		return nil, false
	}
	var values []json.RawMessage
	for w.more() {
		values = append(values, w.value())
	}
	return values, true
}

// key returns a name without its quotes and escapes.
func key(raw []byte) string {
	if inside := raw[1 : len(raw)-1]; isPlain(inside) && utf8.Valid(inside) {
		return string(inside)
	}
	return text(raw)
}

// view goes through the values of a JSON object or array that is known to be valid.
type view struct {
	b []byte
	i int
}

func viewOf(raw []byte, opening byte) (*view, bool) {
	raw = bytes.TrimLeft(raw, space)
	if len(raw) == 0 || raw[0] != opening || !json.Valid(raw) {
		return nil, false
	}
	return &view{b: raw, i: 1}, true
}

const space = " \t\r\n"

// next returns the next byte that is no space, and moves behind it.
func (v *view) next() byte {
	for bytes.IndexByte([]byte(space), v.b[v.i]) >= 0 {
		v.i++
	}
	v.i++
	return v.b[v.i-1]
}

// more reports whether a value follows, and moves to it.
func (v *view) more() bool {
	switch v.next() {
	case '}', ']':
		return false
	case ',':
	default:
		v.i--
	}
	return true
}

// value returns the value that comes next.
func (v *view) value() json.RawMessage {
	v.next()
	from, depth := v.i-1, 0
	for v.i--; ; {
		switch v.b[v.i] {
		case '"':
			v.string()
		case '{', '[':
			depth++
			v.i++
		case '}', ']':
			depth--
			v.i++
		case ',', ':', ' ', '\t', '\r', '\n':
			v.i++
		default:
			v.literal()
		}
		if depth == 0 {
			return v.b[from:v.i:v.i]
		}
	}
}

// string moves behind a string.
func (v *view) string() {
	for v.i++; v.b[v.i] != '"'; v.i++ {
		if v.b[v.i] == '\\' {
			v.i++
		}
	}
	v.i++
}

// literal moves behind a number, true, false or null.
func (v *view) literal() {
	for v.i < len(v.b) && bytes.IndexByte([]byte(`,:{}[]" `+"\t\r\n"), v.b[v.i]) < 0 {
		v.i++
	}
}
