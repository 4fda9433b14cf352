// Package jsontext reads JSON (RFC 8259) value by value, without copies, and accepts exactly
// what encoding/json accepts. It reads what services send: strings in it may be torn, with
// half a character at the end of one and the rest at the beginning of the next, see Repair.
//
// It is to go when encoding/json/jsontext, whose names it has, is no experiment any more.
package jsontext

import (
	"bytes"
	"encoding/binary"
	"iter"
	"math/bits"
)

// Decoder reads the values of some data. After the first error its methods find nothing
// more: a caller reads on and asks AtEnd.
//
//	if d.Enter('{') {
//		for d.More('}') {
//			name, value := d.ReadName(), d.ReadValue()
//		}
//	}
type Decoder struct {
	data   []byte
	offset int // of the next byte
	depth  int // how many objects and arrays are open
	first  bool
	failed bool
}

// NewDecoder returns a Decoder of data, which it does not copy.
func NewDecoder(data []byte) Decoder { return Decoder{data: data} }

// maxDepth is how many objects and arrays may lie in one another, as in encoding/json.
const maxDepth = 10_000

func (d *Decoder) fail() bool {
	d.failed, d.offset = true, len(d.data)
	return false
}

// AtEnd reports whether all data has been read and was valid.
func (d *Decoder) AtEnd() bool { return d.PeekKind() == 0 && d.offset == len(d.data) && !d.failed }

// PeekKind skips white space and returns the byte after it, with which the next value
// begins, or 0 at the end.
func (d *Decoder) PeekKind() byte {
	for ; d.offset < len(d.data); d.offset++ {
		c := d.data[d.offset]
		if c > ' ' || c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return c
		}
	}
	return 0
}

// Enter goes into the object or array that comes next, or returns false if the next
// value does not begin with open.
func (d *Decoder) Enter(open byte) bool {
	if d.PeekKind() != open {
		return false
	}
	if d.depth++; d.depth > maxDepth {
		return d.fail()
	}
	d.offset++
	d.first = true
	return true
}

// More goes to the next name of an object or value of an array, or behind the end of
// the object or array, which is the byte end, and returns false.
func (d *Decoder) More(end byte) bool {
	first := d.first
	d.first = false
	switch c := d.PeekKind(); {
	case c == end:
		d.offset++
		d.depth--
		return false
	case first && c != 0:
		return true
	case c == ',':
		d.offset++
		// More is not asked a second time before a value, so that [1,] is an error.
		return true
	}
	return d.fail()
}

// ReadName returns the name of a field, with escapes undone, and goes to its value.
func (d *Decoder) ReadName() []byte {
	d.PeekKind()
	name, escaped := d.readString()
	if d.PeekKind() != ':' {
		d.fail()
		return nil
	}
	d.offset++
	if escaped {
		return AppendUnquote(nil, name)
	}
	return name[1 : len(name)-1]
}

// ReadValue returns the next value as it is written, or nil after an error. It is part
// of the data.
func (d *Decoder) ReadValue() []byte {
	kind := d.PeekKind()
	begin := d.offset
	d.skip(kind)
	if d.failed {
		return nil
	}
	return d.data[begin:d.offset]
}

// SkipValue goes behind the next value.
func (d *Decoder) SkipValue() { d.skip(d.PeekKind()) }

func (d *Decoder) skip(kind byte) {
	switch kind {
	case '"':
		d.readString()
	case '{':
		for d.Enter('{'); d.More('}'); {
			d.ReadName()
			d.SkipValue()
		}
	case '[':
		for d.Enter('['); d.More(']'); {
			d.SkipValue()
		}
	case 'n':
		d.word("null")
	case 't':
		d.word("true")
	case 'f':
		d.word("false")
	default:
		d.number()
	}
}

// take goes behind a byte if it is the next.
func (d *Decoder) take(c byte) bool {
	if d.offset < len(d.data) && d.data[d.offset] == c {
		d.offset++
		return true
	}
	return false
}

func (d *Decoder) word(word string) {
	if !bytes.HasPrefix(d.data[d.offset:], []byte(word)) {
		d.fail()
		return
	}
	d.offset += len(word)
}

