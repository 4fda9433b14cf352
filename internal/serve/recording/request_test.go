package recording

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"oax/internal/chat"
)

// TestSessionName: names of clients are bounded.
func TestSessionName(t *testing.T) {
	long := strings.Repeat("x", 129)
	for name, want := range map[string]string{long[1:]: long[1:], long: "", "a\x01b": "", "日本": ""} {
		if got := sessionName(http.Header{"X-Session-Id": {name}}); got != want {
			t.Errorf("%q: the session is called %q", name, got)
		}
	}
}

func TestClientName(t *testing.T) {
	for agent, want := range map[string]string{
		"OpenAI/JS 7.55.0":                        "OpenAI/JS 7.55.0",
		"codex_exec/0.171.0 (Debian 12; x86_64)":  "codex_exec/0.171.0",
		"opencode/1.18 ai-sdk/provider-utils/4.0": "opencode/1.18",
		" curl/8.5.0":                             "curl/8.5.0",
		strings.Repeat("日", 30):                   strings.Repeat("日", 20),
		strings.Repeat("a日", 30):                  strings.Repeat("a日", 15),
		"":                                        "",
	} {
		if got := clientName(agent); got != want {
			t.Errorf("%q: %q", agent, got)
		}
	}
}

func TestIsHelper(t *testing.T) {
	system := func(text string) []chat.Message {
		return []chat.Message{{Role: chat.System, Text: text}, {Role: chat.User, Text: "a title, please: generate one"}}
	}
	few, many := 20, 4000
	for name, test := range map[string]struct {
		fields   fields
		messages []chat.Message
		want     bool
	}{
		"few tokens":       {fields{MaxTokens: &few, Stream: true}, system(""), true},
		"many tokens":      {fields{MaxTokens: &many}, system(""), false},
		"a summary":        {fields{}, system("Be brief.\nMake a Summary."), true},
		"a chat":           {fields{Stream: true}, system("Be brief.\nGenerate a title if asked."), false},
		"a title":          {fields{Stream: true}, system("\nYou are a Title generator.\nBe brief."), true},
		"an agent":         {fields{Stream: true, Tools: []json.RawMessage{[]byte("{}")}}, system("You generate titles."), false},
		"a subagent":       {fields{Stream: true, Tools: []json.RawMessage{[]byte("{}")}}, system("You are the memory subagent.\nBe brief."), true},
		"of subagents":     {fields{Stream: true}, system("Be brief.\nA subagent helps you."), false},
		"what people want": {fields{}, system(""), false},
	} {
		if got := isHelper(test.fields, test.messages); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
