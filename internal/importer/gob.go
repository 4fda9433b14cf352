package importer

import (
	"fmt"
	"math"
	"math/bits"
)

// The limits of a gob. A message of mods has a dozen values, nested five deep.
const (
	maxGobDepth  = 100
	maxGobValues = 1 << 18
)

// gobReader reads the format of encoding/gob, as its documentation has it (Encoding
// Details, https://pkg.go.dev/encoding/gob#hdr-Encoding_Details). That package is not
// made for what a stranger may have written, and costs every start of oax some time.
//
// A value is a bool, int64, uint64, float64, complex128, string, []byte, gobStruct, or
// a []any: the elements of an array or a slice, the keys and elements of a map in turn.
// One that its type encodes itself is a []byte; one of an interface type is skipped.
//
// Each takes a byte at least, and no room is made before its bytes are there. After
// the first problem nothing is read.
type gobReader struct {
	data    []byte
	at, end int                  // end is that of the message
	structs map[int64][]gobField // the types that are structs, by number
	others  map[int64]func() any // how to read a value of another type
	depth   int                  // of the value that is being read
	values  int                  // begun so far
	problem *Problem
}

// gobStruct is a struct as it was sent: without the fields that are zero.
type gobStruct []gobValue

type gobValue struct {
	field string
	value any
}

// readGob returns the first value of a gob. A problem costs a list only the elements
// from there on.
func readGob(data []byte) (any, *Problem) {
	g := newGobReader(data)
	for g.message() {
		id := g.int()
		if id < 0 {
			g.define(-id)
			continue
		}
		if g.structs[id] == nil && g.uint() != 0 {
			g.fail("is damaged: a zero should be before what is no struct")
		}
		value := g.value(id)
		return value, g.problem
	}
	return nil, g.problem
}

// gobValueOf returns the value of a field, or zero where there is none of this type.
func gobValueOf[T any](s gobStruct, field string) (value T) {
	for _, f := range s {
		if f.field == field {
			value, _ = f.value.(T)
		}
	}
	return value
}

// value reads a value of a type.
func (g *gobReader) value(id int64) any {
	g.values++
	g.depth++
	defer func() { g.depth-- }()
	fields, read := g.structs[id], g.others[id]
	switch {
	case g.values > maxGobValues:
		g.fail("has over %d values (limit)", maxGobValues)
	case g.depth > maxGobDepth:
		g.fail("is nested over %d deep (limit)", maxGobDepth)
	case fields != nil:
		return g.fields(fields)
	case read != nil:
		return read()
	default:
		g.fail("is damaged: type %d has no definition", id)
	}
	return nil
}

// fields reads a struct. Before each value is how many fields on it belongs; a zero
// is the end.
func (g *gobReader) fields(fields []gobField) (s gobStruct) {
	for {
		step := g.uint()
		if step == 0 {
			return s
		}
		if step > uint64(len(fields)) {
			g.fail("is damaged: a struct has a value of no field")
			return s
		}
		field := fields[step-1]
		fields = fields[step:]
		s = append(s, gobValue{field.name, g.value(field.kind)})
	}
}

// list returns what reads a list, each element a value of each type.
func (g *gobReader) list(ids ...int64) func() any {
	return func() any {
		list := []any{}
		for range g.uint() {
			for _, id := range ids {
				value := g.value(id)
				if g.problem != nil {
					return list
				}
				list = append(list, value)
			}
		}
		return list
	}
}

// skipInterface passes over the name of a type, its number and a value with its size,
// or an empty name, which is nil.
func (g *gobReader) skipInterface() any {
	if len(g.bytes()) > 0 {
		g.int()
		g.bytes()
	}
	return nil
}

// message goes to the next message and reports whether there is one. The last may be
// cut off.
func (g *gobReader) message() bool {
	g.at, g.end = g.end, len(g.data)
	if size := g.uint(); size < uint64(g.end-g.at) {
		g.end = g.at + int(size)
	}
	return g.problem == nil
}

// uint reads a number: a byte below 0x80, or a count, negated, and as many bytes.
func (g *gobReader) uint() (n uint64) {
	digits := g.take(1)
	if len(digits) > 0 && digits[0] >= 0x80 {
		digits = g.take(0x100 - uint64(digits[0]))
	}
	if len(digits) > 8 {
		g.fail("is damaged: a number has %d bytes", len(digits))
		return 0
	}
	for _, d := range digits {
		n = n<<8 | uint64(d)
	}
	return n
}

// int reads a number whose lowest bit says whether to invert the rest.
func (g *gobReader) int() int64 {
	n := g.uint()
	return int64(n>>1) ^ -int64(n&1)
}

func (g *gobReader) float() float64 { return math.Float64frombits(bits.ReverseBytes64(g.uint())) }

func (g *gobReader) bytes() []byte { return g.take(g.uint()) }

// take returns the next bytes of the message, none where it has fewer.
func (g *gobReader) take(n uint64) []byte {
	if left := g.end - g.at; n > uint64(left) {
		g.fail("is cut off or damaged: %d bytes should follow, %d do", n, left)
		return nil
	}
	taken := g.data[g.at : g.at+int(n)]
	g.at += int(n)
	return taken
}

// fail says what the problem is at this place.
func (g *gobReader) fail(what string, args ...any) {
	if g.problem == nil {
		g.problem = &Problem{Position: fmt.Sprintf("byte %d", g.at), What: fmt.Sprintf(what, args...)}
	}
	g.at, g.end = len(g.data), len(g.data)
}
