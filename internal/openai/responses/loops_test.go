package responses_test

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/demo"
	"oax/internal/openai"
	"oax/internal/openai/responses"

	gocmp "github.com/google/go-cmp/cmp"
)

// loop is a recorded chat with tools: what was posted, and what was answered.
type loop struct {
	Loop  string
	Steps []struct {
		recording
		Request, Reply string
	}
}

// TestLoops replays the recorded loops against an endpoint that answers as it was recorded.
// What is posted is compared with what the recorded client posted, item by item. Of the
// history only the prompts and the results of tools come from the recorded requests: the
// answers in it are those that were decoded.
func TestLoops(t *testing.T) {
	var loops []loop
	dir := corpus(t, "responses/loops/INDEX.json", &loops)
	requests, differences := 0, map[string]int{}
	for _, l := range loops {
		t.Run(l.Loop, func(t *testing.T) {
			var replies []demo.Exchange
			for _, step := range l.Steps {
				replies = append(replies, demo.Stream(demo.Send(file(t, filepath.Join(dir, l.Loop, step.Reply)))))
			}
			script := demo.Script(replies...)
			server, err := demo.Start(script)
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			client := openai.New(openai.Config{API: responses.API{}, BaseURL: server.URL(), Limits: openai.DefaultLimits()})
			defer client.Close()
			var answers []chat.Message
			for n, step := range l.Steps {
				var recorded map[string]any
				if err := json.Unmarshal(file(t, filepath.Join(dir, l.Loop, step.Request)), &recorded); err != nil {
					t.Fatal(err)
				}
				request := requestOf(t, recorded, answers)
				a := ask(t, client, request)
				if tokens, _ := chat.ReadUsage(a.Usage); fmt.Sprint(tokens.Output) == fmt.Sprint(recorded["max_output_tokens"]) {
					differences["an answer that calls itself completed is as long as max_output_tokens allows: it is cut"]++
					step.End.Kind, step.End.Reason = "incomplete", "max_output_tokens"
				}
				compare(t, step.recording, a, filepath.Join(dir, l.Loop))
				answers = append(answers, a.Message)
				var sent map[string]any
				if err := json.Unmarshal(script.Requests()[n].Body, &sent); err != nil {
					t.Fatal(err)
				}
				compareRequests(t, recorded, sent, differences)
				requests++
			}
		})
	}
	t.Logf("%d loops of %d requests replayed; differences:", len(loops), requests)
	for difference, n := range differences {
		t.Logf("%4d %s", n, difference)
	}
	if len(loops) < 16 {
		t.Errorf("the corpus has %d loops, want 16 at least", len(loops))
	}
}

func ask(t *testing.T, c *openai.Client, r openai.Request) answer {
	t.Helper()
	stream, err := c.Stream(t.Context(), r)
	if err != nil {
		return answer{new(chat.Turn).End(chat.Failed), err}
	}
	defer stream.Close()
	var turn chat.Turn
	for {
		delta, err := stream.Next(t.Context())
		if delta != nil {
			turn.Add(delta)
		}
		if failure, ok := err.(*openai.Error); ok {
			return answer{turn.End(failure.Why()), err}
		}
		if err == io.EOF {
			return answer{turn.End(""), nil}
		}
	}
}

// requestOf returns the request that a recorded one is. An item of an answer stands for the
// whole of the answer that has it.
func requestOf(t *testing.T, recorded map[string]any, answers []chat.Message) openai.Request {
	t.Helper()
	r := openai.Request{Params: map[string]any{}}
	for name, value := range recorded {
		switch name {
		case "input", "instructions", "stream", "store", "include", "model":
		default:
			r.Params[name] = value
		}
	}
	r.Model, _ = recorded["model"].(string)
	if instructions, ok := recorded["instructions"].(string); ok {
		r.Messages = append(r.Messages, chat.Message{Role: chat.System, Text: instructions})
	}
	used := map[int]bool{}
	for _, value := range recorded["input"].([]any) {
		item := value.(map[string]any)
		role, _ := item["role"].(string)
		switch kind, _ := item["type"].(string); {
		case kind == "function_call_output":
			r.Messages = append(r.Messages, chat.Message{Role: chat.Tool, ToolCallID: item["call_id"].(string), Text: item["output"].(string)})
		case kind == "tool_search_output":
			continue
		case role == "user" || role == "system" || role == "developer":
			if text := textOf(item); text != "" {
				r.Messages = append(r.Messages, chat.Message{Role: chat.Role(role), Text: text})
			}
		default:
			n := slices.IndexFunc(answers, func(a chat.Message) bool { return has(a, item) })
			if n >= 0 && !used[n] {
				used[n] = true
				r.Messages = append(r.Messages, answers[n])
			} else if n < 0 {
				r.Messages = append(r.Messages, plain(item))
			}
		}
	}
	return r
}

