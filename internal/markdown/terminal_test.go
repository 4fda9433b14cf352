package markdown

import (
	"bytes"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	nethtml "golang.org/x/net/html"

	"oax/internal/term"
)

// screen returns options of a terminal that is so wide.
func screen(columns int) Options {
	return Options{Window: func() int { return columns }, Wrap: 100, Styles: true, Links: true}
}

// shown returns what a terminal shows of a text in pieces.
func shown(o Options, pieces ...string) string {
	t := NewTerminal(o)
	var dst []byte
	for _, piece := range pieces {
		dst = t.Append(dst, []byte(piece))
	}
	return string(t.Flush(dst))
}

// sequence is what a Terminal may add: styles and links.
var sequence = regexp.MustCompile("\x1b\\[(0;)?([12349];)*([12349]|3[1-6])?m|\x1b\\]8;;[!-~]*\x1b\\\\")

func plainOf(styled string) string { return sequence.ReplaceAllString(styled, "") }

// modes are ways to show a text.
var modes = map[string]Options{
	"80 columns": screen(80), "20 columns": screen(20), "no wrapping": {}, "source": {Source: true, Styles: true},
}

// checkShown wants that the cuts of a text make no difference, that nothing but styles and
// links is sent to the terminal, and that no style goes over a line end.
func checkShown(t *testing.T, text string) {
	t.Helper()
	for mode, o := range modes {
		want := shown(o, text)
		if plain := plainOf(want); plain != term.Visible(plain) {
			t.Fatalf("%s: %q has controls: %q", mode, text, want)
		} else if o.Source && plain != term.Visible(text) {
			t.Fatalf("%s: %q without styles is %q", mode, text, plain)
		}
		for line := range strings.Lines(want + "\n") {
			all := sequence.FindAllString(line, -1)
			if styles := slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s[1] == ']' }); len(styles) > 0 && styles[len(styles)-1] != "\x1b[m" {
				t.Fatalf("%s: %q: a style goes over the end of %q", mode, text, line)
			}
			if links := slices.DeleteFunc(all, func(s string) bool { return s[1] == '[' }); len(links) > 0 && links[len(links)-1] != "\x1b]8;;\x1b\\" {
				t.Fatalf("%s: %q: a link goes over the end of %q", mode, text, line)
			}
		}
		cuts := cutAll
		if mode != "80 columns" {
			cuts = cutSome
		}
		cuts(text, func(pieces ...string) {
			if got := shown(o, pieces...); got != want {
				t.Fatalf("%s: %q in pieces %q:\n%q\nwant\n%q", mode, text, pieces, got, want)
			}
		})
	}
}

func TestCutsMakeNoDifferenceOnATerminal(t *testing.T) {
	for _, e := range examples(t) {
		checkShown(t, e.markdown)
		checkShown(t, "> - "+strings.ReplaceAll(e.markdown, "\n", "\n>   "))
	}
}

func TestCutsOfAnswersMakeNoDifferenceOnATerminal(t *testing.T) {
	for _, text := range answers(t) {
		checkShown(t, text)
	}
}

// sample is an answer with everything that answers have.
func sample(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "screens", "answer.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// texts are the sample and, where there is a corpus, the recorded answers.
func texts(t testing.TB) []string {
	if os.Getenv("OAX_CORPUS") == "" && os.Getenv("OAX_CI") == "" {
		return []string{sample(t)}
	}
	return append(answers(t), sample(t))
}

// letters returns a text without space and without all that the marks and the decorations
// of a Terminal are made of.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\n*_~`│─┼═•◦▪☐☑^", r) {
			return -1
		}
		return r
	}, text)
}

