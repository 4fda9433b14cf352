package importer

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// gobNumber is how a gob has a number that is not negative.
func gobNumber(n uint64) string {
	if n < 0x80 {
		return string([]byte{byte(n)})
	}
	digits := strings.TrimLeft(string(binary.BigEndian.AppendUint64(nil, n)), "\x00")
	return string([]byte{byte(-len(digits))}) + digits
}

func gobSigned(n int64) string { return gobNumber(uint64(n<<1) ^ uint64(n>>63)) }

// gobMessage is a message about a type: its definition if the number is negative, or
// a value.
func gobMessage(id int64, rest string) string {
	rest = gobSigned(id) + rest
	return gobNumber(uint64(len(rest))) + rest
}

func gobSliceOf(id int64) string { return "\x02\x01\x00\x01" + gobSigned(id) + "\x00\x00" }

func gobMapOf(key, element int64) string {
	return "\x04\x01\x00\x01" + gobSigned(key) + "\x01" + gobSigned(element) + "\x00\x00"
}

// gobStructOf is a struct with a field of the name.
func gobStructOf(name string, id int64) string {
	return "\x03\x01\x00\x01\x01\x01" + gobNumber(uint64(len(name))) + name + "\x01" + gobSigned(id) + "\x00\x00\x00"
}

// A gob of a stranger takes no more memory than a small multiple of its size, and is
// read as far as it makes sense.
func TestHostileGob(t *testing.T) {
	huge := gobNumber(math.MaxUint64)
	message := func(id int64) string {
		return gobMessage(-65, gobSliceOf(66)) + gobMessage(-66, gobStructOf("Content", id))
	}
	text, itself := message(6), gobMessage(-65, gobSliceOf(65))
	for name, c := range map[string]struct{ gob, want string }{
		"empty":            {"", "0 messages, byte 0: is cut off or damaged: 1 bytes should follow, 0 do"},
		"no value":         {text, "0 messages, byte 33: is cut off or damaged: 1 bytes should follow, 0 do"},
		"two":              {text + gobMessage(65, "\x00\x02\x01\x02hi\x00\x01\x02ho\x00"), "2 messages"},
		"more behind":      {text + gobMessage(65, "\x00\x01\x01\x02hi\x00more") + "more", "1 messages"},
		"huge message":     {text + huge + gobSigned(65) + "\x00\x01\x01\x02hi\x00", "1 messages"},
		"huge list":        {text + gobMessage(65, "\x00"+huge+"\x01\x02hi\x00"), "1 messages, byte 51: is cut off or damaged: 1 bytes"},
		"huge text":        {text + gobMessage(65, "\x00\x02\x01\x02hi\x00\x01"+huge+"ho\x00"), "1 messages, byte 53: is cut off or damaged: 18446744073709551615 bytes should follow, 3 do"},
		"huge text alone":  {gobMessage(6, "\x00"+huge), "0 messages, byte 12: is cut off"},
		"huge step":        {text + gobMessage(65, "\x00\x01"+huge), "0 messages, byte 47: is damaged: a struct has a value of no field"},
		"field too many":   {text + gobMessage(65, "\x00\x01\x01\x02hi\x01\x02ho\x00"), "byte 43: is damaged: a struct has a value of no field"},
		"huge type":        {gobMessage(-65, "\x02\x01\x00\x01"+huge+"\x00\x00") + gobMessage(65, "\x00\x01\x00"), "is damaged: type -9223372036854775808 has no definition"},
		"huge fields":      {gobMessage(-65, "\x03\x01\x00\x01"+huge), "is cut off"},
		"number of 9":      {text + gobMessage(65, "\x00\xf7"+strings.Repeat("\x01", 9)), "is damaged: a number has 9 bytes"},
		"number of 128":    {"\x80" + strings.Repeat("\x01", 128), "is damaged: a number has 128 bytes"},
		"number cut off":   {"\xf8\x01", "byte 1: is cut off or damaged: 8 bytes should follow, 1 do"},
		"many empty":       {text + gobMessage(65, "\x00"+gobNumber(3<<20)+strings.Repeat("\x00", 3<<20)), "byte 262176: has over 262144 values (limit)"},
		"list of itself":   {itself + gobMessage(65, "\x00"+strings.Repeat("\x01", 1<<20)), "is nested over 100 deep (limit)"},
		"many of itself":   {itself + gobMessage(65, "\x00"+strings.Repeat("\x7f", 1<<20)), "is nested over 100 deep (limit)"},
		"map of itself":    {gobMessage(-65, gobMapOf(65, 65)) + gobMessage(65, "\x00"+strings.Repeat(huge, 1<<16)), "is nested over 100 deep (limit)"},
		"struct of itself": {gobMessage(-65, gobStructOf("A", 65)) + gobMessage(65, strings.Repeat("\x01", 1<<20)), "is nested over 100 deep (limit)"},
		"types in a ring":  {gobMessage(-65, gobSliceOf(66)) + gobMessage(-66, gobMapOf(67, 67)) + gobMessage(-67, gobStructOf("A", 65)) + gobMessage(65, "\x00"+strings.Repeat("\x01", 1<<20)), "is nested over 100 deep (limit)"},
		"not deep":         {itself + gobMessage(65, "\x00"+strings.Repeat("\x01", 98)+"\x00"), "0 messages, message 1: has a role or a content that is no text"},
		"definitions":      {strings.Repeat(gobMessage(-65, gobSliceOf(65)), 1<<16), "byte 22: is damaged: type 65 has not one definition"},
		"many definitions": {manyTypes(1 << 16), "0 messages, byte 820199: is cut off"},
		"of a number":      {gobMessage(-2, gobSliceOf(65)), "is damaged: type 2 has not one definition"},
		"of definitions":   {gobMessage(-16, gobStructOf("A", 6)) + gobMessage(16, ""), "is damaged: type 16 has not one definition"},
		"lowest type":      {gobMessage(math.MinInt64, gobSliceOf(6)), "is cut off"},
		"of nothing":       {gobMessage(-65, "\x00"), "is damaged: type 65 has not one definition"},
		"of two":           {gobMessage(-65, "\x01\x00\x01\x00\x00"), "is damaged: type 65 has not one definition"},
		"no such type":     {gobMessage(65, "\x00\x00"), "is damaged: type 65 has no definition"},
		"no such element":  {gobMessage(-65, gobSliceOf(99)) + gobMessage(65, "\x00\x01\x00"), "is damaged: type 99 has no definition"},
		"no zero":          {text + gobMessage(65, "\x01\x01\x00"), "byte 37: is damaged: a zero should be before what is no struct"},
		"a text":           {gobOf(t, "hi"), "0 messages, has no list of messages"},
		"texts":            {gobOf(t, []string{"hi"}), "0 messages, message 1: has a role or a content that is no text"},
		"a number":         {message(2) + gobMessage(65, "\x00\x02\x00\x01\x02\x00"), "1 messages, message 2: has a role or a content that is no text"},
		"bytes":            {message(5) + gobMessage(65, "\x00\x01\x01\x02hi\x00"), "1 messages"},
		"an interface":     {message(8) + gobMessage(65, "\x00\x01\x01\x01a\x04"+huge), "is cut off"},
	} {
		t.Run(name, func(t *testing.T) {
			data := []byte(c.gob)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, _ = readGob(data)
			runtime.ReadMemStats(&after)
			messages, problem := parseMods(data)
			got := fmt.Sprintf("%d messages", len(messages))
			if problem != nil {
				got += ", " + strings.TrimPrefix(strings.Replace(problem.Error(), ", ", "", 1), ": ")
			}
			if !strings.Contains(got, c.want) || problem == nil && got != c.want {
				t.Errorf("got %s", got)
			}
			if taken := after.TotalAlloc - before.TotalAlloc; taken > 64<<10+100*uint64(len(data)) {
				t.Errorf("%d bytes took %d", len(data), taken)
			}
		})
	}
}

