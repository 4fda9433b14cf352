package openai

import (
	"encoding/json"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// TestViews: an object and an array are what encoding/json says, without its copies.
func TestViews(t *testing.T) {
	for _, raw := range []string{
		`{}`, ` { } `, `{"a":1}`, "\r\n{ \"a\" : [1, {\"b\":\"}\"}] ,\t\"c\":null}", `{"a":1,"a":2}`,
		`{"\u0061":"\"]","b\"":-1.5e3,"é":true}`, `{"":{}}`, "{\"\xff\":1}", `{"a":"\\"}`, `{"a":{"b":{"c":[[],{}]}},"d":0}`,
		`[]`, ` [1 , "x\"", [2], {"a":[3]}, null ]`, `null`, `1`, `"{}"`, ``, ` `, `{`, `{"a":1}}`, `[1,]`, `{"a"}`,
	} {
		var want map[string]json.RawMessage
		ok := json.Unmarshal([]byte(raw), &want) == nil && want != nil
		fields, isObject := object([]byte(raw))
		if diff := gocmp.Diff(want, fields); isObject != ok || ok && diff != "" {
			t.Errorf("%q: %v, want %v: %s", raw, isObject, ok, diff)
		}
		var list []json.RawMessage
		ok = json.Unmarshal([]byte(raw), &list) == nil && list != nil
		values, isArray := array([]byte(raw))
		if diff := gocmp.Diff(list, values); isArray != ok || ok && len(list) > 0 && diff != "" {
			t.Errorf("%q: %v, want %v: %s", raw, isArray, ok, diff)
		}
	}
}
