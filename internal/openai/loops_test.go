package openai_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"oax/internal/chat"
	"oax/internal/demo"

	gocmp "github.com/google/go-cmp/cmp"

	. "oax/internal/openai"
)

// TestLoopRequests replays the recorded loops of tools against an endpoint that answers as it
// was recorded. What is posted is compared with what the recorded client posted, field by
// field. Of the history only prompts and results come from the recorded requests: the answers
// in it are those that were decoded.
func TestLoopRequests(t *testing.T) {
	var loops []struct {
		Loop  string
		Steps []struct{ Request, Reply string }
	}
	dir := corpus(t, "tools/loops/INDEX.json", &loops)
	requests, differences := 0, map[string]int{}
	for _, l := range loops {
		t.Run(l.Loop, func(t *testing.T) {
			read := func(name string) []byte {
				data, err := os.ReadFile(filepath.Join(dir, l.Loop, name))
				if err != nil {
					t.Fatal(err)
				}
				return data
			}
			var replies []demo.Exchange
			for _, step := range l.Steps {
				replies = append(replies, demo.Stream(demo.Send(read(step.Reply))))
			}
			script := demo.Script(replies...)
			client := serve(t, script)
			var answers []chat.Message
			for n, step := range l.Steps {
				var recorded, sent map[string]any
				if err := json.Unmarshal(read(step.Request), &recorded); err != nil {
					t.Fatal(err)
				}
				request := recordedRequest(recorded, answers)
				stream, err := client.Stream(t.Context(), request)
				if err == nil { // the last answer of llama.cpp is an error
					answer, _ := gather(t.Context(), stream)
					answers = append(answers, answer)
				}
				if err := json.Unmarshal(script.Requests()[n].Body, &sent); err != nil {
					t.Fatal(err)
				}
				compareRequests(t, recorded, sent, request.Messages, differences)
				requests++
			}
		})
	}
	t.Logf("%d loops of %d requests replayed; differences:", len(loops), requests)
	for _, difference := range slices.Sorted(maps.Keys(differences)) {
		t.Logf("%4d %s", differences[difference], difference)
	}
	if len(loops) < 31 || requests < 74 {
		t.Errorf("the corpus has %d loops of %d requests, want 31 of 74 at least", len(loops), requests)
	}
}

// recordedRequest returns the request that a recorded one is. Its answers are those that were
// decoded, if they are among them.
func recordedRequest(recorded map[string]any, answers []chat.Message) Request {
	r := Request{Params: map[string]any{}}
	for name, value := range recorded {
		if name != "messages" && name != "stream" && name != "stream_options" && name != "model" {
			r.Params[name] = value
		}
	}
	r.Model, _ = recorded["model"].(string)
	_, usage := recorded["stream_options"]
	r.OmitExtra = !usage
	for _, value := range recorded["messages"].([]any) {
		m := value.(map[string]any)
		role := chat.Role(m["role"].(string))
		message := chat.Message{Role: role, Text: contentText(m["content"])}
		message.ToolCallID, _ = m["tool_call_id"].(string)
		calls, _ := m["tool_calls"].([]any)
		if role == chat.Assistant {
			i := slices.IndexFunc(answers, func(a chat.Message) bool { return sameCalls(a, calls) && (len(calls) > 0 || a.Text == message.Text) })
			if i >= 0 {
				message = answers[i]
			}
		}
		r.Messages = append(r.Messages, message)
	}
	return r
}

func sameCalls(a chat.Message, calls []any) bool {
	return slices.EqualFunc(a.ToolCalls, calls, func(own chat.ToolCall, recorded any) bool { return own.ID == recorded.(map[string]any)["id"] })
}

// contentText returns the text of a content: a text, or parts.
func contentText(content any) string {
	text, _ := content.(string)
	parts, _ := content.([]any)
	for _, p := range parts {
		part, _ := p.(map[string]any)["text"].(string)
		text += part
	}
	return text
}

