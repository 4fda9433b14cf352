package config

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestTemplates(t *testing.T) {
	f := load(t, `
[templates.review]
system = "You review {{lang}} code, {{env.USER}}."
prompt = """
Review this {{ lang }} diff of {{date "%F"}}:
{{input}}
{{tone}} {{"{{input}}"}} {{prompt}}"""
model = "m"
profile = "p"
env = ["USER"]
[[templates.review.messages]]
role = "user"
content = "in {{lang}}?"
[[templates.review.messages]]
role = "assistant"
content = "yes"
[templates]
"日本" = { prompt = "{{語}}" }
empty = {}
`)
	r, err := f.Template("review")
	if err != nil || r.Name != "review" || r.Model != "m" || r.Profile != "p" || len(r.Examples) != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	const want = `[{variable lang} {env USER} {date %F} {input } {variable tone} {prompt }]`
	if got := fmt.Sprint(r.Places()); got != want {
		t.Errorf("%s", got)
	}
	fill := func(p Place) string { return "<" + string(p.Kind) + " " + p.Name + "{{input}}>" }
	if got := r.System.Fill(fill); got != "You review <variable lang{{input}}> code, <env USER{{input}}>." {
		t.Errorf("%q", got)
	}
	if got := r.Prompt.Fill(fill); got != "Review this <variable lang{{input}}> diff of <date %F{{input}}>:\n<input {{input}}>\n<variable tone{{input}}> {{input}} <prompt {{input}}>" {
		t.Errorf("%q", got)
	}
	if got := r.Examples[0].Text.Fill(fill); got != "in <variable lang{{input}}>?" || r.Examples[1].Role != "assistant" {
		t.Errorf("%q", got)
	}
	var names []string
	for _, template := range f.Templates() {
		names = append(names, template.Name)
	}
	if fmt.Sprint(names) != "[empty review 日本]" {
		t.Errorf("%v", names)
	}
	if empty, err := f.Template("empty"); err != nil || !empty.Prompt.Empty() || empty.Places() != nil {
		t.Errorf("%+v, %v", empty, err)
	}
	_, err = f.Template("reveiw")
	e, ok := errors.AsType[*UnknownTemplateError](err)
	if !ok || e.Nearest != "review" || len(e.Known) != 3 {
		t.Errorf("%+v", err)
	}
	if _, err := new(File).Template("../../x"); err.Error() != "no template ../../x" {
		t.Errorf("%v", err)
	}
}

// TestTemplatesRefused: what is wrong is told with its line, its column and its name.
func TestTemplatesRefused(t *testing.T) {
	for _, tt := range []struct{ source, want string }{
		{"[templates.a]\n\n prompt = 1", "3:11: templates.a.prompt: must be a text in quotes"},
		{"[templates.a]\nenv = 'USER'", "2:7: templates.a.env: must be a list in [ ]"},
		{"[templates]\na = 'x'", "2:5: templates.a: must be a table"},
		{"[templates.a]\nmessages = [{role = 1}]", "must be"},
		{"[templates.a]\n prompt = '{{a'", `2:2: templates.a.prompt: {{ without }}; braces that are no place are written {{"{{"}}`},
		{"[templates.a]\nsystem = 'x {{a b}}'", `2:1: templates.a.system: {{a b}} is no place; there are {{name}}, `},
		{"[templates.a]\nsystem = '{{}}'", `{{}} is no place`},
		{"[templates.a]\nsystem = '{{-a}}'", `{{-a}} is no place`},
		{"[templates.a]\nsystem = '{{env.A-B}}'", `{{env.A-B}} is no place`},
		{"[templates.a]\nsystem = '{{date}}'", `{{date}} wants a format: {{date "%F"}}`},
		{"[templates.a]\nsystem = '{{date %F}}'", `{{date %F}} is no place`},
		{"[templates.a]\nsystem = '{{env.HOME}}'\nenv = ['USER']", `2:1: templates.a.system: {{env.HOME}} wants env = ["HOME"] in the template`},
		{"[templates.a]\nmessages = [{role = 'user', content = 'x'}]", `2:1: templates.a.messages: the last role must be "assistant"; the question is in prompt`},
		{"[templates.a]\nmessages = [{role = 'assistant', content = 'x'}]", `roles must be "user" and "assistant" in turn`},
		{"[templates.a]\n[[templates.a.messages]]\nrole = 'system'", `2:15: templates.a.messages: roles must be`},
		{"[templates.a]\nmessages = [{role = 'user', content = '{{'}]", `templates.a.messages: {{ without }}`},
		{"[templates.'../x']\nprompt = 'x'", "1:12: templates.../x: the name of a template is made of letters, digits, - and _"},
		{"[templates.'']\nprompt = 'x'", "the name of a template"},
		{"[templates.'-a']\nprompt = 'x'", "the name of a template"},
		{"[templates.\"a\\nb\"]\nprompt = 'x'", "the name of a template"},
	} {
		path := write(t, tt.source+"\n")
		_, _, err := Load(path)
		if _, ok := errors.AsType[*ParseError](err); !ok || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v, want %s", tt.source, err, tt.want)
		}
	}
}

// FuzzTemplateText: every text is either refused or made of its places and the rest, and
// what is put into a place is not looked at.
func FuzzTemplateText(f *testing.F) {
	for _, seed := range []string{"", "a", "{{a}}", "{{ a }}b{{input}}", `{{date "%F"}}`, `{{"{{"}}`, "{{env.A}}", "{{{a}}}", "{{a}", "}}{{", "{{a\n}}", "{{a}}{{b}}", "日{{本}}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		text, problem := parseText(source, []string{"A"})
		if problem != "" {
			if !strings.Contains(source, "{{") {
				t.Errorf("%q: %s", source, problem)
			}
			return
		}
		if !strings.Contains(source, "{{") && text.String() != source {
			t.Errorf("%q became %q", source, text)
		}
		marked := text.Fill(func(Place) string { return "\x00{{a}}" })
		if got := strings.Count(marked, "\x00") - strings.Count(text.Fill(func(Place) string { return "" }), "\x00"); got != len(text.places()) {
			t.Errorf("%q: %d places, filled %d", source, len(text.places()), got)
		}
		if strings.Contains(text.String(), `{{"`) || strings.Contains(source, `{{"`) {
			return // braces that are no place look like one once they are written
		}
		again, problem := parseText(text.String(), []string{"A"})
		if problem != "" || fmt.Sprint(again) != fmt.Sprint(text) {
			t.Errorf("%q: %q, then %q, %s", source, text, again, problem)
		}
	})
}
