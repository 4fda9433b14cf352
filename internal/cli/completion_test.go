package cli

import (
	"slices"
	"strings"
	"testing"
)

// tabs returns the home of a person with two profiles and no sessions.
func tabs(t *testing.T) *home {
	t.Helper()
	h := newHome(t)
	h.config("[profiles.\"my box\"]\nbase_url = \"http://localhost:1/v1\"\nmodel = \"llama3:8b\"\n")
	return h
}

func TestComplete(t *testing.T) {
	p := tabs(t).process()
	const files = "(files)"
	for _, test := range []struct {
		line string // its last word is completed
		want string // what begins so, or files
	}{
		{"", "ls cat"},
		{"ca", "cat"},
		{"__", files}, // hidden commands are none
		{"-p demo mod", "models"},
		{"-q ca", "cat"},
		{"-- ca", files},
		{"why ca", files},
		{"why -", "--help"}, // flags may follow words
		{"-r ca", ""},
		{"completion ", "bash zsh fish"},
		{"completion f", "fish"},
		{"completion fish ", ""},
		{"completion -- f", "fish"},
		{"-p de", "deepseek demo"},
		{"--profile my", "my_box"},
		{"--profile=my", "--profile=my_box"},
		{"-qp dem", "demo"},
		{"-p demo -m ", "demo"},
		{"-pdemo -m ", "demo"},
		{"--profile=demo -m ", "demo"},
		{"-m d -p demo retry -m ", "demo"},
		{"-p nobody -m ", ""},
		{"--mod", "--model"},
		{"-m", "-m"},
		{"-m x --mod", ""}, // it is there already
		{"-o a=1 --opt", "--option"},
		{"cat --rec", "--recall"},
		{"cat -- --rec", ""},
		{"cat --mod", ""}, // not a flag of cat
		{"retry --mod", "--model"},
		{"-s ", ""},
		{"--nope ", "ls cat"},
		{"--nope=", ""},
		{"--json=", ""},
		{"--temperature=", ""},
		{"cat k3", ""},
		{"cat --color ", "auto always never"},
		{"--color=a", "--color=auto --color=always"},
		{"--no-m", "--no-markdown"},
		{"import chatgpt", "chatgpt-cli chatgpt"},
		{"import chatgpt ex", files},
		{"import ex", files},
		{"mv @ ti", ""}, // words of one's own
		{"grep pa", ""},
		{"config ", "path show init edit"},
		{"help gr", "grep"},
		{"models x", ""},
		{"--version --", "--help"},
	} {
		words := strings.Split(test.line, " ")
		last := len(words) - 1
		found := complete(p, words[:last], words[last])
		got := strings.Split(strings.ReplaceAll(strings.Join(found.Words(), ","), " ", "_"), ",")
		want := strings.Fields(test.want)
		switch {
		case test.want == files || found.Files:
			if found.Files != (test.want == files) || len(found.All) > 0 {
				t.Errorf("oax %s: files %t, %q", test.line, found.Files, got)
			}
		case test.want == "" && len(found.All) > 0:
			t.Errorf("oax %s: %q, want nothing", test.line, got)
		case test.want != "" && !slices.Equal(got[:min(len(want), len(got))], want):
			t.Errorf("oax %s: %q, want %q", test.line, got, want)
		}
	}
}

// Bash inserts what all lines of a list have in common, and a shell would run a title in
// it: two files can have one ID and one title, for example a copy that a synchronising
// program made.
func TestEqualSessionsUnderTab(t *testing.T) {
	h := tabs(t)
	const header = `{"kind":"session","version":1,"id":"k3f9q2ab","time":"2026-11-21T00:00:00Z"}` + "\n"
	for _, name := range []string{"2026-11-21_00-00-00_k3f9q2ab.jsonl", "2026-11-21_00-00-01_k3f9q2ab.jsonl"} {
		h.write("data/oax/sessions/2026-11/"+name, header+
			`{"kind":"message","time":"2026-11-21T00:00:00Z","role":"user","text":"; touch harm"}`+"\n")
	}
	for typed, want := range map[string]string{
		"":  "list\nk3f9q2ab\n",
		"k": "list\nk3f9q2ab\n",
		"@": "list\n@\n@2\n",
	} {
		for _, how := range []string{"9", "33", "63", "64"} {
			got := h.run("__complete", "bash", "80", "--", how, typed, "oax cat "+typed).stdout
			if typed == "@" && how != "9" {
				got = strings.ReplaceAll(strings.ReplaceAll(got, "@   ; touch harm", "@"), "@2  ; touch harm", "@2")
			}
			if got != want {
				t.Errorf("COMP_TYPE %s, %q: %q, want %q", how, typed, got, want)
			}
		}
	}
}
