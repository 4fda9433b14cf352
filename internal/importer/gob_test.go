package importer

import (
	"encoding/gob"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"oax/internal/chat"
)

// gobAll has a field of each kind that a gob knows.
type gobAll struct {
	Bool      bool
	Int       int64
	Small     int8
	Uint      uint64
	Float     float64
	Complex   complex128
	Bytes     []byte
	Text      string
	Array     [2]int
	Texts     []string
	Map       map[string]int
	Pointer   *int64
	Nil       any
	Interface any
	Itself    time.Time
	Nothing   struct{}
	Within    struct{ A, B string }
	Tree      []gobAll
}

// expected is what the reader is to make of a value.
func expected(v reflect.Value) any {
	switch {
	case v.CanInt():
		return v.Int()
	case v.CanUint():
		return v.Uint()
	case v.CanFloat():
		return v.Float()
	case v.CanComplex():
		return v.Complex()
	case v.Type() == reflect.TypeFor[[]byte]():
		return v.Bytes()
	case v.Type() == reflect.TypeFor[time.Time]():
		data, _ := v.Interface().(time.Time).GobEncode()
		return data
	}
	list := []any{}
	switch v.Kind() {
	case reflect.Bool:
		return v.Bool()
	case reflect.String:
		return v.String()
	case reflect.Pointer:
		return expected(v.Elem())
	case reflect.Interface:
		return nil
	case reflect.Struct:
		return expectedStruct(v)
	case reflect.Map:
		for key, element := range v.Seq2() {
			list = append(list, expected(key), expected(element))
		}
	default:
		for i := range v.Len() {
			list = append(list, expected(v.Index(i)))
		}
	}
	return list
}

func expectedStruct(v reflect.Value) (s gobStruct) {
	for i := range v.NumField() {
		if f := v.Field(i); sent(f) {
			s = append(s, gobValue{v.Type().Field(i).Name, expected(f)})
		}
	}
	return s
}

// sent reports whether a gob has a field: zero is left out, but for arrays and structs.
func sent(f reflect.Value) bool {
	switch {
	case f.Type() == reflect.TypeFor[time.Time]():
		return !f.IsZero()
	case f.CanFloat():
		return f.Float() != 0
	case f.CanComplex():
		return f.Complex() != 0
	case f.Kind() == reflect.Slice:
		return f.Len() > 0
	case f.Kind() == reflect.Pointer:
		return !f.IsNil() && sent(f.Elem())
	}
	return !f.IsZero() || f.Kind() == reflect.Array || f.Kind() == reflect.Struct
}

// FuzzGob holds the reader against the package that writes gobs, and what is read of
// each form of mods against what was written.
func FuzzGob(f *testing.F) {
	gob.Register(gobAll{})
	f.Add("user", "hi", "c1", []byte(`{"page":1}`), int64(1), 1.5, uint8(3))
	f.Add("assistant", "猫\x00\xff", "", []byte{}, int64(math.MinInt64), math.NaN(), uint8(1))
	f.Add("assistant", strings.Repeat("long", 100), "id", []byte("x"), int64(-129), math.Copysign(0, -1), uint8(2))
	f.Add("", "", "", []byte{}, int64(0), 0.0, uint8(0))
	f.Fuzz(func(t *testing.T, role, content, name string, arguments []byte, n int64, x float64, count uint8) {
		now, openai := modsNow{Role: role, Content: content}, modsOpenAI{Role: role, Content: content, Name: name}
		want := Message{Message: chat.Message{Role: chat.Role(role), Text: content}}
		plainly := want
		for range count % 4 {
			now.call(name, content, arguments)
			openai.call(name, content, string(arguments))
			if role == "assistant" {
				want.ToolCalls = append(want.ToolCalls, chat.ToolCall{ID: name, Name: content, Arguments: string(arguments)})
			}
		}
		sameMods(t, []modsFirst{{content, role}, {role, content}, {}}, plainly)
		sameMods(t, []modsNow{now, {}, now}, want)
		sameMods(t, []modsOpenAI{openai, {}, openai}, want)
		all := gobAll{n > 0, n, int8(n), uint64(n), x, complex(x, float64(n)), arguments, content, [2]int{0, int(n)}, []string{"", name},
			map[string]int{name: int(n)}, &n, nil, gobAll{Int: n}, time.Unix(n>>30, n).UTC(), struct{}{}, struct{ A, B string }{"", name}, nil}
		all.Tree = []gobAll{{}, all, {Tree: []gobAll{{Text: name, Map: map[string]int{}}}}}
		for _, v := range []any{all, &all, all.Tree, n, content, arguments, all.Map, [1]bool{true}, []any{nil, n}, struct{ Empty map[string]bool }{}} {
			sameGob(t, v)
		}
	})
}

func (m *modsNow) call(id, name string, arguments []byte) {
	c := modsTool{ID: id}
	c.Function.Name, c.Function.Arguments = name, arguments
	m.ToolCalls = append(m.ToolCalls, c)
}

func (m *modsOpenAI) call(id, name, arguments string) {
	c := modsCall{ID: id, Index: new(int)}
	c.Function.Name, c.Function.Arguments = name, arguments
	m.ToolCalls = append(m.ToolCalls, c)
}

func sameGob(t *testing.T, v any) {
	t.Helper()
	got, problem := readGob([]byte(gobOf(t, v)))
	if got, want := fmt.Sprintf("%#v", got), fmt.Sprintf("%#v", expected(reflect.ValueOf(v))); problem != nil || got != want {
		t.Errorf("%v\n got %s\nwant %s", problem, got, want)
	}
}

// sameMods wants the first of the messages read.
func sameMods(t *testing.T, messages any, want Message) {
	t.Helper()
	sameGob(t, messages)
	got, problem := parseMods([]byte(gobOf(t, messages)))
	if problem != nil || len(got) != 3 || !reflect.DeepEqual(got[0], want) {
		t.Errorf("%v\n got %+v\nwant %+v", problem, got, want)
	}
}
