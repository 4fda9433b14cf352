package jsontext

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

var jsonSeeds = []string{
	`{}`, ` { } `, `{"a":1}`, "\r\n{ \"a\" : [1, {\"b\":\"}\"}] ,\t\"c\":null}", `{"a":1,"a":2}`,
	`{"\u0061":"\"]","b\"":-1.5e3,"é":true}`, `{"":{}}`, "{\"\xff\":1}", `{"a":"\\"}`, `{"a":{"b":{"c":[[],{}]}},"d":0}`,
	`[]`, ` [1 , "x\"", [2], {"a":[3]}, null ]`, `null`, `1`, `"{}"`, ``, ` `, `{`, `{"a":1}}`, `[1,]`, `{"a"}`,
	`}`, `]`, `,`, `,"a":1}`, `,1]`, `[,1]`, `{,"a":1}`, `{"a":1,}`, `[1 2]`, `[1]]`, `{"a":1]`, `[1}`, `{"a" 1}`, `{1:2}`, "[1,\x00]", "\x00",
	`01`, `-`, `-0`, `-01`, `1.`, `1.5`, `.5`, `1e`, `1e+`, `1E-7`, `+1`, `1x`, `nul`, `nulls`, `true`, `fals`,
	`"abcdefgh\u00e9ijklmnop"`, `"\ud83d\ude00\ud83d"`, `"\u12"`, `"\u123g"`, `"\x"`, `"\`, `"`, "\"\x1f\"", "\"\x7f\xff\"", "\"1234567\x1f12345678\"",
	`{"x":[1,-0.5e+7,true,false,null,{"y":"z"}],"choices":[{"delta":{"con\u0074ent":"\ud83d\ude00\n\"\u00e9\\\/\b\f\r\t"}}]}`,
	"\"\xe6\x97\"", "\"\xed\xa0\xbd\"", `"\u65e5本\n"`, "\"\x80\x0080000000\"",
}

// FuzzJSON: the decoder accepts and finds what encoding/json does.
func FuzzJSON(f *testing.F) {
	for _, seed := range jsonSeeds {
		f.Add([]byte(seed))
	}
	f.Add([]byte(strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth)))
	f.Add([]byte(strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1)))
	f.Fuzz(func(t *testing.T, data []byte) {
		d := NewDecoder(data)
		raw := d.ReadValue()
		if valid := json.Valid(data); d.AtEnd() != valid || valid && !bytes.Equal(raw, bytes.Trim(data, " \t\r\n")) {
			t.Errorf("%q: valid %v, read %q", data, valid, raw)
		}
		checkObject(t, data)
		checkArray(t, data)
		checkText(t, data)
	})
}

func checkObject(t *testing.T, data []byte) {
	t.Helper()
	var want map[string]json.RawMessage
	valid := json.Unmarshal(data, &want) == nil
	for name, value := range want {
		if got := Field(data, name); utf8.Valid(data) && !bytes.Equal(got, value) {
			t.Errorf("%q: %q is %q, want %q", data, name, got, value)
		}
	}
	var o Object
	isObject := o.Read(data)
	if isObject != (valid && bytes.HasPrefix(bytes.TrimSpace(data), []byte("{"))) || len(o) < len(want) && len(o) < maxMembers {
		t.Errorf("%q: object %v with %d members, want %d", data, isObject, len(o), len(want))
	}
	for name, value := range want {
		if len(o) < maxMembers && utf8.Valid(data) && !bytes.Equal(o.Get(name), value) {
			t.Errorf("%q: %q is %q, want %q", data, name, o.Get(name), value)
		}
	}
	if isObject && utf8.Valid(data) && len(o) > 0 {
		var again Object
		encoded := o.Encode()
		if !again.Read(encoded) || len(again) != len(o) {
			t.Errorf("%q: written as %q", data, encoded)
		}
	}
	d := NewDecoder(data)
	if valid && d.Enter('{') {
		for d.More('}') {
			name, value := d.ReadName(), d.ReadValue()
			if _, ok := want[string(name)]; utf8.Valid(name) && !ok {
				t.Errorf("%q: it has no %q", data, name)
			}
			if !valid && Field(data, string(name)) != nil {
				t.Errorf("%q is not valid, and has %q, %q", data, name, value)
			}
		}
	}
}

func checkArray(t *testing.T, data []byte) {
	t.Helper()
	var want []json.RawMessage
	if json.Unmarshal(data, &want) != nil {
		return
	}
	for value := range Elements(data) {
		if len(want) == 0 || !bytes.Equal(value, want[0]) {
			t.Fatalf("%q: %q comes before %q", data, value, want)
		}
		want = want[1:]
	}
	if len(want) > 0 {
		t.Errorf("%q: %q is missing", data, want)
	}
}

// checkText compares strings. encoding/json replaces each byte that is not UTF-8, and
// text what belongs to one character together.
func checkText(t *testing.T, data []byte) {
	t.Helper()
	var want string
	data = bytes.TrimSpace(data)
	repaired := new(Repair).Piece(data, true) // encoding/json does not join the halves of surrogate pairs
	if json.Unmarshal(repaired, &want) != nil || data[0] != '"' {
		return
	}
	got := Text(data)
	if !utf8.Valid(data) {
		got, want = collapse(got), collapse(want)
	}
	if got != want || want != "" && !IsText(data, want) && !strings.Contains(want, "\ufffd") {
		t.Errorf("%s: %q, want %q", data, got, want)
	}
}

func collapse(s string) string {
	for strings.Contains(s, "\ufffd\ufffd") {
		s = strings.ReplaceAll(s, "\ufffd\ufffd", "\ufffd")
	}
	return s
}