// number reads a number as RFC 8259, section 6, defines it.
func (d *Decoder) number() {
	d.take('-')
	if !d.take('0') {
		d.digits()
	}
	if d.take('.') {
		d.digits()
	}
	if d.take('e') || d.take('E') {
		if !d.take('+') {
			d.take('-')
		}
		d.digits()
	}
}

// digits reads one or more.
func (d *Decoder) digits() {
	begin := d.offset
	for d.offset < len(d.data) && d.data[d.offset] >= '0' && d.data[d.offset] <= '9' {
		d.offset++
	}
	if d.offset == begin {
		d.fail()
	}
}

// readString returns a string with its quotes and escapes, and whether it has any.
func (d *Decoder) readString() (raw []byte, escaped bool) {
	begin := d.offset
	if !d.take('"') {
		return nil, d.fail()
	}
	if escaped = d.restOfString(); d.failed {
		return nil, false
	}
	return d.data[begin:d.offset], escaped
}

// restOfString goes behind the end of a string and reports whether there are escapes.
func (d *Decoder) restOfString() (escaped bool) {
	for d.skipOrdinary(); d.offset < len(d.data); d.skipOrdinary() {
		d.offset++
		switch d.data[d.offset-1] {
		case '"':
			return escaped
		case '\\':
			escaped = true
			if !d.escape() {
				return d.fail()
			}
		default: // a control character
			return d.fail()
		}
	}
	return d.fail()
}

// StringEnd returns the offset of the quote that ends the string whose inside begins at
// from, and whether there are escapes in it. The offset is negative if it is no string.
func StringEnd(data []byte, from int) (end int, escaped bool) {
	d := Decoder{data: data, offset: from}
	if escaped = d.restOfString(); d.failed {
		return -1, false
	}
	return d.offset - 1, escaped
}

// skipOrdinary goes behind the bytes of a string that are no quote, backslash or
// control character, eight at a time: the lowest high bit in special is that of the
// first byte which is one.
func (d *Decoder) skipOrdinary() {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	rest := d.data[d.offset:]
	for len(rest) >= 8 {
		word := binary.LittleEndian.Uint64(rest)
		quotes, slashes := word^(ones*'"'), word^(ones*'\\')
		special := ((word - ones*' ') | (quotes - ones) | (slashes - ones)) &^ word & highs
		if special != 0 {
			d.offset = len(d.data) - len(rest) + bits.TrailingZeros64(special)/8
			return
		}
		rest = rest[8:]
	}
	for len(rest) > 0 && rest[0] >= ' ' && rest[0] != '"' && rest[0] != '\\' {
		rest = rest[1:]
	}
	d.offset = len(d.data) - len(rest)
}

// escape goes behind what follows a backslash.
func (d *Decoder) escape() bool {
	if d.offset == len(d.data) {
		return false
	}
	d.offset++
	switch d.data[d.offset-1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		ok := hex4(d.data[d.offset:]) >= 0
		d.offset += 4
		return ok
	}
	return false
}

// hex4 returns the value of the four hexadecimal digits with which s begins, or -1.
func hex4(s []byte) rune {
	if len(s) < 4 {
		return -1
	}
	var r rune
	for _, c := range s[:4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}

// Field returns the value of a field of a JSON object as it is written, the last of
// two with that name. It returns nil if there is none or raw is not an object. See Object
// for several fields.
func Field(raw []byte, name string) []byte {
	d := Decoder{data: raw}
	if !d.Enter('{') {
		return nil
	}
	var value []byte
	for d.More('}') {
		if string(d.ReadName()) == name {
			value = d.ReadValue()
		} else {
			d.SkipValue()
		}
	}
	if !d.AtEnd() {
		return nil
	}
	return value
}

// Elements yields the values of a valid JSON array as they are written, and nothing
// for any other value.
func Elements(raw []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		d := Decoder{data: raw}
		if !d.Enter('[') {
			return
		}
		for d.More(']') && yield(d.ReadValue()) {
		}
	}
}

// IsPresent reports whether a field is there and not null.
func IsPresent(raw []byte) bool { return len(raw) > 0 && string(raw) != "null" }

// IsEmpty reports whether a field is missing or holds a value that stands for nothing.
func IsEmpty(raw []byte) bool {
	switch string(raw) {
	case "", "null", "false", `""`, "{}", "[]", "0":
		return true
	}
	return false
}
