package recording

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"oax/internal/openai/completions"
)

// TestSameHistory: programs send a history back in words of their own.
func TestSameHistory(t *testing.T) {
	call := func(arguments string) string {
		return fmt.Sprintf(`{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":%q}}]}`, arguments)
	}
	for name, test := range map[string]struct {
		one, other string
		same       bool
	}{
		"spaces of arguments": {call(`{"b": "x",  "a": 1.0}`), call(`{"b":"x","a":1}`), true},
		"order of arguments":  {call(`{"b":1,"a":2}`), call(`{"a":2,"b":1}`), true},
		"no arguments":        {call(``), call(`{}`), true},
		"other arguments":     {call(`{"a":1}`), call(`{"a":2}`), false},
		"broken arguments":    {call(`{"a":1`), call(`{"a":1}`), false},
		"no text":             {call(`{}`), strings.Replace(call(`{}`), "null", `""`, 1), true},
		"text in a part":      {`{"role":"user","content":"a"}`, `{"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]}`, true},
		"result in a part":    {`{"role":"tool","tool_call_id":"a","content":"a"}`, `{"role":"tool","tool_call_id":"a","name":"f","content":[{"type":"text","text":"a"}]}`, true},
		"white space":         {`{"role":"assistant","content":"a \n"}`, `{"role":"assistant","content":"a"}`, true},
		"reasoning":           {`{"role":"assistant","content":"a"}`, `{"role":"assistant","content":"a","reasoning_content":"b"}`, true},
		"another role":        {`{"role":"assistant","content":"a"}`, `{"role":"user","content":"a"}`, false},
	} {
		var digests []digest
		for _, m := range []string{test.one, test.other} {
			messages, ok := completions.Messages([]json.RawMessage{json.RawMessage(m)})
			if !ok {
				t.Fatal(m)
			}
			digests = append(digests, digestOf(messages))
		}
		if (digests[0] == digests[1]) != test.same {
			t.Errorf("%s: the same: %v", name, !test.same)
		}
	}
}
