package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Template is a reusable prompt.
type Template struct {
	Name     string
	System   Text
	Prompt   Text
	Examples []Example // a question and its answer in turn, which go before the prompt
	Model    string    // empty: that of the profile
	Profile  string    // empty: the one in use
}

// Example is a message that shows the model what is wanted.
type Example struct {
	Role string // user or assistant
	Text Text
}

// templateTable is a template as the file has it.
type templateTable struct {
	System   string         `toml:"system"`
	Prompt   string         `toml:"prompt"`
	Model    string         `toml:"model"`
	Profile  string         `toml:"profile"`
	Env      []string       `toml:"env"` // the variables of the environment that its texts may name
	Messages []exampleTable `toml:"messages"`
}

type exampleTable struct {
	Role    string `toml:"role"`
	Content string `toml:"content"`
}

// Templates returns the templates there are, by name.
func (f *File) Templates() []Template {
	var list []Template
	for _, name := range slices.Sorted(maps.Keys(f.templates)) {
		list = append(list, f.templates[name])
	}
	return list
}

// Template returns the template of that name. The error is an *UnknownTemplateError.
func (f *File) Template(name string) (Template, error) {
	t, ok := f.templates[name]
	if !ok {
		known := slices.Sorted(maps.Keys(f.templates))
		return t, &UnknownTemplateError{name, known, nearest(name, known)}
	}
	return t, nil
}

// UnknownTemplateError says that there is no template of a name. Nearest may be empty.
type UnknownTemplateError struct {
	Name    string
	Known   []string
	Nearest string
}

func (e *UnknownTemplateError) Error() string { return "no template " + e.Name }

// Texts returns the texts of a template, in the order in which they are sent.
func (t Template) Texts() []Text {
	texts := []Text{t.System}
	for _, e := range t.Examples {
		texts = append(texts, e.Text)
	}
	return append(texts, t.Prompt)
}

// Places returns what its texts leave open, each once, in the order of first use.
func (t Template) Places() []Place {
	var places []Place
	for _, text := range t.Texts() {
		for _, p := range text.places() {
			if !slices.Contains(places, p) {
				places = append(places, p)
			}
		}
	}
	return places
}

// addTemplates takes the templates of the file, or returns what is wrong with the first
// that cannot be one. Such an error quotes a place that cannot be filled: that is a name
// and no value.
func (f *File) addTemplates(path string, tables map[string]templateTable) error {
	f.templates = map[string]Template{}
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		t, setting, problem := tables[name].template(name)
		if problem == "" {
			f.templates[name] = t
			continue
		}
		e := &ParseError{Path: path, Key: strings.TrimSuffix("templates."+name+"."+setting, "."), Msg: problem}
		at := f.Position(e.Key)
		e.Line, e.Column = at.Line, at.Column
		return e
	}
	return nil
}

// template returns the template of a table, or the first setting that cannot be, and why.
func (t templateTable) template(name string) (_ Template, setting, problem string) {
	out := Template{Name: name, Model: t.Model, Profile: t.Profile}
	if !regexp.MustCompile(`^[\pL\pN_][\pL\pN_-]*$`).MatchString(name) {
		return out, "", "the name of a template is made of letters, digits, - and _"
	}
	if out.System, problem = parseText(t.System, t.Env); problem != "" {
		return out, "system", problem
	}
	if out.Prompt, problem = parseText(t.Prompt, t.Env); problem != "" {
		return out, "prompt", problem
	}
	out.Examples, problem = t.examples()
	return out, "messages", problem
}

func (t templateTable) examples() (list []Example, problem string) {
	for i, m := range t.Messages {
		if want := []string{"user", "assistant"}[i%2]; m.Role != want {
			return nil, `roles must be "user" and "assistant" in turn; what the system says is in system`
		}
		text, problem := parseText(m.Content, t.Env)
		if problem != "" {
			return nil, problem
		}
		list = append(list, Example{m.Role, text})
	}
	if len(list)%2 != 0 {
		return nil, `the last role must be "assistant"; the question is in prompt`
	}
	return list, ""
}
