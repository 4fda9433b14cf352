package cli

import (
	"io"
	"strings"

	"oax/internal/export"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/term"
)

// newList returns a list of sessions in the form that the flags and standard output ask
// for.
func (p *Process) newList(lib *library, o outputFlags, out io.Writer) export.List {
	return export.NewList(out, export.ListOptions{
		JSON: o.JSON, Stdout: p.Stdout, TimeFormat: lib.file.TimeFormat, Now: p.Now(), Open: lib.store.Open(),
	})
}

// printAll prints sessions as ls does.
func printAll(p *Process, lib *library, o outputFlags, entries []session.Entry) error {
	list := p.newList(lib, o, p.Stdout)
	for _, entry := range entries {
		if err := list.Add(summaryOf(lib.store, entry)); err != nil {
			return report.Output(err)
		}
	}
	if err := list.End(); err != nil {
		return report.Output(err)
	}
	return nil
}

// writeJSON writes a value as one line of JSON to standard output, by way of out.
func (p *Process) writeJSON(out io.Writer, value any) error {
	return export.WriteJSON(out, value, term.IsTerminal(p.Stdout))
}

// fact is a line of a list that is no list of sessions.
type fact struct {
	object  any      // for --json
	columns []string // visible text
}

// printFacts prints a list: an object a line, or columns that are separated by tabs or, on
// a terminal, aligned. If the last column holds prose, cut cuts the lines to the terminal.
func (p *Process) printFacts(list []fact, asJSON, cut bool) error {
	var b strings.Builder
	var rows [][]string
	for _, f := range list {
		rows = append(rows, f.columns)
		if asJSON {
			if err := p.writeJSON(&b, f.object); err != nil {
				return err
			}
		} else if !term.IsTerminal(p.Stdout) {
			b.WriteString(strings.Join(f.columns, "\t") + "\n")
		}
	}
	if !asJSON && term.IsTerminal(p.Stdout) {
		columns, _ := term.Size(p.Stdout)
		for _, line := range term.Align(rows) {
			if cut {
				line = term.Cut(line, columns)
			}
			b.WriteString(line + "\n")
		}
	}
	return p.print(b.String())
}
