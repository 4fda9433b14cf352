package cli

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"maps"
	"strings"

	"oax/internal/chat"
	"oax/internal/config"
	"oax/internal/term"

	"github.com/itchyny/timefmt-go"
)

// filled is a template with everything in its places.
type filled struct {
	system   string
	examples []chat.Message
	prompt   string
}

// values are what is put into the places of a template.
type values struct {
	env          *Env
	variables    map[string]string
	words, input string
}

func (v *values) of(p config.Place) string {
	switch p.Kind {
	case config.Input:
		return strings.TrimSuffix(v.input, "\n")
	case config.Words:
		return v.words
	case config.EnvVar:
		return v.env.getenv(p.Name)
	case config.Date:
		return timefmt.Format(v.env.Now(), p.Name)
	}
	return v.variables[p.Name]
}

// fill returns a template with the words, what is piped in and the variables in their
// places. If nothing is piped in, the words are the input of a template that has no place
// for them. What there is no place for goes behind the prompt. What is missing is asked
// for at a terminal.
func (f promptFlags) fill(ctx context.Context, env *Env, t *config.Template, words, piped string) (filled, error) {
	v := &values{env: env, variables: maps.Clone(f.Var), words: words, input: piped}
	if v.variables == nil {
		v.variables = map[string]string{}
	}
	takesWords, takesInput := has(t, config.Words), has(t, config.Input)
	if takesInput && !takesWords && piped == "" {
		v.words, v.input = "", words
	}
	if err := v.complete(ctx, t); err != nil {
		return filled{}, err
	}
	out := filled{system: t.System.Fill(v.of), prompt: t.Prompt.Fill(v.of)}
	for _, e := range t.Examples {
		m := chat.Message{Role: chat.Role(e.Role), Text: e.Text.Fill(v.of)}
		if m.Role == chat.Assistant {
			m.State = chat.Complete
		}
		out.examples = append(out.examples, m)
	}
	if !takesWords {
		out.prompt = joined(out.prompt, v.words)
	}
	if !takesInput {
		out.prompt = joined(out.prompt, v.input)
	}
	return out, nil
}

func has(t *config.Template, kind config.Kind) bool {
	for _, p := range t.Places() {
		if p.Kind == kind {
			return true
		}
	}
	return false
}

// complete gets what is missing from the person, or says what it is.
func (v *values) complete(ctx context.Context, t *config.Template) error {
	var missing []config.Place
	for _, p := range t.Places() {
		_, given := v.variables[p.Name]
		switch {
		case p.Kind == config.Variable && !given,
			p.Kind == config.Words && v.words == "",
			p.Kind == config.Input && v.input == "":
			missing = append(missing, p)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if !term.IsTerminal(v.env.Stderr) || v.env.atTerminal() != nil {
		return wants(t, missing)
	}
	in := bufio.NewReader(v.env.Stdin)
	for _, p := range missing {
		fmt.Fprintf(v.env.Stderr, "%s: ", cmp.Or(p.Name, string(p.Kind)))
		line, err := await(ctx, func() (string, error) { return in.ReadString('\n') })
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil && line == "" {
			fmt.Fprintln(v.env.Stderr) // the shell's prompt gets a line of its own
			return wants(t, missing)
		}
		v.set(p, strings.TrimRight(line, "\r\n"))
	}
	return nil
}

func (v *values) set(p config.Place, text string) {
	switch p.Kind {
	case config.Words:
		v.words = text
	case config.Input:
		v.input = text
	default:
		v.variables[p.Name] = text
	}
}

// wants says what a template cannot do without, and how it is given.
func wants(t *config.Template, missing []config.Place) error {
	var names []string
	for _, p := range missing {
		names = append(names, cmp.Or(p.Name, string(p.Kind)))
	}
	command, words := "oax -t "+t.Name, ""
	for _, p := range t.Places() {
		switch p.Kind {
		case config.Words:
			words = ` "..."`
		case config.Input:
			command = "... | " + command
		case config.Variable:
			command += " -v " + p.Name + "=..."
		}
	}
	return &report{
		what: fmt.Sprintf("template %s wants %s", t.Name, strings.Join(names, ", ")),
		hint: command + words, kind: "usage", code: exitUsage,
	}
}