func manyTypes(n int64) string {
	var b strings.Builder
	for id := range n {
		b.WriteString(gobMessage(-1000-id, gobSliceOf(65)))
	}
	return b.String()
}

// Of a gob that is cut off, at whatever byte, the messages before that are there.
func TestCutGob(t *testing.T) {
	now, openai := modsNow{Role: "assistant", Content: "ho"}, modsOpenAI{Role: "assistant", Content: "ho", Name: "x"}
	now.call("a", "b", []byte("{}"))
	openai.call("a", "b", "{}")
	for _, list := range []any{[]modsFirst{{"hi", "user"}, {"ho", "assistant"}, {"", ""}}, []modsNow{now, {Role: "tool"}, now}, []modsOpenAI{openai, openai, openai}} {
		data := []byte(gobOf(t, list))
		whole, problem := parseMods(data)
		if problem != nil || len(whole) != 3 {
			t.Fatal(whole, problem)
		}
		seen := map[int]bool{}
		for i := range data {
			got, problem := parseMods(data[:i])
			if problem == nil || len(got) == 3 || !reflect.DeepEqual(got, whole[:len(got):len(got)]) && len(got) > 0 {
				t.Fatalf("cut at byte %d of %d: %+v, %v", i, len(data), got, problem)
			}
			seen[len(got)] = true
		}
		if len(seen) != 3 {
			t.Errorf("%v messages", seen)
		}
	}
}
