package prompt

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"oax/internal/config"
	"oax/internal/report"
	"oax/internal/term"
)

// How a template becomes a prompt, and how templates are listed.

// values are what is put into the placeholders of a template.
type values struct {
	variables    map[string]string
	words, input string
	now          func() time.Time
}

func (v values) of(p config.Placeholder) string {
	switch p.Kind {
	case config.Input:
		return strings.TrimSuffix(v.input, "\n")
	case config.Words:
		return v.words
	case config.Date:
		return term.FormatTime(v.now(), p.Name)
	}
	return v.variables[p.Name]
}

// fill returns the prompt and the system message of a template. Without standard input,
// the words are the input of a template that has no placeholder for words. Words and
// input without a placeholder follow the template's prompt.
func fill(t *config.Template, v values) (prompt, system string, err error) {
	takesWords, takesInput := t.Has(config.Words), t.Has(config.Input)
	if takesInput && !takesWords && v.input == "" {
		v.words, v.input = "", v.words
	}
	if missing := v.missing(t); len(missing) > 0 {
		return "", "", report.Usage(fmt.Sprintf("template %s needs %s", t.Name, strings.Join(missing, ", ")), exampleCommand(t))
	}
	prompt = t.Prompt.Fill(v.of)
	if !takesWords {
		prompt = join(prompt, v.words)
	}
	if !takesInput {
		prompt = join(prompt, v.input)
	}
	return prompt, t.System.Fill(v.of), nil
}

// missing returns the placeholders that have no value.
func (v values) missing(t *config.Template) []string {
	var names []string
	for _, p := range t.Placeholders() {
		_, set := v.variables[p.Name]
		switch {
		case p.Kind == config.Variable && !set,
			p.Kind == config.Words && v.words == "",
			p.Kind == config.Input && v.input == "":
			names = append(names, cmp.Or(p.Name, string(p.Kind)))
		}
	}
	return names
}

// exampleCommand returns a command line that gives a template all that it needs.
func exampleCommand(t *config.Template) string {
	command, words := "oax -t "+t.Name, ""
	for _, p := range t.Placeholders() {
		switch p.Kind {
		case config.Words:
			words = ` "..."`
		case config.Input:
			command = "... | " + command
		case config.Variable:
			command += " -v " + p.Name + "=..."
		}
	}
	return command + words
}

// checkVariables refuses values that the template has no variable for.
func checkVariables(t *config.Template, vars map[string]string) error {
	if t == nil {
		if len(vars) > 0 {
			return report.Usage("--var is for a template", "-t NAME; oax -t lists them")
		}
		return nil
	}
	known := variables(*t)
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		if slices.Contains(known, name) {
			continue
		}
		hint := "its variables are " + strings.Join(known, ", ")
		if near := config.Nearest(name, known); near != "" {
			hint = fmt.Sprintf("did you mean -v %s=...?", near)
		} else if len(known) == 0 {
			hint = "leave out -v " + name + "=..."
		}
		return report.Usage(fmt.Sprintf("template %s has no variable %s", t.Name, name), hint)
	}
	return nil
}

func variables(t config.Template) []string {
	var names []string
	for _, p := range t.Placeholders() {
		if p.Kind == config.Variable {
			names = append(names, p.Name)
		}
	}
	return names
}

// Listed is a template in a list, with the fields that --json prints.
type Listed struct {
	Name      string   `json:"name"`
	Variables []string `json:"variables,omitempty"`
	System    string   `json:"system,omitempty"`
	Prompt    string   `json:"prompt,omitempty"`
	Model     string   `json:"model,omitempty"`
	Profile   string   `json:"profile,omitempty"`
	About     string   `json:"-"` // how its prompt begins, or else its system message, in one line
}

// List returns the templates of a configuration, sorted by name.
func List(file *config.File) []Listed {
	const maxAbout = 200 // columns
	var list []Listed
	for _, t := range file.Templates() {
		about := cmp.Or(term.Line(t.Prompt.String()), term.Line(t.System.String()))
		list = append(list, Listed{
			Name: t.Name, Variables: variables(t), System: t.System.String(), Prompt: t.Prompt.String(),
			Model: t.Model, Profile: t.Profile, About: term.Cut(about, maxAbout),
		})
	}
	return list
}