// plain returns an answer that was not recorded, of which there is one item.
func plain(item map[string]any) chat.Message {
	m := chat.Message{Role: chat.Assistant, Text: textOf(item)}
	if item["type"] == "function_call" {
		m.ToolCalls = []chat.ToolCall{{ID: item["call_id"].(string), Name: item["name"].(string), Arguments: item["arguments"].(string)}}
	}
	return m
}

func textOf(item map[string]any) string {
	text := ""
	switch content := item["content"].(type) {
	case string:
		text = content
	case []any:
		for _, part := range content {
			text += part.(map[string]any)["text"].(string)
		}
	}
	return text
}

// has reports whether an item is one of an answer.
func has(a chat.Message, item map[string]any) bool {
	for _, raw := range a.Output {
		var own map[string]any
		_ = json.Unmarshal(raw, &own)
		switch item["type"] {
		case "function_call", "tool_search_call":
			if own["call_id"] == item["call_id"] && own["type"] == item["type"] && fmt.Sprint(own["arguments"]) == fmt.Sprint(item["arguments"]) {
				return true
			}
		case "reasoning":
			if own["type"] == "reasoning" && (own["encrypted_content"] == item["encrypted_content"] && own["encrypted_content"] != nil || own["id"] == item["id"] && own["id"] != nil) {
				return true
			}
		default:
			if own["type"] == "message" && textOf(own) == textOf(item) {
				return true
			}
		}
	}
	return false
}

// compareRequests compares the fields of two requests that the API looks at, and counts
// where ours differs with a reason.
func compareRequests(t *testing.T, recorded, sent map[string]any, differences map[string]int) {
	t.Helper()
	for name, want := range recorded {
		switch name {
		case "input", "store", "include", "instructions":
		default:
			if diff := gocmp.Diff(want, sent[name]); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
	}
	if sent["store"] != false || gocmp.Diff(sent["include"], []any{"reasoning.encrypted_content"}) != "" || sent["previous_response_id"] != nil {
		t.Errorf("store %v, include %v", sent["store"], sent["include"])
	}
	if recorded["store"] != false {
		differences["store: false is sent, which the recorded client left to the default"]++
	}
	want, got := comparable(recorded["input"]), comparable(sent["input"])
	instructions, _ := recorded["instructions"].(string)
	for len(want) > 0 && want[0]["role"] == "system" && (len(got) == 0 || got[0]["role"] != "system") {
		differences["a system message at the beginning becomes the instructions"]++
		instructions = strings.TrimPrefix(instructions+"\n\n"+textOf(want[0]), "\n\n")
		want = want[1:]
	}
	if own, _ := sent["instructions"].(string); own != instructions {
		t.Errorf("instructions %q, want %q", own, instructions)
	}
	for i := 0; i < len(got); i++ {
		kind := got[i]["type"]
		if kind == "reasoning" && (i == len(want) || want[i]["type"] != "reasoning") {
			differences["reasoning goes back that the recorded client dropped"]++
			got = slices.Delete(got, i, i+1)
			i--
		} else if kind == "reasoning" && got[i]["encrypted_content"] != nil && want[i]["encrypted_content"] != got[i]["encrypted_content"] {
			differences["encrypted reasoning goes back as the terminal event had it, not as output_item.done did"]++
			want[i]["encrypted_content"] = got[i]["encrypted_content"]
		}
	}
	// The search for tools is not offered. The recorded client rewrote the items of one that
	// the service ran, which go back here as they came, and ran another one itself.
	toolSearch := func(item map[string]any) bool {
		kind, _ := item["type"].(string)
		if strings.HasPrefix(kind, "tool_search") {
			differences["items of a search for tools are not compared"]++
		}
		return strings.HasPrefix(kind, "tool_search")
	}
	want, got = slices.DeleteFunc(want, toolSearch), slices.DeleteFunc(got, toolSearch)
	for i := 0; i < len(want); i++ {
		if want[i]["role"] == "user" && textOf(want[i]) == "" {
			differences["a prompt without text is not sent"]++
			want = slices.Delete(want, i, i+1)
			i--
		}
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("input: %s", diff)
	}
}

// comparable returns the items of an input in one form, without what the API does not look
// at when nothing is stored.
func comparable(input any) []map[string]any {
	var items []map[string]any
	for _, value := range input.([]any) {
		item := value.(map[string]any)
		kind, _ := item["type"].(string)
		switch kind {
		case "", "message":
			// A system message is a developer message for OpenAI's models.
			item = map[string]any{"role": item["role"], "content": []any{map[string]any{"text": textOf(item)}}}
			if item["role"] == "developer" {
				item["role"] = "system"
			}
		case "function_call", "function_call_output", "reasoning":
			delete(item, "id")
			delete(item, "status")
			for name, value := range item {
				if list, ok := value.([]any); value == nil || ok && len(list) == 0 {
					delete(item, name)
				}
			}
		}
		items = append(items, item)
	}
	return items
}
