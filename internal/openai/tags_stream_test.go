package openai_test

import (
	"encoding/json"
	"strings"
	"testing"

	. "oax/internal/openai"
)

// TestTagsOfAStream: they are looked for only where that is asked for.
func TestTagsOfAStream(t *testing.T) {
	for _, form := range []string{"stream", "whole"} {
		for _, on := range []bool{false, true} {
			var body []string
			text := "<think>\nhm\n</think>\n\nyes </think>"
			if form == "whole" {
				quoted, _ := json.Marshal(text)
				body = []string{`{"choices":[{"message":{"content":` + string(quoted) + `},"finish_reason":"stop"}]}`}
			}
			for _, c := range strings.Split(text, "") {
				quoted, _ := json.Marshal(c)
				if form == "stream" {
					body = append(body, `data: {"choices":[{"delta":{"content":`+string(quoted)+`}}]}`+"\n\n")
				}
			}
			if form == "stream" {
				body = append(body, "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n")
			}
			m, err := readWith(newClient(Config{Limits: DefaultLimits(), ReasoningTags: on}), &pieces{rest: body})
			thought, answer := "", text
			if on {
				thought, answer = "hm", "yes </think>"
			}
			if err != nil || m.Reasoning != thought || m.Text != answer || m.State != "complete" {
				t.Errorf("%s, %v: %+v, %v", form, on, m, err)
			}
		}
	}
}
