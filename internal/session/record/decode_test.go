package record

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// FuzzDecode: a record is read as encoding/json reads it.
func FuzzDecode(f *testing.F) {
	for _, line := range []string{
		`{"kind":"message","time":"2026-01-02T03:04:05.6Z","role":"assistant","text":"a\n\ud800\u00e9","usage":null,"state":"complete"}`,
		`{"kind":"session","version":1,"id":"ab","fork_of":{"id":"x","turn":2},"fork_of":{"turn":3},"origin":{"a":[1,2]}}`,
		`{"kind":"message","text":7,"model":"m"}`, `{"text":"a","text":null,"time":1}`, `{"kind":"a"} x`, `{"kind":"a"`, `null`, `[]`, "",
		"{\"text\":\"\xff\xe3\x81\",\"tool_calls\":[{\"index\":1}],\"tool_calls\":null}", `{"version":1.5,"replaced_bytes":2,"from":{"by":"page"}}`,
		`{"start":{"tool":"t"},"result":{"exit":1},"attachments":[{"name":"n"}],"output":[{},1],"opaque":{ "a": 1 },"\u006bind":"k"}`,
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		var got, want Record
		ok := got.decode(line)
		err := json.Unmarshal(line, &want)
		object := bytes.HasPrefix(bytes.TrimLeft(line, " \t\r\n"), []byte("{"))
		same := ok == (err == nil && object) && (err != nil || reflect.DeepEqual(got, want))
		if folded := !bytes.Equal(bytes.ToLower(line), line); !same && !folded { // names are compared exactly
			t.Errorf("%q\n got %+v, %v\nwant %+v, %v", line, got, ok, want, err)
		}
	})
}

func TestEveryFieldIsDecoded(t *testing.T) {
	var r Record
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Record]()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		want := reflect.ValueOf(&r).Elem().FieldByIndex(f.Index).Addr().Pointer()
		if got := r.field(name); got == nil || reflect.ValueOf(got).Pointer() != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