// wordsOf returns the text of a page: what a browser shows of it, with the numbers of
// lists, and the languages of code as a Terminal shows them.
func wordsOf(page string) string {
	z := nethtml.NewTokenizer(strings.NewReader(page))
	var b strings.Builder
	var numbers []int
	for {
		kind := z.Next()
		if kind == nethtml.ErrorToken {
			return b.String()
		}
		token := z.Token()
		attribute := func(name string) string {
			for _, a := range token.Attr {
				if a.Key == name {
					return a.Val
				}
			}
			return ""
		}
		switch {
		case kind == nethtml.TextToken:
			b.WriteString(token.Data)
		case kind == nethtml.EndTagToken && (token.Data == "ol" || token.Data == "ul"):
			numbers = numbers[:len(numbers)-1]
		case kind != nethtml.StartTagToken:
		case token.Data == "ul":
			numbers = append(numbers, -1)
		case token.Data == "ol":
			start := 1
			fmt.Sscan(attribute("start"), &start)
			numbers = append(numbers, start)
		case token.Data == "li" && numbers[len(numbers)-1] >= 0:
			fmt.Fprint(&b, numbers[len(numbers)-1], ".")
			numbers[len(numbers)-1]++
		case token.Data == "code":
			b.WriteString(strings.TrimPrefix(attribute("class"), "language-"))
		}
	}
}

// What a terminal shows, without styles, is the text of goldmark's page in its order.
func TestNothingIsLostOrSaidTwice(t *testing.T) {
	tex := regexp.MustCompile(`\$|\\[(\[]`)
	checked := 0
	for _, text := range texts(t) {
		if tex.MatchString(text) {
			text = tex.ReplaceAllString(text, "")
		}
		text = regexp.MustCompile(`(?m)^(\[\^\w+\]):`).ReplaceAllString(text, "$1")
		var page bytes.Buffer
		if err := oracle.Convert([]byte(text), &page); err != nil {
			t.Fatal(err)
		}
		got := letters(plainOf(shown(Options{Wrap: 60, Styles: true, Links: true}, text)))
		want := letters(term.Visible(wordsOf(page.String())))
		want = strings.ReplaceAll(html.UnescapeString(want), "\r", "")
		if got == want {
			checked++
			continue
		}
		n := 0
		for n < min(len(got), len(want)) && got[n] == want[n] {
			n++
		}
		t.Errorf("%.60q differs at\n got %.100q\nwant %.100q", text, got[max(0, n-20):], want[max(0, n-20):])
	}
	t.Logf("%d texts", checked)
}

// Code is shown byte for byte, also in lists and quotes.
func TestCodeIsShownAsItIs(t *testing.T) {
	for _, text := range append(texts(t), "> - ```\n>   a\n>\n>     b\n>   ```", "1. x\n\n   ```sh\n   y\n   ```\n") {
		for _, columns := range []int{20, 80} {
			plain := plainOf(shown(screen(columns), text))
			for _, code := range codeBlocks(text) {
				if !strings.Contains(plain, NewTerminal(screen(columns)).codeLine(code.Info)+"\n"+term.Visible(string(code.Text))) {
					t.Errorf("%q\nis not in\n%s", code.Text, plain)
				}
			}
		}
	}
}

// No word that fits into the window is broken, and no line is wider than it.
func TestWordsAreNotBroken(t *testing.T) {
	unfit := regexp.MustCompile(`(?m)^ *\|.*\n|\S{30,}|—|…|/`) // rows, and where a line may be broken
	fence := regexp.MustCompile("(?ms)^── ?[^│]*?^─{24}$")
	for _, text := range texts(t) {
		text = unfit.ReplaceAllString(text, "")
		want := fields(fence.ReplaceAllString(plainOf(shown(Options{}, text)), ""))
		for _, columns := range []int{40, 80, 120} {
			plain := fence.ReplaceAllString(plainOf(shown(screen(columns), text)), "")
			for line := range strings.Lines(plain) {
				if line = strings.TrimRight(line, "\n"); term.Width(line) > min(columns, 100) && !strings.Contains(line, "\t") {
					t.Errorf("%d columns: %q has %d", columns, line, term.Width(line))
				}
			}
			got := fields(plain)
			if i := firstDifference(got, want); i >= 0 {
				t.Errorf("%d columns: %q", columns, got[max(0, i-3):min(len(got), i+3)])
			}
		}
	}
}

// fields returns the words of a text that are not of a script without spaces.
func fields(text string) []string {
	return slices.DeleteFunc(strings.Fields(text), func(word string) bool {
		return strings.ContainsFunc(word, isWide) || letters(word) == ""
	})
}

func firstDifference(a, b []string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	if len(a) != len(b) {
		return min(len(a), len(b))
	}
	return -1
}
