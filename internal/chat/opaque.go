package chat

import (
	"bytes"
	"encoding/json"
	"maps"
)

// maxOpaque bounds the opaque fields of an answer, in bytes. Beyond it there are none: a
// service does not take back a part of them.
const maxOpaque = 4 << 20

// opaque gathers the fields of Message.Opaque. The zero value is ready for use.
type opaque struct {
	fields object
	arrays map[string]*array
	size   int
}

// object is a JSON object.
type object map[string]json.RawMessage

// array is a JSON array while its elements arrive.
type array struct {
	done []json.RawMessage
	last object // the last element, if that is an object: more of it may come
}

// valueSize is what a value takes in memory beside its bytes, about.
const valueSize = 64

// add takes a JSON object of fields. A value replaces the one before, but an array goes
// on: its elements are added to those that came.
func (o *opaque) add(fields json.RawMessage) {
	var decoded object
	if len(fields) == 0 || o.size > maxOpaque || json.Unmarshal(fields, &decoded) != nil {
		return
	}
	for name, value := range decoded {
		var elements []json.RawMessage
		if value[0] != '[' || json.Unmarshal(value, &elements) != nil {
			o.set(name, value)
			continue
		}
		if o.arrays == nil {
			o.arrays = map[string]*array{}
		}
		if o.arrays[name] == nil {
			o.arrays[name] = &array{done: []json.RawMessage{}}
		}
		for _, e := range elements {
			o.size += o.arrays[name].add(e)
		}
	}
	if o.size > maxOpaque {
		*o = opaque{size: o.size}
	}
}

// set replaces the value of a field.
func (o *opaque) set(name string, value json.RawMessage) {
	if before, ok := o.fields[name]; ok {
		o.size -= len(before) + valueSize
	}
	o.size += len(value) + valueSize
	o.fields.set(name, value)
}

// end returns the fields as a JSON object, or nothing if there are none.
func (o *opaque) end() json.RawMessage {
	all := maps.Clone(o.fields)
	for name, a := range o.arrays {
		all.set(name, encode(a.elements()))
	}
	if len(all) == 0 {
		return nil
	}
	return encode(all)
}

// add adds an element and returns what it takes in memory, in bytes. An object with the
// type and the index of the last one goes on with that: its text or summary is joined to
// what came and its other fields are added, as OpenRouter sends reasoning_details in
// pieces. What is encrypted comes whole.
func (a *array) add(e json.RawMessage) (size int) {
	var piece object
	_ = json.Unmarshal(e, &piece) // not an object: nil
	if !piece.goesOn(a.last) {
		a.done, a.last = a.elements(), piece
		if piece == nil {
			a.done = append(a.done, e)
		}
		return len(e) + valueSize
	}
	for name, value := range piece {
		have := a.last[name]
		switch joins := name == "text" || name == "summary"; {
		case joins && isString(have) && isString(value):
			a.last[name] = append(have[:len(have)-1], value[1:]...)
			size += len(value)
		case have == nil || string(value) != "null":
			a.last[name] = value
			size += len(value) - len(have)
		}
	}
	return size
}

// elements returns the elements as they are now.
func (a *array) elements() []json.RawMessage {
	if a.last == nil {
		return a.done
	}
	return append(a.done, encode(a.last))
}

// goesOn reports whether an object is a piece of the last one.
func (o object) goesOn(last object) bool {
	return last != nil && o["type"] != nil && o["data"] == nil && last["data"] == nil &&
		string(o["type"]) == string(last["type"]) && string(o["index"]) == string(last["index"])
}

func (o *object) set(name string, value json.RawMessage) {
	if *o == nil {
		*o = object{}
	}
	(*o)[name] = value
}

func isString(value json.RawMessage) bool { return len(value) > 0 && value[0] == '"' }

// encode returns v as JSON, with markup as it is.
func encode(v any) json.RawMessage {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(v) // what was decoded can be encoded
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
