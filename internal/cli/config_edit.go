package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"oax/internal/config"
	"oax/internal/export"
	"oax/internal/prompt"
	"oax/internal/report"
	"oax/internal/term"
)

// configDraft is a copy of the configuration file that somebody edits. It replaces the
// file, as a whole, once it can be read; until then the file is as it was.
type configDraft struct {
	path, before     string // of the file, and its content; empty if there is no file
	copied, original string // the path of the copy, and the text that it began as
}

// editConfig lets the person edit the file in an editor.
func editConfig(ctx context.Context, p *Process, log *report.Writer, dirs config.Dirs) error {
	path := dirs.ConfigFile()
	file, _, err := config.Load(path) // names the keys that the editor need not know
	if _, broken := errors.AsType[*config.ParseError](err); err != nil && !broken {
		return err
	}
	before, _ := os.ReadFile(path)
	d := &configDraft{path: path, before: string(before), original: string(before)}
	if d.before == "" {
		d.original = firstConfig
	}
	if d.copied, err = prompt.NewFile(filepath.Dir(path), "config-*.toml", d.original); err != nil {
		return report.CannotWrite(path, err)
	}
	editor := (&library{Process: p, dirs: dirs, file: file}).editor()
	for {
		if err := editor.Open(d.copied); err != nil {
			end := *report.Of(err)
			end.What, end.Hint = end.What+"; "+path+" is unchanged", "EDITOR=nano oax config edit"
			return d.giveUp(&end)
		}
		if ctx.Err() != nil {
			return d.giveUp(context.Cause(ctx))
		}
		problems, usable := d.check()
		if len(problems) == 0 {
			return d.replace()
		}
		asks := term.IsTerminal(p.Stdin) && term.IsTerminal(p.Stderr)
		if !usable && !asks {
			return d.giveUp(problems[0])
		}
		for _, problem := range problems {
			log.Error(problem)
		}
		again, err := asks && editAgain(ctx, p), context.Cause(ctx)
		switch {
		case err != nil:
			return d.giveUp(err)
		case again:
		case usable:
			return d.replace()
		default:
			return d.giveUp(report.Config(path+" is unchanged", ""))
		}
	}
}

// editAgain asks; yes is the default.
func editAgain(ctx context.Context, p *Process) bool {
	p.Stderr.WriteString("edit again? [Y/n] ")
	answer, err := term.ReadLine(ctx, p.Stdin)
	return err == nil && !strings.HasPrefix(strings.ToLower(strings.TrimSpace(answer)), "n")
}

// check reads the copy as the next run would read the file. A copy that is not usable
// has one problem.
func (d *configDraft) check() (problems []*report.Error, usable bool) {
	_, warnings, err := config.Load(d.copied)
	if err != nil {
		if at, ok := errors.AsType[*config.ParseError](err); ok {
			at.Path = d.path
		}
		return []*report.Error{report.Of(err)}, false
	}
	for _, w := range warnings {
		w.Path = d.path
		problems = append(problems, report.Config(w.String(), w.Hint))
	}
	return problems, true
}

// replace puts the text of the copy into the file, unless somebody else has changed that
// in the meantime.
func (d *configDraft) replace() error {
	after, err := os.ReadFile(d.copied)
	if err != nil {
		return report.CannotRead(d.copied, err)
	}
	if string(after) == d.before {
		return os.Remove(d.copied)
	}
	if now, _ := os.ReadFile(d.path); string(now) != d.before {
		return d.giveUp(report.Config(d.path+" was changed by another program in the meantime", ""))
	}
	if err := writeConfig(d.path, string(after)); err != nil {
		return d.giveUp(err)
	}
	return os.Remove(d.copied)
}

// writeConfig writes the configuration file, which only its owner may read if it is new.
func writeConfig(path, text string) error {
	return export.ToFile(context.Background(), path, true, func(to io.Writer) error {
		_, err := io.WriteString(to, text)
		return err
	})
}

// giveUp leaves the file as it is. If the copy was changed it is kept, and the error says
// where.
func (d *configDraft) giveUp(err error) error {
	end := *report.Of(err)
	if after, readErr := os.ReadFile(d.copied); readErr != nil || string(after) == d.original {
		os.Remove(d.copied)
	} else {
		end.Saved = "your edit is in " + d.copied
	}
	return &end
}
