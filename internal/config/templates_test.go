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
system = "You review {{lang}} code."
prompt = """
Review this {{ lang }} diff of {{date "%F"}}:
{{input}}
{{tone}} {{"{{input}}"}} {{prompt}}"""
model = "m"
profile = "p"
[templates]
"日本" = { prompt = "{{語}}" }
empty = {}
`)
	r, err := f.Template("review")
	if err != nil || r.Name != "review" || r.Model != "m" || r.Profile != "p" {
		t.Fatalf("%+v, %v", r, err)
	}
	const want = `[{variable lang} {date %F} {input } {variable tone} {prompt }]`
	if got := fmt.Sprint(r.Placeholders()); got != want {
		t.Errorf("%s", got)
	}
	if !r.Has(Input) || !r.Has(Words) || (Template{}).Has(Input) {
		t.Errorf("%v", r.Placeholders())
	}
	fill := func(p Placeholder) string { return "<" + string(p.Kind) + " " + p.Name + "{{input}}>" }
	if got := r.System.Fill(fill); got != "You review <variable lang{{input}}> code." {
		t.Errorf("%q", got)
	}
	if got := r.Prompt.Fill(fill); got != "Review this <variable lang{{input}}> diff of <date %F{{input}}>:\n<input {{input}}>\n<variable tone{{input}}> {{input}} <prompt {{input}}>" {
		t.Errorf("%q", got)
	}
	var names []string
	for _, template := range f.Templates() {
		names = append(names, template.Name)
	}
	if fmt.Sprint(names) != "[empty review 日本]" {
		t.Errorf("%v", names)
	}
	if empty, err := f.Template("empty"); err != nil || !empty.Prompt.Empty() || empty.Placeholders() != nil {
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

// TestTemplatesRefused: an error has the line, the column and the setting.
func TestTemplatesRefused(t *testing.T) {
	for _, tt := range []struct{ source, want string }{
		{"[templates.a]\n\n prompt = 1", "3:11: templates.a.prompt: must be a text in quotes"},
		{"[templates]\na = 'x'", "2:5: templates.a: must be a table"},
		{"[templates.a]\n prompt = '{{a'", `2:2: templates.a.prompt: {{ without }}; to write braces as text, use {{"{{"}}`},
		{"[templates.a]\nsystem = 'x {{a b}}'", `2:1: templates.a.system: {{a b}} is no placeholder; there are {{name}}, {{input}}, {{prompt}} and {{date "%F"}}`},
		{"[templates.a]\nsystem = '{{}}'", `{{}} is no placeholder`},
		{"[templates.a]\nsystem = '{{-a}}'", `{{-a}} is no placeholder`},
		{"[templates.a]\nsystem = '{{env.HOME}}'", `2:1: templates.a.system: {{env.HOME}} is no placeholder`},
		{"[templates.a]\nsystem = '{{date}}'", `{{date}} needs a format: {{date "%F"}}`},
		{"[templates.a]\nsystem = '{{date %F}}'", `{{date %F}} is no placeholder`},
		{"[templates.'../x']\nprompt = 'x'", "1:12: templates.../x: a name is made of letters, digits, - and _, and does not begin with -"},
		{"[templates.'']\nprompt = 'x'", "a name is made of"},
		{"[templates.'-a']\nprompt = 'x'", "a name is made of"},
		{"[templates.\"a\\nb\"]\nprompt = 'x'", "a name is made of"},
	} {
		path := write(t, tt.source+"\n")
		_, _, err := Load(path)
		if _, ok := errors.AsType[*ParseError](err); !ok || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v, want %s", tt.source, err, tt.want)
		}
	}
}

// FuzzTemplateText: every text is either refused or made of its placeholders and the
// rest, and the value of a placeholder is not parsed.
func FuzzTemplateText(f *testing.F) {
	for _, seed := range []string{"", "a", "{{a}}", "{{ a }}b{{input}}", `{{date "%F"}}`, `{{"{{"}}`, "{{env.A}}", "{{{a}}}", "{{a}", "}}{{", "{{a\n}}", "{{a}}{{b}}", "日{{本}}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		text, problem := parseText(source)
		if problem != "" {
			if !strings.Contains(source, "{{") {
				t.Errorf("%q: %s", source, problem)
			}
			return
		}
		if !strings.Contains(source, "{{") && text.String() != source {
			t.Errorf("%q became %q", source, text)
		}
		placeholders := 0
		for _, p := range text.pieces {
			if p.Kind != "" {
				placeholders++
			}
		}
		marked := text.Fill(func(Placeholder) string { return "\x00{{a}}" })
		if got := strings.Count(marked, "\x00") - strings.Count(text.Fill(func(Placeholder) string { return "" }), "\x00"); got != placeholders {
			t.Errorf("%q: %d placeholders, filled %d", source, placeholders, got)
		}
		if strings.Contains(text.String(), `{{"`) || strings.Contains(source, `{{"`) {
			return // literal braces look like a placeholder once they are written
		}
		again, problem := parseText(text.String())
		if problem != "" || fmt.Sprint(again) != fmt.Sprint(text) {
			t.Errorf("%q: %q, then %q, %s", source, text, again, problem)
		}
	})
}
