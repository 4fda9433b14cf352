package prompt

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"oax/internal/config"
)

func configuration(t *testing.T, text string) *config.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.toml")
	must(t, os.WriteFile(path, []byte(text), 0o600))
	file, _, err := config.Load(path)
	must(t, err)
	return file
}

const templates = `
[templates.review]
system = "You review {{lang}} code."
prompt = "Review this {{lang}} diff of {{date \"%F\"}}, {{ tone }}:\n{{input}}"
model = "small"
[templates.ja]
prompt = "日本語に訳して:"
[templates.both]
prompt = "<{{prompt}}>"
[templates.explain]
prompt = "Explain {{input}}."
[templates.pirate]
system = "You are a pirate."
`

// Words and standard input are put where the template wants them, or follow it.
func TestTemplate(t *testing.T) {
	file := configuration(t, templates)
	for _, tt := range []struct {
		template string
		words    []string
		piped    string
		vars     map[string]string
		want     string
	}{
		{"review", nil, "{{lang}}\n", map[string]string{"lang": "Go", "tone": "{{input}}"}, "Review this Go diff of 2026-11-21, {{input}}:\n{{lang}}"},
		{"review", nil, "x", map[string]string{"lang": "", "tone": ""}, "Review this  diff of 2026-11-21, :\nx"},
		{"ja", []string{"please"}, "x\n", nil, "日本語に訳して:\n\nplease\n\nx\n"},
		{"both", []string{"the", "words"}, "", nil, "<the words>"},
		{"both", []string{"the", "words"}, "x", nil, "<the words>\n\nx"},
		{"explain", []string{"a", "channel"}, "", nil, "Explain a channel."},
		{"explain", []string{"a", "channel"}, "x\n", nil, "Explain x.\n\na channel"},
		{"pirate", []string{"sail"}, "", nil, "sail"},
	} {
		r, _ := reader(t, tt.piped)
		template, err := file.Template(tt.template)
		must(t, err)
		p, err := checked(t, r, tt.words, nil, &template, tt.vars)
		if err != nil || p.Text != tt.want {
			t.Errorf("%s %q: %q, %v", tt.template, tt.words, p.Text, err)
		}
	}
}

// What a template needs and does not get is an error with the command to type.
func TestTemplateRefused(t *testing.T) {
	file := configuration(t, templates)
	for _, tt := range []struct {
		template   string
		vars       map[string]string
		what, hint string
	}{
		{"review", nil, "template review needs lang, tone, input", "... | oax -t review -v lang=... -v tone=..."},
		{"explain", nil, "template explain needs input", "... | oax -t explain"},
		{"both", nil, "template both needs prompt", `oax -t both "..."`},
		{"explain", map[string]string{"lang": "Go"}, "template explain has no variable lang", "leave out -v lang=..."},
		{"review", map[string]string{"lagn": "Go"}, "template review has no variable lagn", "did you mean -v lang=...?"},
		{"review", map[string]string{"x": "Go"}, "template review has no variable x", "its variables are lang, tone"},
		{"", map[string]string{"x": "Go"}, "--var is for a template", "-t NAME; oax -t lists them"},
		{"pirate", nil, "no prompt given", `oax "question", or pipe text in`},
	} {
		r, _ := reader(t, "")
		var template *config.Template
		if tt.template != "" {
			found, err := file.Template(tt.template)
			must(t, err)
			template = &found
		}
		_, err := checked(t, r, nil, nil, template, tt.vars)
		wants(t, tt.template, err, tt.what, tt.hint)
	}
}

func TestList(t *testing.T) {
	list := List(configuration(t, templates))
	got, err := json.Marshal(list[4])
	must(t, err)
	const want = `{"name":"review","variables":["lang","tone"],"system":"You review {{lang}} code.","prompt":"Review this {{lang}} diff of {{date \"%F\"}}, {{tone}}:\n{{input}}","model":"small"}`
	if string(got) != want {
		t.Errorf("%s", got)
	}
	if list[4].About != `Review this {{lang}} diff of {{date "%F"}}, {{tone}}: {{input}}` || list[3].About != "You are a pirate." {
		t.Errorf("%q, %q", list[4].About, list[3].About)
	}
}
