package term

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Invisible returns how many characters of s a person cannot see and a model reads,
// those that turn the reading direction among them, and the first of them. Flags that
// are made of tag characters are none.
func Invisible(s string) (n int, first rune) {
	eachInvisible(s, func(r rune, _, _ int) {
		if n++; n == 1 {
			first = r
		}
	})
	return n, first
}

// WithoutInvisible returns s without them.
func WithoutInvisible(s string) string {
	var kept []byte
	from := 0
	eachInvisible(s, func(_ rune, at, size int) {
		kept = append(kept, s[from:at]...)
		from = at + size
	})
	if from == 0 {
		return s
	}
	return string(append(kept, s[from:]...))
}

func eachInvisible(s string, do func(r rune, at, size int)) {
	var before rune
	for at := 0; at < len(s); {
		r, size := utf8.DecodeRuneInString(s[at:])
		class := passed
		if size > 1 {
			class = classOf(r)
		}
		switch {
		case class == flagged:
			size, _ = flag([]byte(s[at:min(at+4*(maxTags+2), len(s))]))
		case class == removed, class == turning, class == selecting && !selects(r, before):
			do(r, at, size)
		}
		before, _ = utf8.DecodeLastRuneInString(s[at : at+size])
		at += size
	}
}

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

// JSONLine returns a value as one line of JSON, with < and & as they are. For a terminal,
// what EscapeJSON escapes is escaped.
func JSONLine(value any, terminal bool) (string, error) {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	if terminal {
		return EscapeJSON(b.String()), err
	}
	return b.String(), err
}

// EscapeJSON returns JSON with each character that a terminal would obey or not show
// escaped as \uXXXX. Line breaks and tabs stay: between values they are white space.
func EscapeJSON(json string) string {
	if Visible(json) == json {
		return json
	}
	var b strings.Builder
	var before rune
	for _, r := range json {
		one := string(r)
		selected := r > 0xa0 && classOf(r) == selecting && selects(r, before)
		if before = r; selected || Visible(one) == one {
			b.WriteString(one)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}