// compareRequests compares two requests, and counts where they may differ.
func compareRequests(t *testing.T, recorded, sent map[string]any, messages []chat.Message, differences map[string]int) {
	t.Helper()
	want, got := recorded["messages"].([]any), sent["messages"].([]any)
	for name, value := range recorded {
		if diff := gocmp.Diff(value, sent[name]); diff != "" && name != "messages" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if len(want) != len(got) {
		t.Fatalf("%d messages are sent, want %d", len(got), len(want))
	}
	for i := range want {
		compareMessages(t, want[i].(map[string]any), got[i].(map[string]any), messages[i], differences)
	}
}

func compareMessages(t *testing.T, want, got map[string]any, m chat.Message, differences map[string]int) {
	t.Helper()
	calls, _ := want["tool_calls"].([]any)
	if text, own := contentText(want["content"]), contentText(got["content"]); text != own {
		if text != "" || len(calls) == 0 {
			t.Errorf("content %q, want %q", own, text)
		}
		differences["text before calls goes back, which the recorded client dropped"]++
	}
	for _, name := range []string{"role", "tool_call_id", "reasoning_content", "reasoning_details"} {
		if want[name] == nil && got[name] != nil {
			differences[name+" goes back, which the recorded client dropped"]++
		} else if name == "reasoning_content" && want[name] == m.Reasoning && got[name] == nil && m.ReasoningField == "" {
			differences["reasoning_content is sent only where the service calls it so, not where it calls it reasoning"]++
		} else if name == "reasoning_details" && withoutNulls(want[name], got[name]) {
			differences["a field of reasoning_details goes back as it came, which the recorded client made null"]++
		} else if diff := gocmp.Diff(want[name], got[name]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for name := range want {
		switch name {
		case "role", "content", "tool_call_id", "tool_calls", "reasoning_content", "reasoning_details":
		default:
			differences["of its own the recorded client sent "+name]++
		}
	}
	own, _ := got["tool_calls"].([]any)
	if len(calls) != len(own) {
		t.Fatalf("%d calls go back, want %d", len(own), len(calls))
	}
	for i := range calls {
		compareCallsSent(t, calls[i].(map[string]any), own[i].(map[string]any), differences)
	}
}

// withoutNulls reports whether two lists of objects differ only in fields that are null in
// the first.
func withoutNulls(want, got any) bool {
	list, _ := want.([]any)
	own, _ := got.([]any)
	nulls := 0
	for i := range min(len(list), len(own)) {
		for name, value := range list[i].(map[string]any) {
			if value == nil && own[i].(map[string]any)[name] != nil {
				own[i].(map[string]any)[name] = nil
				nulls++
			}
		}
	}
	return nulls > 0 && gocmp.Diff(want, got) == ""
}

func compareCallsSent(t *testing.T, want, got map[string]any, differences map[string]int) {
	t.Helper()
	wanted, own := want["function"].(map[string]any), got["function"].(map[string]any)
	if fmt.Sprint(want["id"], want["type"], wanted["name"]) != fmt.Sprint(got["id"], got["type"], own["name"]) {
		t.Errorf("call %v, want %v", got, want)
	}
	if wanted["arguments"] == "null" && own["arguments"] == "{}" {
		differences["arguments that are null go back as {}"]++
	} else if wanted["arguments"] != own["arguments"] {
		var a, b any
		_ = json.Unmarshal([]byte(wanted["arguments"].(string)), &a)
		if json.Unmarshal([]byte(own["arguments"].(string)), &b) != nil || gocmp.Diff(a, b) != "" {
			t.Errorf("arguments %s, want %s", own["arguments"], wanted["arguments"])
		}
		differences["arguments go back as they came, which the recorded client wrote anew"]++
	}
	for name, value := range want {
		if name != "id" && name != "type" && name != "function" && gocmp.Diff(value, got[name]) != "" {
			differences["of its own the recorded client sent "+name+" in a call"]++
		}
	}
}
