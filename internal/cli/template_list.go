package cli

import (
	"encoding/json"
	"strings"

	"oax/internal/config"
	"oax/internal/term"
)

// listedTemplate is a template as --json lists it.
type listedTemplate struct {
	Name      string   `json:"name"`
	Variables []string `json:"variables,omitempty"`
	System    string   `json:"system,omitempty"`
	Prompt    string   `json:"prompt,omitempty"`
	Examples  int      `json:"examples,omitempty"` // questions with their answers
	Model     string   `json:"model,omitempty"`
	Profile   string   `json:"profile,omitempty"`
}

// listTemplates prints the templates, one a line: the name, and how the prompt begins.
// On a terminal that is fitted to it, elsewhere it is parted by a tab.
func (env *Env) listTemplates() error {
	file, err := env.file()
	if err != nil {
		return err
	}
	templates := file.Templates()
	if len(templates) == 0 {
		return &report{what: "there are no templates", hint: `oax config edit, and write [templates.NAME] with prompt = "..."`, kind: "nothing", code: exitNothing}
	}
	var list suggestions
	var b strings.Builder
	for _, t := range templates {
		list.all = append(list.all, suggestion{t.Name, aboutTemplate(t)})
	}
	switch columns, _ := term.Size(env.Stdout); {
	case env.flags.JSON:
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false)
		for _, t := range templates {
			if err := encoder.Encode(asListed(t)); err != nil {
				return err
			}
		}
	case term.IsTerminal(env.Stdout):
		b.WriteString(strings.Join(list.lines(columns), "\n") + "\n")
	default:
		for _, s := range list.all {
			b.WriteString(s.word + "\t" + s.about + "\n")
		}
	}
	return env.print(b.String())
}

func asListed(t config.Template) listedTemplate {
	out := listedTemplate{Name: t.Name, System: t.System.String(), Prompt: t.Prompt.String(), Examples: len(t.Examples) / 2, Model: t.Model, Profile: t.Profile}
	for _, p := range t.Places() {
		if p.Kind == config.Variable {
			out.Variables = append(out.Variables, p.Name)
		}
	}
	return out
}

// aboutTemplate is how the prompt begins, or what is said before it.
func aboutTemplate(t config.Template) string {
	for _, text := range append([]config.Text{t.Prompt}, t.Texts()...) {
		if line := term.Line(text.String()); line != "" {
			return cut(line, 200)
		}
	}
	return ""
}

// templateNames are what Tab has to offer.
func (env *Env) templateNames() suggestions {
	var s suggestions
	for _, t := range env.fileOrNone().Templates() {
		s.all = append(s.all, suggestion{t.Name, aboutTemplate(t)})
	}
	return s
}
