package demo

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// events returns the payloads of a stream of one-line events.
func events(t *testing.T, body string) []string {
	t.Helper()
	var list []string
	for _, e := range strings.SplitAfter(body, "\n\n") {
		if e == "" {
			continue
		}
		payload, ok := strings.CutPrefix(e, "data: ")
		if !ok || !strings.HasSuffix(e, "\n\n") || strings.Count(e, "\n") != 2 {
			t.Fatalf("not one data line and a blank line: %q", e)
		}
		list = append(list, strings.TrimSpace(payload))
	}
	return list
}

func decode(t *testing.T, payload string) chunk {
	t.Helper()
	var c chunk
	if err := json.Unmarshal([]byte(payload), &c); err != nil {
		t.Fatalf("%v in %s", err, payload)
	}
	return c
}

func TestGuideStreams(t *testing.T) {
	s, c := start(t, Guide(0, System{}))
	resp, body := post(t, c, s.URL()+"/chat/completions",
		`{"model":"m1","stream":true,"stream_options":{"include_usage":true},"messages":[
		  {"role":"system","content":"be brief"},
		  {"role":"user","content":[{"type":"text","text":"What <is> this?\nsecond line"}]}]}`)
	if got := resp.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("Content-Type %q", got)
	}
	list := events(t, body)
	last := len(list) - 1
	if list[last] != "[DONE]" {
		t.Errorf("the last event is %q", list[last])
	}
	if first := decode(t, list[0]); first.Choices[0].Delta.Role != "assistant" || first.Object != "chat.completion.chunk" || first.Model != "m1" {
		t.Errorf("first event: %s", list[0])
	}
	if u := decode(t, list[last-1]); u.Usage == nil || u.Usage.PromptTokens != 7 || u.Usage.CompletionTokens != last-3 || len(u.Choices) != 0 {
		t.Errorf("usage event: %s", list[last-1])
	}
	if f := decode(t, list[last-2]); f.Choices[0].FinishReason == nil || *f.Choices[0].FinishReason != "stop" {
		t.Errorf("finish event: %s", list[last-2])
	}
	var text strings.Builder
	for _, e := range list[1 : last-2] {
		text.WriteString(*decode(t, e).Choices[0].Delta.Content)
	}
	if text.String() != advice("What <is> this?", System{}) {
		t.Errorf("text is\n%s", text.String())
	}
}

func TestGuideSaysWhatIsNeeded(t *testing.T) {
	text := advice("\n  first\r\nsecond", System{})
	for _, want := range []string{"> first\n", "OPENAI_API_KEY", "config.toml", "key_env", "localhost", "oax -c", "oax -r", "oax ls"} {
		if !strings.Contains(text, want) {
			t.Errorf("the answer lacks %q", want)
		}
	}
	if n := strings.Count(text, "\n"); n < 12 || n > 20 {
		t.Errorf("the answer has %d lines", n)
	}
}

func TestGuideLeavesUsageOut(t *testing.T) {
	s, c := start(t, Guide(0, System{}))
	_, body := post(t, c, s.URL()+"/chat/completions", `{"stream":true,"messages":[{"role":"user","content":"x"}]}`)
	if strings.Contains(body, "usage") {
		t.Error("usage was sent unasked")
	}
}

func TestGuideWhole(t *testing.T) {
	s, c := start(t, Guide(time.Hour, System{})) // the pace is for streams
	resp, body := post(t, c, s.URL()+"/chat/completions", `{"messages":[{"role":"user","content":"x"}],"max_tokens":3}`)
	got := decode(t, body)
	if resp.StatusCode != 200 || got.Object != "chat.completion" || got.Usage.CompletionTokens != 3 {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	m := got.Choices[0]
	if m.Message.Role != "assistant" || *m.Message.Content != "You asked:\n\n" || *m.FinishReason != "length" {
		t.Errorf("choice: %s", body)
	}
}

func TestGuideModels(t *testing.T) {
	s, c := start(t, Guide(0, System{}))
	resp, err := c.Get(s.URL() + "/models")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var got models
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || len(got.Data) != 1 || got.Data[0].ID != "demo" {
		t.Errorf("%v %+v", err, got)
	}
}

func TestGuideRefuses(t *testing.T) {
	s, c := start(t, Guide(0, System{}))
	for _, tt := range []struct {
		method, path, body string
		status             int
		param              string
	}{
		{"POST", "/chat/completions", "{", 400, ""},
		{"POST", "/chat/completions", `{"messages":"x"}`, 400, ""},
		{"POST", "/chat/completions", `{"messages":[]}`, 400, "messages"},
		{"POST", "/completions", `{}`, 404, ""},
		{"GET", "/chat/completions", "", 405, ""},
		{"DELETE", "/models", "", 405, ""},
	} {
		req, err := http.NewRequest(tt.method, s.URL()+tt.path, strings.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Error struct {
				Message, Type string
				Param         *string
			}
		}
		err = json.NewDecoder(resp.Body).Decode(&got)
		resp.Body.Close()
		if err != nil || resp.StatusCode != tt.status || got.Error.Message == "" || got.Error.Type != "invalid_request_error" {
			t.Errorf("%s %s %s: %d %v %+v", tt.method, tt.path, tt.body, resp.StatusCode, err, got)
		}
		if tt.param != "" && (got.Error.Param == nil || *got.Error.Param != tt.param) {
			t.Errorf("%s: param is not %q", tt.body, tt.param)
		}
		if tt.status == 405 && resp.Header.Get("Allow") == "" {
			t.Error("405 without Allow")
		}
	}
}

func TestGuideKeepsItsPace(t *testing.T) {
	s, c := start(t, Guide(20*time.Millisecond, System{}))
	begun := time.Now()
	post(t, c, s.URL()+"/chat/completions", `{"stream":true,"max_tokens":5,"messages":[{"role":"user","content":"x"}]}`)
	if took := time.Since(begun); took < 100*time.Millisecond {
		t.Errorf("five words took %v", took)
	}
}

func TestGuideShowsSamples(t *testing.T) {
	for question, want := range map[string][]string{
		"show me a table":           {"|:-------|"},
		"a list, please":            {"   - a change"},
		"write some code":           {"```go\n"},
		"answer in Japanese":        {"こんにちは"},
		"日本語の表":                     {"こんにちは", "|:-------|"},
		"a Table and code\nno list": {"|:-------|", "```go\n"},
	} {
		text := advice(question, System{})
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("%q: no %q in\n%s", question, part, text)
			}
		}
		if strings.Contains(text, "You asked") {
			t.Errorf("%q: advice is in\n%s", question, text)
		}
	}
}

func TestGuideFitsTheSystem(t *testing.T) {
	text := advice("hi", System{OS: "windows", ConfigFile: `C:\Users\a\oax\config.toml`})
	for _, want := range []string{"$env:OPENAI_API_KEY", "set OPENAI_API_KEY", `C:\Users\a\oax\config.toml`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}
