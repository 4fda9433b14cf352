package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
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
	path   string // of the file
	copied string // the path of the copy, beside the file: paths in it are relative
	before []byte // the file's content; nil if there is no file
}

// editConfig lets the person edit the file in an editor.
func editConfig(ctx context.Context, p *Process, log *report.Writer, dirs config.Dirs) error {
	path := dirs.ConfigFile()
	d, err := newConfigDraft(path)
	if err != nil {
		return err
	}
	file, _, _ := config.Load(path) // names the keys that the editor need not know
	editor := p.editor(&library{dirs: dirs, file: file})
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

// newConfigDraft copies the file, or the one to start from if there is none. Only its
// owner may read the copy.
func newConfigDraft(path string) (*configDraft, error) {
	d := &configDraft{path: path}
	dir := filepath.Dir(path)
	target, err := filepath.EvalSymlinks(path) // many keep the file in a repository
	if err == nil {
		dir = filepath.Dir(target)
		var info fs.FileInfo
		if info, err = os.Stat(target); err == nil && !info.Mode().IsRegular() {
			return nil, &config.FileError{Path: path}
		}
		if err == nil {
			d.before, err = os.ReadFile(target)
		}
	}
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		d.copied, err = prompt.NewFile(dir, "config-*.toml", string(d.original()))
	}
	if err != nil {
		return nil, report.CannotWrite(path, err)
	}
	return d, nil
}

// original returns the text that the copy began as.
func (d *configDraft) original() []byte {
	if d.before == nil {
		return []byte(firstConfig)
	}
	return d.before
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
	if bytes.Equal(after, d.before) {
		return os.Remove(d.copied)
	}
	now, err := os.ReadFile(d.path)
	if !bytes.Equal(now, d.before) || err != nil && d.before != nil {
		return d.giveUp(report.Config(d.path+" was changed by another program in the meantime", ""))
	}
	err = export.ToFile(context.Background(), d.path, true, func(to io.Writer) error {
		_, err := to.Write(after)
		return err
	})
	if err != nil {
		return d.giveUp(err)
	}
	return os.Remove(d.copied)
}

// giveUp leaves the file as it is. If the copy was changed it is kept, and the error says
// where.
func (d *configDraft) giveUp(err error) error {
	end := *report.Of(err)
	after, readErr := os.ReadFile(d.copied)
	if readErr != nil || bytes.Equal(after, d.original()) {
		os.Remove(d.copied)
	} else {
		end.Saved = "your edit is in " + d.copied
	}
	return &end
}
