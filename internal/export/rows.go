package export

import (
	"io"
	"math"
	"os"
	"strings"

	"oax/internal/term"
)

// Rows prints a list that is no list of sessions: an object a line, columns that are
// separated by tabs, or on a terminal lines that are cut to fit.
type Rows struct {
	JSON    bool
	Columns int // of the terminal that standard output is, or 0
	out     io.Writer
}

// NewRows returns Rows that are written to out, on the way to stdout.
func NewRows(out io.Writer, stdout *os.File, asJSON bool) Rows {
	r := Rows{JSON: asJSON, out: out}
	if term.IsTerminal(stdout) {
		r.Columns, _ = term.Size(stdout)
	}
	return r
}

// Add prints a row, in one of its three forms: an object, or visible text.
func (r Rows) Add(object any, columns []string, line string) error {
	text := strings.Join(columns, "\t")
	switch {
	case r.JSON:
		return writeJSON(r.out, object, r.Columns > 0)
	case r.Columns > 0:
		text = term.Cut(line, r.Columns)
	}
	_, err := io.WriteString(r.out, text+"\n")
	return err
}

// Fact is a row whose columns of visible text stand below those of the others on a terminal.
type Fact struct {
	Object  any // for JSON
	Columns []string
}

// Facts returns a list of facts as it is printed to stdout. If the last column holds prose,
// cut cuts the lines to the terminal.
func Facts(list []Fact, stdout *os.File, asJSON, cut bool) (string, error) {
	var b strings.Builder
	r := NewRows(&b, stdout, asJSON)
	if !cut && r.Columns > 0 {
		r.Columns = math.MaxInt
	}
	var columns [][]string
	for _, f := range list {
		columns = append(columns, f.Columns)
	}
	for i, line := range term.Align(columns) {
		if err := r.Add(list[i].Object, list[i].Columns, line); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}
