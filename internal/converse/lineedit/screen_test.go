package lineedit

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"oax/internal/term"
)

// emulator is a terminal of so many columns and rows: what the editor writes, it draws.
type emulator struct {
	t             *testing.T
	columns, rows int
	lines         [][]string // of clusters; a wide one is followed by an empty cell
	row, column   int
}

func newEmulator(t *testing.T, columns, rows int) *emulator {
	m := &emulator{t: t, columns: columns, rows: rows}
	for range rows {
		m.lines = append(m.lines, slices.Repeat([]string{" "}, columns))
	}
	return m
}

func (m *emulator) Write(b []byte) (int, error) {
	for rest := string(b); rest != ""; {
		switch {
		case strings.HasPrefix(rest, "\x1b["):
			end := 2 + strings.IndexFunc(rest[2:], func(r rune) bool { return r >= '@' })
			m.control(rest[2:end], rest[end])
			rest = rest[end+1:]
		case rest[0] == '\r':
			m.column, rest = 0, rest[1:]
		case rest[0] == '\n':
			rest = rest[1:]
			if m.row++; m.row == m.rows {
				m.row--
				m.lines = append(m.lines[1:], slices.Repeat([]string{" "}, m.columns))
			}
		default:
			text, _, _ := strings.Cut(rest, "\x1b")
			text, _, _ = strings.Cut(text, "\r")
			for _, cluster := range term.Clusters(text) {
				m.put(cluster)
			}
			rest = rest[len(text):]
		}
	}
	return len(b), nil
}

func (m *emulator) put(cluster string) {
	width := term.Width(cluster)
	if m.column+width > m.columns {
		m.t.Fatalf("%q is written in column %d of %d", cluster, m.column, m.columns)
	}
	for i := range width {
		m.lines[m.row][m.column+i] = ""
	}
	m.lines[m.row][m.column] = cluster
	m.column += width
}

func (m *emulator) control(parameter string, final byte) {
	n := 1
	fmt.Sscan(parameter, &n)
	erase := func(row, from int) {
		copy(m.lines[row][from:], slices.Repeat([]string{" "}, m.columns))
	}
	switch final {
	case 'A':
		if m.row -= n; m.row < 0 {
			m.t.Fatalf("the cursor leaves the screen")
		}
	case 'G':
		m.column = n - 1
	case 'K':
		erase(m.row, m.column)
	case 'J':
		erase(m.row, m.column)
		for row := m.row + 1; row < m.rows; row++ {
			erase(row, 0)
		}
	case 'h', 'l', 'm':
	default:
		m.t.Fatalf("a terminal gets %q %q", parameter, final)
	}
}

// screen returns the rows as far as there is something in them.
func (m *emulator) screen() []string {
	var rows []string
	for _, line := range m.lines {
		rows = append(rows, strings.TrimRight(strings.Join(line, ""), " "))
	}
	for len(rows) > 0 && rows[len(rows)-1] == "" {
		rows = rows[:len(rows)-1]
	}
	return rows
}

// TestDrawing: after any key the screen has what a new screen would have, and the cursor
// where it would be, however small the window is.
func TestDrawing(t *testing.T) {
	r := rand.New(rand.NewPCG(seed(t), 2))
	for range sequences(300) {
		columns, rows := 8+r.IntN(40), 2+r.IntN(8)
		m, drawn := new(model), newEmulator(t, columns, rows)
		e := headless(columns, rows, "an earlier one", "日本\n語の\nメッセージ")
		e.screen.out = drawn
		e.o.Complete = func(string) (int, []Candidate) {
			return 0, []Candidate{{"/one", "the first"}, {"/oテ", "二番"}}
		}
		keys := m.sequence(r)
		for range 3 {
			at := r.IntN(len(keys) + 1)
			keys = keys[:at] + []string{"\t\t", "\x12a", "\x12日\x12", "\x1b[A", "\x1b[B", "\x1b[Z"}[r.IntN(6)] + keys[at:]
		}
		for rest := keys; rest != ""; {
			n := 1 + r.IntN(min(len(rest), 6))
			e.types(rest[:n])
			rest = rest[n:]
			e.draw()
			fresh := newEmulator(t, columns, rows)
			(&screen{out: fresh}).show(e.view(columns, rows), columns)
			if got, want := drawn.screen(), fresh.screen(); !slices.Equal(got, want) {
				t.Fatalf("%dx%d, %q before %q: the screen is %q, want %q", columns, rows, keys, rest, got, want)
			}
			if last := fresh.row; drawn.column != fresh.column || drawn.row != last {
				t.Fatalf("%dx%d, %q before %q: the cursor is in row %d, column %d, want %d, %d", columns, rows, keys, rest, drawn.row, drawn.column, last, fresh.column)
			}
		}
	}
}
