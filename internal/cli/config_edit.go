package cli

import (
	"bufio"
	"context"
	"errors"
	"strings"

	"oax/internal/config"
	"oax/internal/term"
)

// editConfig lets the person change a copy of the file in an editor. It takes the place of
// the file, whole, once it is one that can be read; until then the file is as it was.
func (env *Env) editConfig(ctx context.Context) error {
	d, err := newDraft(configFile())
	if err != nil {
		return err
	}
	if file, _, err := config.Load(d.target); err == nil {
		env.config = file // it knows more keys to keep from the editor
	}
	for {
		if err := d.edit(env); err != nil {
			return d.giveUp(err)
		}
		if ctx.Err() != nil {
			return d.giveUp(context.Cause(ctx))
		}
		problems, usable := d.problems()
		if len(problems) == 0 {
			return d.replace()
		}
		asks := term.IsTerminal(env.Stdin) && term.IsTerminal(env.Stderr)
		if !usable && !asks {
			return d.giveUp(problems[0])
		}
		for _, problem := range problems {
			env.said.report(problem)
		}
		again, err := asks && env.editsAgain(ctx), context.Cause(ctx)
		switch {
		case err != nil:
			return d.giveUp(err)
		case again:
		case usable:
			return d.replace()
		default:
			return d.giveUp(&report{what: d.path + " is unchanged", code: exitUsage, kind: "config"})
		}
	}
}

// editsAgain asks; nothing but a no means no.
func (env *Env) editsAgain(ctx context.Context) bool {
	env.Stderr.WriteString("edit again? [Y/n] ")
	answer, err := await(ctx, func() (string, error) { return bufio.NewReader(env.Stdin).ReadString('\n') })
	return err == nil && !strings.HasPrefix(strings.ToLower(strings.TrimSpace(answer)), "n")
}

func (d *draft) edit(env *Env) error {
	failed := env.runEditor(d.name)
	if failed == "" {
		return nil
	}
	return &report{
		what: failed + "; " + d.path + " is unchanged",
		hint: "EDITOR=nano oax config edit", code: exitNothing, kind: "editor",
	}
}

// problems reads the draft as the next run would read the file, and says what is the
// matter and whether it can be used all the same.
func (d *draft) problems() (problems []*report, usable bool) {
	_, warnings, err := config.Load(d.name)
	if err != nil {
		if at, ok := errors.AsType[*config.ParseError](err); ok {
			at.Path = d.path
		}
		return []*report{explain(err)}, false
	}
	for _, w := range warnings {
		w.Path = d.path
		problems = append(problems, &report{what: w.String(), hint: w.Hint, code: exitUsage, kind: "config"})
	}
	return problems, true
}
