package lineedit

import (
	"slices"

	"oax/internal/term"
)

// What is shown below the text.

// menu is the texts that Tab offers.
type menu struct {
	all    []Candidate // nil: nothing is offered
	from   int         // where the text begins that they replace
	chosen int         // -1: none yet
}

// extra returns the lines below the text.
func (e *Editor) extra(columns, rows int) []string {
	var lines []string
	switch {
	case rows < 1:
	case e.search.on:
		mark := "search: "
		if e.search.failed {
			mark = "not found: "
		}
		lines = []string{term.Cut(mark+term.Line(e.search.query), columns)}
	case e.note != "":
		lines = []string{term.Cut(e.note, columns)}
	case e.menu.all != nil:
		lines = e.menu.lines(columns, rows)
	}
	return lines
}

// lines returns the candidates around the chosen one, as they are drawn.
func (m *menu) lines(columns, rows int) []string {
	var cells [][]string
	for _, c := range m.all {
		cells = append(cells, []string{term.Line(c.Value), term.Line(c.About)})
	}
	lines := term.Align(cells)
	first := max(0, min(m.chosen-rows/2, len(lines)-rows))
	lines = slices.Clone(lines[first:min(len(lines), first+rows)])
	for i := range lines {
		lines[i] = term.Cut(lines[i], columns)
		if first+i == m.chosen {
			lines[i] = "\x1b[7m" + lines[i] + "\x1b[0m"
		}
	}
	return lines
}
