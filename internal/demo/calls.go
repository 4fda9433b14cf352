package demo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
)

// Calls of tools, for the tests of what runs them.

// CallChunk returns the event with a whole call of a tool.
func CallChunk(index int, id, name, arguments string) []byte {
	return envelope("demo").delta(content{ToolCalls: []callDelta{toolCall{id, name, arguments}.delta(index)}})
}

// Strict returns a handler that refuses a request, as services do, unless each call of an
// answer in it has a name of letters, digits, _ and -, has a JSON object as arguments, and has
// exactly one result, right behind the answer.
func Strict(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if err := checkResults(body); err != nil {
			refuse(w, http.StatusBadRequest, "messages", err.Error())
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// checkResults returns what is wrong with the results in the body of a request.
func checkResults(body []byte) error {
	var request struct {
		Messages []struct {
			Role       string `json:"role"`
			ToolCallID string `json:"tool_call_id"`
			ToolCalls  []struct {
				ID       string `json:"id"`
				Function struct{ Name, Arguments string }
			} `json:"tool_calls"`
		} `json:"messages"`
	}
	if err := json.Unmarshal(body, &request); err != nil {
		return err
	}
	open, toolName := map[string]bool{}, regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)
	for i, m := range request.Messages {
		if m.Role == "tool" {
			if !open[m.ToolCallID] {
				return fmt.Errorf("message %d is the result of no open call: %q", i, m.ToolCallID)
			}
			delete(open, m.ToolCallID)
			continue
		}
		if len(open) > 0 {
			return fmt.Errorf("before message %d, %d calls have no result", i, len(open))
		}
		for _, c := range m.ToolCalls {
			if !toolName.MatchString(c.Function.Name) {
				return fmt.Errorf("message %d calls %q, which is no name", i, c.Function.Name)
			}
			var arguments map[string]any
			if err := json.Unmarshal([]byte(c.Function.Arguments), &arguments); err != nil {
				return fmt.Errorf("message %d has arguments that are no object: %v", i, err)
			}
			open[c.ID] = true
		}
	}
	if len(open) > 0 {
		return fmt.Errorf("at the end, %d calls have no result", len(open))
	}
	return nil
}
