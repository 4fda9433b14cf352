package session

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"

	"oax/internal/chat"
)

// rawMessage is a message in a line of this program's making, its texts as they are
// in the JSON.
type rawMessage struct {
	role                     chat.Role
	text, reasoning, refusal []byte
}

// cutMessage takes a line apart without decoding it: it knows the order in which this
// program writes the fields. What follows them is taken for whole if it ends well.
func cutMessage(line []byte) (m rawMessage, ok bool) {
	rest, begins := bytes.CutPrefix(line, []byte(`{"kind":"message","time":"`))
	if !begins || !bytes.HasSuffix(line, []byte("}\n")) {
		return m, false
	}
	_, rest, _ = bytes.Cut(rest[:len(rest):len(rest)], []byte(`"`))
	role, rest, ok := cutField(rest, `,"role":"`)
	if !ok || bytes.IndexByte(role, '\\') >= 0 {
		return m, false
	}
	m.role = chat.Role(role)
	if m.text, rest, ok = cutField(rest, `,"text":"`); !ok {
		return m, false
	}
	m.reasoning, rest, _ = cutField(rest, `,"reasoning":"`)
	m.refusal, _, _ = cutField(rest, `,"refusal":"`)
	return m, true
}

// cutField cuts a string, as it is between its quotes, off the front of an object's
// fields.
func cutField(fields []byte, key string) (value, rest []byte, ok bool) {
	if !bytes.HasPrefix(fields, []byte(key)) {
		return nil, fields, false
	}
	start := len(key) - 1
	end := stringEnd(fields, start)
	if end > len(fields)-1 {
		return nil, fields, false
	}
	return fields[start+1 : end-1], fields[end:], true
}

// unquote appends the text that stands between the quotes of a JSON string.
func unquote(dst, raw []byte) []byte {
	if !utf8.Valid(raw) {
		return unquoteOdd(dst, raw)
	}
	start := len(dst)
	for rest := raw; ; {
		at := bytes.IndexByte(rest, '\\')
		if at < 0 || at == len(rest)-1 {
			return append(dst, rest...)
		}
		c := plainEscape(rest[at+1])
		if c == 0 {
			return unquoteOdd(dst[:start], raw)
		}
		dst = append(append(dst, rest[:at]...), c)
		rest = rest[at+2:]
	}
}

// plainEscape returns the character that is written with a backslash before it as c,
// or 0.
func plainEscape(c byte) byte {
	switch c {
	case '"', '\\', '/':
		return c
	case 'n':
		return '\n'
	case 't':
		return '\t'
	case 'r':
		return '\r'
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	}
	return 0
}

// unquoteOdd is unquote for what is rare.
func unquoteOdd(dst, raw []byte) []byte {
	var text string
	quoted := append(append([]byte{'"'}, raw...), '"')
	if json.Unmarshal(quoted, &text) != nil {
		return dst
	}
	return append(dst, text...)
}
