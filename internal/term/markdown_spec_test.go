package term

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// example is one of the examples of CommonMark 0.31.
type example struct {
	Markdown string
	Example  int
}

// examples come with goldmark, whose own tests they are.
func examples(t *testing.T) []example {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/yuin/goldmark").Output()
	if err != nil {
		t.Fatal(err)
	}
	spec, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "_test", "spec.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list []example
	if err := json.Unmarshal(spec, &list); err != nil {
		t.Fatal(err)
	}
	if len(list) < 652 {
		t.Fatalf("%d examples, want 652", len(list))
	}
	return list
}

func TestMarkdownAddsOnlyStyles(t *testing.T) {
	for _, e := range examples(t) {
		checkStyled(t, e.Markdown, styledText(e.Markdown))
		inQuote := "> - " + strings.ReplaceAll(e.Markdown, "\n", "\n>   ")
		checkStyled(t, inQuote, styledText(inQuote))
	}
}

// guessed are the examples in which something is opened that is never closed, which
// cannot be known when it is printed, or closed across the end of a link.
var guessed = []int{
	14, 42, 91, 341, 347, 348, 349, 354, 363, 365, 366, 367, 368, 371, 372, 374, 375, 391, 392, 397, 398, 400, 401,
	408, 442, 444, 445, 454, 456, 457, 471, 472, 473, 474, 480, 481, 521, 522, 534, 535, 564, 618,
}

// products are the examples that have a * between Latin letters or digits.
var products = []int{355, 356, 381, 411, 415, 416, 417, 429}

// highlighted are the examples whose code is in a known language.
var highlighted = []int{142, 143}

// Where all that is opened is closed, each character has the style that goldmark's
// tree says.
func TestMarkdownAgreesWithCommonMark(t *testing.T) {
	expected := map[int]bool{}
	for _, n := range slices.Concat(guessed, products, highlighted) {
		expected[n] = true
	}
	for _, e := range examples(t) {
		got, want := stylesOf(t, styledText(e.Markdown)), goldmarkStyles(e.Markdown)
		differs := ""
		for i, s := range want {
			if s != other && got[i] != dim && got[i]&^(underline) != s && differs == "" {
				differs = e.Markdown[i:]
			}
		}
		if (differs != "") != expected[e.Example] {
			t.Errorf("example %d, %q\nis styled %s\ndiffers at %q, expected to: %v", e.Example, e.Markdown, tagged(styledText(e.Markdown)), differs, expected[e.Example])
		}
	}
}

// stylesOf returns the style of each byte.
func stylesOf(t *testing.T, styled string) []style {
	t.Helper()
	known := map[string]style{}
	for s := range 256 {
		for _, before := range []style{0, dim} {
			p := pen{before}
			known[string(p.set(nil, style(s)))] = style(s)
		}
	}
	var list []style
	now := style(0)
	for len(styled) > 0 {
		if at := sequence.FindStringIndex(styled); at != nil && at[0] == 0 {
			now, styled = known[styled[:at[1]]], styled[at[1]:]
			continue
		}
		list, styled = append(list, now), styled[1:]
	}
	return list
}

// other is the style of what is no text to goldmark: markers, addresses, space.
const other style = 0xff

func goldmarkStyles(source string) []style {
	list := make([]style, len(source))
	for i := range list {
		list[i] = other
	}
	tree := goldmark.DefaultParser().Parse(text.NewReader([]byte(source)))
	ast.Walk(tree, func(n ast.Node, enter bool) (ast.WalkStatus, error) {
		if !enter {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			fill(list, source, n.Segment, goldmarkStyle(n, source))
		case *ast.CodeBlock, *ast.FencedCodeBlock:
			for i := range n.Lines().Len() {
				fill(list, source, n.Lines().At(i), 0)
			}
		}
		return ast.WalkContinue, nil
	})
	return list
}

func fill(list []style, source string, at text.Segment, s style) {
	for i := at.Start; i < at.Stop; i++ {
		if source[i] != '\n' && source[i] != ' ' && source[i] != '\t' {
			list[i] = s
		}
	}
}

// goldmarkStyle is what the nodes above a text make of it. The text of a heading
// that is underlined is printed before anybody knows.
func goldmarkStyle(n ast.Node, source string) style {
	s, inCode := style(0), false
	for p := n.Parent(); p != nil; p = p.Parent() {
		switch p := p.(type) {
		case *ast.Emphasis:
			s |= []style{italic, bold}[p.Level-1]
		case *ast.CodeSpan:
			inCode = true
		case *ast.Heading:
			if line := source[:p.Lines().At(0).Start]; strings.HasSuffix(strings.TrimRight(line, " \t"), "#") {
				s |= bold | magenta
			}
		}
	}
	if inCode {
		s = s&^colour | cyan
	}
	return s
}
