package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"oax/internal/chat"
	"oax/internal/config"
	"oax/internal/session"

	"github.com/alecthomas/kong"
)

// templateChoice is the value of --template. Without a name the templates are listed.
type templateChoice struct {
	asked bool
	name  string
}

// Decode takes the next argument, unless there is none or it is a flag.
func (c *templateChoice) Decode(ctx *kong.DecodeContext) error {
	*c = templateChoice{asked: true}
	if ctx.Scan.Peek().IsValue() {
		c.name = ctx.Scan.Pop().String()
	}
	return nil
}

func (c templateChoice) lists() bool { return c.asked && c.name == "" }

// chosenTemplate returns the template that is asked for, or nil, and takes its model and its
// profile for those that no flag names.
func (f promptFlags) chosenTemplate(env *Env) (*config.Template, error) {
	if !f.Template.asked {
		if len(f.Var) > 0 {
			return nil, &report{what: "--var is for a template", hint: "-t NAME; oax -t lists them", kind: "usage", code: exitUsage}
		}
		return nil, nil
	}
	file, err := env.file()
	if err != nil {
		return nil, err
	}
	t, err := file.Template(f.Template.name)
	if err != nil {
		return nil, explainTemplate(err)
	}
	if err := checkVariables(t, f.Var); err != nil {
		return nil, err
	}
	own := env.flags.Profile == "" || env.flags.Profile == t.Profile
	if own && env.flags.Model == "" {
		env.flags.Model = t.Model
	}
	if own {
		env.flags.Profile = t.Profile
	}
	return &t, nil
}

// checkVariables refuses values that the template has no place for.
func checkVariables(t config.Template, values map[string]string) error {
	var names []string
	for _, p := range t.Places() {
		if p.Kind == config.Variable {
			names = append(names, p.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if slices.Contains(names, name) {
			continue
		}
		r := &report{what: fmt.Sprintf("template %s has no variable %s", t.Name, name), kind: "usage", code: exitUsage}
		switch near := nearest(name, names); {
		case len(names) == 0:
			r.hint = "oax -t " + t.Name + " takes none"
		case near != "":
			r.hint = fmt.Sprintf("did you mean -v %s=...?", near)
		default:
			r.hint = "it has " + strings.Join(names, ", ")
		}
		return r
	}
	return nil
}

// explainTemplate words that there is no such template.
func explainTemplate(err error) *report {
	e, ok := err.(*config.UnknownTemplateError)
	if !ok {
		return explain(err)
	}
	r := &report{what: fmt.Sprintf("no template %q", e.Name), kind: "config", code: exitUsage}
	switch {
	case e.Nearest != "":
		r.hint = "oax -t " + e.Nearest
	case len(e.Known) == 0:
		r.hint = "oax config edit, and write [templates.NAME] with prompt = \"...\""
	default:
		r.hint = "oax -t lists the " + counted(len(e.Known), "template")
	}
	return r
}

// adopt makes what a template says before the prompt part of the chat, unless it is part
// of that already. --system wins over the template's.
func (env *Env) adopt(earlier *past, asked *prompt) {
	history := earlier.history(0)
	if hasSaid(history, asked.examples...) {
		asked.examples = nil
	}
	if env.flags.System == "" && !hasSaid(history, chat.Message{Role: chat.System, Text: asked.system}) {
		env.flags.System = asked.system
	}
}

func hasSaid(history []chat.Message, messages ...chat.Message) bool {
	for _, m := range messages {
		if !slices.ContainsFunc(history, func(h chat.Message) bool { return h.Role == m.Role && h.Text == m.Text }) {
			return false
		}
	}
	return true
}

// create begins a session. One that begins with examples has the title of what is asked
// behind them. An example has no time: nobody has answered it.
func create(store *session.Store, records []session.Message) (keeper, error) {
	keep, err := store.Create(records...)
	title, behind := "", false
	for _, m := range records {
		switch {
		case m.Role == chat.Assistant && m.Time.IsZero():
			title, behind = "", true
		case m.Role == chat.User && behind && title == "":
			title, _, _ = strings.Cut(strings.TrimSpace(m.Text), "\n")
		}
	}
	if err == nil && title != "" {
		_ = store.Retitle(session.Entry{ID: keep.ID(), Path: keep.Path()}, cut(title, 80))
	}
	return keep, err
}
