package chat

import (
	"encoding/json"
	"testing"
)

func TestReadUsage(t *testing.T) {
	got, ok := ReadUsage(json.RawMessage(`{"prompt_tokens":10,"prompt_tokens_details":{"cached_tokens":4},
		"completion_tokens":7,"completion_tokens_details":{"reasoning_tokens":2},"cost":0.5,"other":[1]}`))
	if !ok || got.Input != 10 || got.Cached != 4 || got.Output != 7 || got.Reasoning != 2 || string(got.Cost) != "0.5" {
		t.Errorf("%+v, %v", got, ok)
	}
	got, ok = ReadUsage(json.RawMessage(`{"input_tokens":10,"input_tokens_details":{"cached_tokens":4},"output_tokens":7,"output_tokens_details":{"reasoning_tokens":2}}`))
	if !ok || got.Input != 10 || got.Cached != 4 || got.Output != 7 || got.Reasoning != 2 {
		t.Errorf("%+v, %v", got, ok)
	}
	for _, none := range []string{"", "[]", `{"prompt_tokens":"many"}`} {
		if got, ok := ReadUsage(json.RawMessage(none)); ok {
			t.Errorf("%s: %+v", none, got)
		}
	}
}
