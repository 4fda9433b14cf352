package main

import (
	"os"
	"strings"
	"testing"

	"oax/internal/demo"
)

// At a terminal a person who made a mistake may go on at it.
func TestConfigEditAgain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, answer, want string
		code               int
	}{
		{"yes", "\n", "profile = \"demo\"\n", 0},
		{"no", "n\n", "model = \"old\"\n", 2},
		{"Ctrl-C", "\x03", "model = \"old\"\n", 130},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.config("model = \"old\"\n")
			// The editor makes a mistake the first time, and puts it right the second.
			h.env["EDITOR"] = `again() { if grep -q broken "$1"; then echo 'profile = "demo"' > "$1"; else echo 'broken =' > "$1"; fi; }; again`
			c := h.at(h.command("config", "edit"))
			c.replies("missing\nedit again? [Y/n] ", tt.answer)
			r := c.end()
			text, err := os.ReadFile(h.configPath())
			if err != nil || string(text) != tt.want || r.code != tt.code {
				t.Errorf("exit %d, %q, %v; shown %s", r.code, text, err, c.shown())
			}
			if kept := strings.Contains(c.shown(), "saved: your edit is in\n"); kept != (tt.code != 0) {
				t.Errorf("shown: %s", c.shown())
			}
		})
	}
}

// Ctrl-C is a no also where the edit could be used.
func TestConfigEditStopped(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.config("profile = \"demo\"\n")
	h.env["EDITOR"] = `typo() { echo 'profil = "groq"' > "$1"; }; typo`
	c := h.at(h.command("config", "edit"))
	c.replies("edit again? [Y/n] ", "\x03")
	r := c.end()
	text, _ := os.ReadFile(h.configPath())
	if string(text) != "profile = \"demo\"\n" || r.code != 130 || !strings.Contains(c.shown(), "saved: your edit is in\n") {
		t.Errorf("exit %d, %q; shown %s", r.code, text, c.shown())
	}
}

// What another program does to the file meanwhile is not undone.
func TestConfigEditedByTwo(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.config("profile = \"demo\"\n")
	h.env["EDITOR"] = `both() { echo 'profile = "groq"' > "$1"; echo 'profile = "xai"' > ` + h.configPath() + `; }; both`
	r := h.run("config", "edit")
	text, _ := os.ReadFile(h.configPath())
	if string(text) != "profile = \"xai\"\n" || r.code != 2 || !strings.Contains(r.stderr, "config.toml was changed by another program in the meantime\nsaved: your edit is in ") {
		t.Errorf("%+v; the file is %q", r, text)
	}
}

// A server that has no default model is asked what it has.
func TestModelOfALocalServer(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]struct{ model, said string }{
		`{"data":[{"id":"llama3"}]}`:                                          {`"model":"llama3"`, ""},
		`{"data":[{"id":"nomic-embed-text"},{"id":"qwen3"},{"id":"llama3"}]}`: {`"model":"qwen3"`, "oax: asking qwen3, the first of 2 models; -m NAME asks another\n"},
		`{"data":[]}`: {`{"messages"`, ""},
	} {
		h, script := scripted(t, demo.Reply(200, "application/json", list), demo.Stream(demo.Answer("yes")...))
		h.config("profile = \"ollama\"\n[profiles.ollama]\nbase_url = \"" + h.env["OPENAI_BASE_URL"] + "\"\n")
		r := h.run("hi")
		requests := script.Requests()
		if len(requests) != 2 || requests[0].Path != "/v1/models" || !strings.Contains(string(requests[1].Body), want.model) {
			t.Fatalf("%s: %v", list, requests)
		}
		if r.stdout != "yes\n" || r.stderr != want.said || r.code != 0 {
			t.Errorf("%s: %+v", list, r)
		}
	}
}
