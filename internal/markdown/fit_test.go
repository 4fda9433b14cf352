package markdown

import (
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"oax/internal/term"
)

// mutated returns a text of some of these lines, nested in each other, with marks put in.
func mutated(rng *rand.Rand, lines []string) string {
	marks := []string{"*", "**", "_", "`", "~~", "> ", "- ", "1. ", "[", "](", ")", "|", "#", "\t", "\\", "$", "<", "👨‍👩‍👧", "e\u0301", "。", "「", "\u202e", "\x1b[2J", "  \n", "\n\n", "```\n", "한국어", "supercalifragilistic"}
	prefixes := []string{"", "", "", "> ", "- ", "  ", "    ", "1. ", "> > - ", "* 10. ", "- [ ] ", "|"}
	var b strings.Builder
	prefix := ""
	for range 1 + rng.IntN(12) {
		if rng.IntN(3) == 0 {
			prefix = prefixes[rng.IntN(len(prefixes))]
		}
		line := lines[rng.IntN(len(lines))]
		for range rng.IntN(3) {
			at := rng.IntN(len(line) + 1)
			for at < len(line) && line[at]&0xc0 == 0x80 {
				at++
			}
			line = line[:at] + marks[rng.IntN(len(marks))] + line[at:]
		}
		b.WriteString(strings.Repeat(prefix, 1+rng.IntN(2)*rng.IntN(30)) + line + "\n")
	}
	return b.String()
}

var (
	underHeader = regexp.MustCompile(`(?m)^[-:| \t>*+0-9.)]*-[-:| \t]*$`) // of a table, perhaps
	fences      = regexp.MustCompile("```|~~~")
	codeLines   = regexp.MustCompile("(?m)^──[ …].*")
)

// checkFits wants that a text fits into a window, unless it has code or a table, and that it
// has the same characters in each window.
func checkFits(t *testing.T, text string, columns int) {
	t.Helper()
	if underHeader.MatchString(text) {
		return // TestNarrowTables looks at tables
	}
	plain := plainOf(shown(screen(columns), text))
	if !fences.MatchString(text) && !strings.ContainsAny(text, "\t") && !strings.Contains(text, "    ") {
		for line := range strings.Lines(plain) {
			if n := term.Width(strings.TrimSuffix(line, "\n")); n > max(columns, minColumns) {
				t.Errorf("%q in %d columns: %q has %d:\n%s", text, columns, line, n, plain)
			}
		}
	}
	content := func(plain string) string { return letters(codeLines.ReplaceAllString(plain, "")) }
	if got, want := content(plain), content(plainOf(shown(Options{Links: true}, text))); got != want {
		t.Errorf("%q in %d columns has\n%q, want\n%q", text, columns, got, want)
	}
	if !strings.ContainsAny(text, "[&\\$<\u200b") && !fences.MatchString(text) {
		if got, want := onlyLetters(plain), onlyLetters(term.Visible(text)); got != want {
			t.Errorf("%q in %d columns has\n%q, want\n%q", text, columns, got, want)
		}
	}
}

// onlyLetters returns the letters of a text.
func onlyLetters(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, text)
}

// Whatever models write, and whatever is made of it, fits into a window of any width, and
// nothing of it is lost or shown twice.
func TestEveryWidth(t *testing.T) {
	var lines []string
	for _, e := range examples(t) {
		lines = append(lines, strings.Split(e.markdown, "\n")...)
	}
	for _, text := range texts(t) {
		lines = append(lines, strings.Split(text, "\n")...)
	}
	n := 2000
	if os.Getenv("OAX_TORTURE") != "" {
		n = 200_000
	}
	for seed := range uint64(n) {
		rng := rand.New(rand.NewPCG(seed, 1))
		if checkFits(t, mutated(rng, lines), 1+rng.IntN(200)); t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}
