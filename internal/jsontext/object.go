package jsontext

import (
	"bytes"
	"encoding/json"
)

// Object holds the members of a JSON object in their order.
type Object []Member

// Member is a name, with escapes undone, and a value as it is written.
type Member struct{ Name, Value []byte }

// maxMembers is how many members of an object are kept. Those that follow are passed over.
const maxMembers = 1 << 10

// Read reads a JSON object, whose memory the members share. It uses the memory of the
// members before again. For any other value it returns false, and the members mean nothing.
func (o *Object) Read(raw []byte) bool {
	d := Decoder{data: raw}
	return o.ReadNext(&d) && d.AtEnd()
}

// ReadNext is Read for the next value of d, and goes behind it.
func (o *Object) ReadNext(d *Decoder) bool {
	*o = (*o)[:0]
	if !d.Enter('{') {
		d.SkipValue()
		return false
	}
	for d.More('}') {
		m := Member{d.ReadName(), d.ReadValue()}
		if len(*o) < maxMembers {
			*o = append(*o, m)
		}
	}
	return !d.failed
}

// Get returns the value with a name, the last of two, or nil if there is none.
func (o Object) Get(name string) []byte {
	for i := len(o) - 1; i >= 0; i-- {
		if string(o[i].Name) == name {
			return o[i].Value
		}
	}
	return nil
}

// Encode returns the object as JSON that can be kept (see Copy), or nil if it has no members.
func (o Object) Encode() json.RawMessage {
	if len(o) == 0 {
		return nil
	}
	b := []byte{'{'}
	for _, m := range o {
		name, _ := json.Marshal(string(m.Name))
		b = append(append(append(append(b, name...), ':'), m.Value...), ',')
	}
	b[len(b)-1] = '}'
	return Copy(b)
}

// Copy returns a copy of JSON that is kept as it is, with U+FFFD for what is not UTF-8.
func Copy(raw []byte) json.RawMessage { return bytes.ToValidUTF8(raw, []byte("\ufffd")) }
