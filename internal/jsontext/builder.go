package jsontext

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"
)

// Builder is a JSON object that is being written.
type Builder []byte

// Key adds the name of a field, whose value is to follow.
func (o Builder) Key(name string) Builder {
	if last := len(o) - 1; o[last] != '{' && o[last] != '[' {
		o = append(o, ',')
	}
	return append(append(append(o, '"'), name...), '"', ':')
}

// Text adds a string; what is not UTF-8 in it becomes U+FFFD, as in encoding/json.
func (o Builder) Text(key, value string) Builder {
	if !utf8.ValidString(value) {
		value = string([]rune(value))
	}
	return append(appendEscaped(append(o.Key(key), '"'), value), '"')
}

// Some adds a string unless it is empty.
func (o Builder) Some(key, value string) Builder {
	if value == "" {
		return o
	}
	return o.Text(key, value)
}

// Bytes adds a string of valid UTF-8 unless it is empty.
func (o Builder) Bytes(key string, value []byte) Builder {
	if len(value) == 0 {
		return o
	}
	return append(appendEscaped(append(o.Key(key), '"'), value), '"')
}

// Number adds an integer.
func (o Builder) Number(key string, n int64) Builder { return strconv.AppendInt(o.Key(key), n, 10) }

// Time adds a time to the nanosecond.
func (o Builder) Time(key string, t time.Time) Builder {
	return append(t.AppendFormat(append(o.Key(key), '"'), time.RFC3339Nano), '"')
}

// JSON adds JSON, on one line and in UTF-8, unless it is empty or not valid: nothing else is
// lost for a fault in what a service sent.
func (o Builder) JSON(key string, value []byte) Builder {
	var line bytes.Buffer
	if len(value) == 0 || json.Compact(&line, value) != nil {
		return o
	}
	return append(o.Key(key), bytes.ToValidUTF8(line.Bytes(), []byte("\uFFFD"))...)
}

// Value adds what encoding/json knows how to write.
func (o Builder) Value(key string, v any) Builder {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // what cannot be written is left out
	return o.JSON(key, b.Bytes())
}

// List adds an array as value does, unless it is empty.
func List[element any](o Builder, key string, elements []element) Builder {
	if len(elements) == 0 {
		return o
	}
	return o.Value(key, elements)
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

// EscapedSize returns the size of text as the inside of a JSON string that a Builder writes, in
// bytes.
func EscapedSize(text string) int {
	n := 0
	for i := range len(text) {
		n += EscapedByte(text[i])
	}
	return n
}

// EscapedByte is EscapedSize for one byte of a text.
func EscapedByte(c byte) int {
	switch {
	case c == '"', c == '\\', c == '\n', c == '\t':
		return 2
	case c < ' ':
		return len(`\u0000`)
	}
	return 1
}
