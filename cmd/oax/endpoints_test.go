package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"oax/internal/config"
	"oax/internal/demo"
)

// wellKnown are the endpoints that are built in by name.
func wellKnown() []string {
	return slices.DeleteFunc((&config.File{}).Profiles(), func(name string) bool { return name == config.Demo })
}

// newKeyedHome returns a home whose environment has every key there is.
func newKeyedHome(t *testing.T) *home {
	t.Helper()
	h := newHome(t)
	for _, name := range (&config.File{}).KeyVariables() {
		if name != "" {
			h.env[name] = canary
		}
	}
	h.env["AZURE_OPENAI_ENDPOINT"] = "https://resource.openai.azure.com/"
	return h
}

// asked are the flags and words of the requests in testdata/requests.
func asked(model string, more ...string) []string {
	return append([]string{"-m", model, "-s", "Be brief.", "--max-tokens", "64", "--temperature", "0.5", "hi"}, more...)
}

// Every endpoint gets the request in testdata/requests: method, URL, headers and body.
func TestRequestsOfEndpoints(t *testing.T) {
	t.Parallel()
	for _, name := range wellKnown() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newKeyedHome(t)
			r := h.run(append([]string{"--dry-run", "-p", name}, asked("a/model 1")...)...)
			if r.stderr != "" || r.code != 0 {
				t.Errorf("%+v", r)
			}
			golden(t, "requests/"+name+".txt", regexp.MustCompile(`oax/\S+`).ReplaceAllString(r.stdout, "oax/VERSION"))
			if sessions := h.sessions(); len(sessions) != 0 {
				t.Errorf("saved: %v", sessions)
			}
		})
	}
}

// recordings are answers that the endpoints gave, in the corpus. Gemini's and GitHub's came
// through other gateways; of LM Studio and Fireworks there is none.
func recordings() map[string][]string {
	return map[string][]string{
		"openai":     {"openai-gpt-5-text-usage", "openai-o4-mini-text-usage"},
		"azure":      {"azure-gpt-5-mini-simple", "azure-o4-mini-simple"},
		"ollama":     {"ollama-deepseek-r1-reasoning"},
		"llamacpp":   {"llamacpp-gpt-oss-20b-simple"},
		"lmstudio":   {},
		"vllm":       {"vllm-qwen3-0.6b-426"},
		"openrouter": {"openrouter-gpt-5-prism"},
		"groq":       {"groq-llama3-8b-text"},
		"deepseek":   {"deepseek-chat-text-327"},
		"mistral":    {"mistral-tiny-text"},
		"gemini":     {"vercel-gateway-gemini-3-pro-simple"},
		"xai":        {"xai-grok-4-fast-text"},
		"together":   {"together-llama-3.3-70b-text"},
		"fireworks":  {},
		"cerebras":   {"cerebras-glm-4.7-reasoning-tool"},
		"perplexity": {"perplexity-sonar-short-crlf"},
		"github":     {"github-copilot-gpt-4.1-mini"},
	}
}

// Every endpoint, somewhere else than where it is built in, is sent what the dry run
// shows, and its answer is read.
func TestAnswersOfEndpoints(t *testing.T) {
	t.Parallel()
	index := recordedIndex(t)
	for _, name := range wellKnown() {
		files, known := recordings()[name]
		if !known {
			t.Errorf("is there a recording of %s?", name)
		}
		for _, file := range files {
			t.Run(file, func(t *testing.T) {
				t.Parallel()
				answerOfEndpoint(t, name, index[file+".sse"])
			})
		}
	}
}

func answerOfEndpoint(t *testing.T, name string, recorded recording) {
	h, script := scripted(t, demo.Stream(demo.Send(recorded.body)))
	base := h.env["OPENAI_BASE_URL"]
	if name == "azure" {
		base = strings.TrimSuffix(base, "/v1")
	}
	delete(h.env, "OPENAI_BASE_URL")
	h.config(fmt.Sprintf("[profiles.there]\nendpoint = %q\nbase_url = %q\nkey_env = \"OPENAI_API_KEY\"\n", name, base))
	r := h.run(append([]string{"-p", "there"}, asked("a/model 1")...)...)
	code := 0
	if recorded.FinishReason == "tool_calls" {
		code = 3
	}
	if strings.TrimSuffix(r.stdout, "\n") != strings.TrimSuffix(recorded.ExpectText, "\n") || r.code != code {
		t.Errorf("%+v, want %q", r, recorded.ExpectText)
	}
	checkSent(t, name, script.Requests())
}

// checkSent holds the request that came against the one that the dry run shows: below
// the base URL all is the same.
func checkSent(t *testing.T, name string, requests []demo.Request) {
	t.Helper()
	if len(requests) != 1 {
		t.Fatalf("%d requests", len(requests))
	}
	head, body, _ := strings.Cut(text(t, "../../testdata/requests/"+name+".txt"), "\n\n")
	line, _, _ := strings.Cut(head, "\n")
	sent := requests[0]
	path := strings.TrimPrefix(sent.Path, "/v1") // Azure's has none of it
	if !strings.HasPrefix(line, sent.Method+" http") || !strings.HasSuffix(line, path) {
		t.Errorf("%s %s was sent, the dry run shows %s", sent.Method, sent.Path, line)
	}
	if string(sent.Body) != strings.TrimSpace(body) {
		t.Errorf("sent   %s\nshown %s", sent.Body, body)
	}
	for _, shown := range strings.Split(head, "\n")[1:] {
		header, value, _ := strings.Cut(shown, ": ")
		value = strings.ReplaceAll(value, "[key]", canary)
		if got := sent.Header.Get(header); got != value && header != "User-Agent" && got != "Bearer "+canary {
			t.Errorf("%s: %q, the dry run shows %q", header, got, value)
		}
	}
	if key := sent.Header.Get("Api-Key") + sent.Header.Get("Authorization"); !strings.HasSuffix(key, canary) {
		t.Errorf("no key in %v", sent.Header)
	}
}
