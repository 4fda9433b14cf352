package term

import "strings"

// Visible returns s as a Filter shows it.
func Visible(s string) string {
	src := []byte(s)
	if clean(src, 0) == len(src) {
		return s
	}
	var f Filter
	return string(f.Flush(f.Append(make([]byte, 0, len(src)+16), src)))
}

// Line returns s as a Filter shows it, for a place that holds one line: every
// run of white space, line ends included, is one space, and none is left at
// either end.
func Line(s string) string { return strings.Join(strings.Fields(Visible(s)), " ") }
