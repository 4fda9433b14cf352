package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Template is a reusable prompt: a [templates.NAME] table of the file.
type Template struct {
	Name    string
	System  Text
	Prompt  Text
	Model   string // empty: that of the profile
	Profile string // empty: the one in use
}

// templateTable is a template as the file has it.
type templateTable struct {
	System  string `toml:"system"`
	Prompt  string `toml:"prompt"`
	Model   string `toml:"model"`
	Profile string `toml:"profile"`
}

// Templates returns all templates, sorted by name.
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
		return t, &UnknownTemplateError{name, known, Nearest(name, known)}
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

// Placeholders returns the placeholders of the template's texts, each once, in the order
// of first use.
func (t Template) Placeholders() []Placeholder {
	var found []Placeholder
	for _, p := range slices.Concat(t.System.pieces, t.Prompt.pieces) {
		if p.Kind != "" && !slices.Contains(found, p.Placeholder) {
			found = append(found, p.Placeholder)
		}
	}
	return found
}

// Has reports whether the template has a placeholder of that kind.
func (t Template) Has(kind Kind) bool {
	return slices.ContainsFunc(t.Placeholders(), func(p Placeholder) bool { return p.Kind == kind })
}

// addTemplates takes the templates of the file. The error is a *ParseError about the
// first that cannot be used; it may quote a placeholder, which is a name and no value.
func (f *File) addTemplates(tables map[string]templateTable) error {
	f.templates = map[string]Template{}
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		t, setting, problem := tables[name].template(name)
		if problem != "" {
			return f.invalid(strings.TrimSuffix("templates."+name+"."+setting, "."), problem)
		}
		f.templates[name] = t
	}
	return nil
}

// template returns the template of a table, or the first setting that is invalid and
// why.
func (t templateTable) template(name string) (_ Template, setting, problem string) {
	out := Template{Name: name, Model: t.Model, Profile: t.Profile}
	if !validName(name) {
		return out, "", nameRule
	}
	if out.System, problem = parseText(t.System); problem != "" {
		return out, "system", problem
	}
	out.Prompt, problem = parseText(t.Prompt)
	return out, "prompt", problem
}

const nameRule = "a name is made of letters, digits, - and _, and does not begin with -"

// validName reports whether a template, a tool or a server can have that name.
func validName(name string) bool {
	other := func(r rune) bool { return r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsNumber(r) }
	return name != "" && name[0] != '-' && !strings.ContainsFunc(name, other)
}

// Kind says what a placeholder is filled with.
type Kind string

// The kinds of placeholders.
const (
	Variable Kind = "variable" // {{name}}: the value of --var name=...
	Input    Kind = "input"    // {{input}}: standard input
	Words    Kind = "prompt"   // {{prompt}}: the words of the command line
	Date     Kind = "date"     // {{date "FORMAT"}}: the time, by strftime's directives
)

// Placeholder marks where something is put into a text.
type Placeholder struct {
	Kind Kind
	Name string // of a variable, or the format of a date; empty for the others
}

// Text is a text with placeholders. It is parsed once: {{...}} in a value that is put
// into it stays as it is. The zero Text is empty.
type Text struct{ pieces []piece }

// piece is a placeholder if it has a kind, else literal text.
type piece struct {
	Placeholder
	text string
}

// Empty reports whether the text has no characters and no placeholders.
func (t Text) Empty() bool { return len(t.pieces) == 0 }

// Fill returns the text with each placeholder replaced by what value returns for it.
func (t Text) Fill(value func(Placeholder) string) string {
	var b strings.Builder
	for _, p := range t.pieces {
		if p.Kind != "" {
			p.text = value(p.Placeholder)
		}
		b.WriteString(p.text)
	}
	return b.String()
}

// String returns the text with its placeholders as the file has them.
func (t Text) String() string {
	return t.Fill(func(p Placeholder) string {
		switch p.Kind {
		case Variable:
			return "{{" + p.Name + "}}"
		case Date:
			return `{{date "` + p.Name + `"}}`
		}
		return "{{" + string(p.Kind) + "}}"
	})
}

// parseText parses a text. {{"..."}} stands for what is between the quotes, so that
// braces can be written as text.
func parseText(source string) (t Text, problem string) {
	if source == "" {
		return t, ""
	}
	placeholder := regexp.MustCompile(`^\{\{\s*(?:date\s+"([^"]*)"|"([^"]*)"|([\pL_][\pL\pN_-]*))\s*\}\}`)
	for source != "" {
		before, rest, found := strings.Cut(source, "{{")
		if before != "" {
			t.pieces = append(t.pieces, piece{text: before})
		}
		if !found {
			break
		}
		at := placeholder.FindStringSubmatchIndex("{{" + rest)
		if at == nil {
			return t, notAPlaceholder(rest)
		}
		p, problem := pieceOf(placeholder.FindStringSubmatch("{{"+rest), at)
		if problem != "" {
			return t, problem
		}
		t.pieces = append(t.pieces, p)
		source = ("{{" + rest)[at[1]:]
	}
	return t, ""
}

// pieceOf returns the piece of a match: its groups and their indexes, by which a group
// that matched nothing differs from an empty one.
func pieceOf(groups []string, at []int) (p piece, problem string) {
	const date, literal, name = 1, 2, 3
	switch {
	case at[2*date] >= 0:
		return piece{Placeholder: Placeholder{Date, groups[date]}}, ""
	case at[2*literal] >= 0:
		return piece{text: groups[literal]}, ""
	case groups[name] == "date":
		return p, `{{date}} needs a format: {{date "%F"}}`
	case groups[name] == string(Input), groups[name] == string(Words):
		return piece{Placeholder: Placeholder{Kind: Kind(groups[name])}}, ""
	}
	return piece{Placeholder: Placeholder{Variable, groups[name]}}, ""
}

// notAPlaceholder says what is wrong after an opening brace.
func notAPlaceholder(rest string) string {
	const maxQuoted = 40
	inside, _, closed := strings.Cut(rest, "}}")
	if !closed || len(inside) > maxQuoted {
		return `{{ without }}; to write braces as text, use {{"{{"}}`
	}
	return fmt.Sprintf(`{{%s}} is no placeholder; there are {{name}}, {{input}}, {{prompt}} and {{date "%%F"}}`, inside)
}
