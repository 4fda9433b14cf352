package picker

import (
	"strings"

	"oax/internal/term"
)

// maxPanes is how many panes are kept.
const maxPanes = 500

// keys returns the reminder for the last row.
func keys(columns int) string {
	if long := "Enter takes it, Esc leaves"; len(long) <= columns {
		return long
	}
	return term.Cut("Esc leaves", columns)
}

// window is the preview window. The finder calls draw at every redraw, so what
// it showed is kept.
type window struct {
	items    []Item
	passages func(id string) []Passage
	sought   *search
	shown    map[pane]string
}

type pane struct{ item, columns, rows int }

// draw returns what the window shows beside item i, -1 for none, on a screen of
// so many columns and rows.
func (w *window) draw(i, width, height int) string {
	// The finder takes the right half, a frame, a space inside it, and the two
	// columns it keeps for its dots.
	p := pane{i, width - width/2 - 5, height - 2}
	if p.columns < 2 || p.rows < 1 {
		return ""
	}
	text, ok := w.shown[p]
	if !ok {
		if len(w.shown) >= maxPanes {
			clear(w.shown)
		}
		text = w.fill(p)
		w.shown[p] = text
	}
	return text
}

// fill makes the text of a pane: the item's, and the keys in the last row.
func (w *window) fill(p pane) string {
	rows := max(p.rows-1, 1)
	lines := make([]string, 0, p.rows)
	if p.item >= 0 {
		lines = append(lines, w.sought.view(w.passages(w.items[p.item].ID), p.columns, rows)...)
	}
	for len(lines) < rows {
		lines = append(lines, "")
	}
	if p.rows > 1 {
		lines = append(lines, "\x1b[2m"+keys(p.columns)+"\x1b[0m")
	}
	return strings.Join(lines, "\n")
}
