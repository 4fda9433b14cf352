package cli

import (
	"context"
	"errors"
	"io"

	"oax/internal/export"
	"oax/internal/markdown"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/term"
	"oax/internal/turn"
)

// How lists and long texts are printed.

// pagerFlags are those of commands whose output can be longer than a screen.
type pagerFlags struct {
	NoPager bool `help:"Do not use a pager for output longer than the screen ($$OAX_PAGER, $$PAGER, less)." group:"Output:"`
}

// paged lets print write to standard output; if that is a terminal and the text does not
// fit on its screen, to a pager. Bytes for other programs (--json), or that may move the
// cursor (--raw), never go to a pager.
func (f pagerFlags) paged(ctx context.Context, lib *library, bytes bool, print func(io.Writer) error) error {
	if !f.NoPager && !bytes && term.IsTerminal(lib.Stdout) {
		if pager := term.FindPager(ctx, lib.Stdout, lib.LookupEnv, lib.file.WithoutKeys(lib.Environ)); pager != nil {
			screen := term.NewPager(ctx, lib.Stdout, pager)
			printed := print(screen)
			if err := screen.Close(); err != nil {
				return endOfOutput(ctx, err)
			}
			if errors.Is(printed, term.ErrPagerLeft) {
				return nil
			}
			return printed
		}
	}
	out := term.NewSteadyWriter(term.Writer(ctx, lib.Stdout))
	printed := print(out)
	if err := out.Flush(); err != nil {
		return endOfOutput(ctx, err)
	}
	return printed
}

// endOfOutput returns why standard output could not be written: the run was ended, or the
// error of the system.
func endOfOutput(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return report.Output(err)
}

// style returns how saved messages look, and the viewer in it, which is nil if texts are
// printed as they are.
func (l *library) style(o turn.TextOptions) (export.Style, turn.Viewer) {
	viewer := turn.NewViewer(o)
	_, styled := viewer.(*markdown.Terminal)
	return export.Style{TimeFormat: l.file.TimeFormat, Viewer: viewer, Bold: styled}, viewer
}

// newList returns a list of sessions, as JSON or as standard output wants it.
func (l *library) newList(asJSON bool, out io.Writer) export.List {
	return export.NewList(out, export.ListOptions{
		JSON: asJSON, Stdout: l.Stdout, TimeFormat: l.file.TimeFormat, Now: l.Now(), Open: l.store.Open(),
	})
}

// printAll prints sessions as ls does.
func (l *library) printAll(asJSON bool, entries []session.Entry) error {
	list := l.newList(asJSON, l.Stdout)
	for _, entry := range entries {
		if err := list.Add(l.summary(entry)); err != nil {
			return report.Output(err)
		}
	}
	if err := list.End(); err != nil {
		return report.Output(err)
	}
	return nil
}

// summary returns what a list shows of a session; of one that cannot be read, its name.
func (l *library) summary(entry session.Entry) session.Summary {
	s, err := l.store.Summary(entry)
	if err != nil {
		return session.Summary{Entry: entry, Damaged: true}
	}
	return s
}

// printFacts prints a list of facts. If the last column holds prose, cut cuts the lines to
// the terminal.
func (p *Process) printFacts(list []export.Fact, asJSON, cut bool) error {
	text, err := export.Facts(list, p.Stdout, asJSON, cut)
	if err != nil {
		return err
	}
	return p.print(text)
}
