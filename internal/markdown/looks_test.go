package markdown

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"oax/internal/term"
)

// look is a text and how a terminal shows it: with styles in braces, where {-} stands for
// {dim} and {/} for {}.
type look struct{ name, in, want string }

// checkLooks wants of a way to show a text that it gives what is wanted.
func checkLooks(t *testing.T, looks []look, show func(text string) string) {
	short := strings.NewReplacer("{-}", "{dim}", "{/}", "{}")
	for _, c := range looks {
		t.Run(c.name, func(t *testing.T) {
			if got, want := show(c.in), short.Replace(c.want); got != want {
				t.Errorf("%q\n got %s\nwant %s", c.in, got, want)
			}
			checkShown(t, c.in)
		})
	}
}

// looks are texts on a terminal of 30 columns, without styles.
var looks = []look{
	{"words", "The quick brown fox jumps over the lazy dog.", "The quick brown fox jumps over\nthe lazy dog.\n"},
	{"a word that is too long", "see antidisestablishmentarianismus now", "see\nantidisestablishmentarianismus\nnow\n"},
	{"a word that is far too long", strings.Repeat("x", 65) + " y", strings.Repeat("x", 30) + "\n" + strings.Repeat("x", 30) + "\nxxxxx y\n"},
	{"an address that is too long", "https://example.com/one/two/three/four", "https://example.com/one/two/\nthree/four\n"},
	{"Japanese", "吾輩は猫である。名前はまだ無い。どこで", "吾輩は猫である。名前はまだ無\nい。どこで\n"},
	{"no mark begins a line", "吾輩は猫である名前はまだ無いが。「どこ", "吾輩は猫である名前はまだ無い\nが。「どこ\n"},
	{"no bracket ends a line", "吾輩は猫である名前はまだ無い「どこ", "吾輩は猫である名前はまだ無い\n「どこ\n"},
	{"Korean", "한국어 문장도 단어 단위로 줄바꿈이 됩니다", "한국어 문장도 단어 단위로\n줄바꿈이 됩니다\n"},
	{"emoji that are not joined everywhere", strings.Repeat("👨‍👩‍👧", 6), strings.Repeat("👨‍👩‍👧", 5) + "\n👨‍👩‍👧\n"},
	{"emoji in a table", "| a | b |\n|---|---|\n| 👍🏽 | c |", "a  │ b\n───┼──\n👍🏽 │ c\n"},
	{"combining", strings.Repeat("e\u0301", 31), strings.Repeat("e\u0301", 30) + "\ne\u0301\n"},
	{"lines of a poem", "Roses are red\nViolets are blue", "Roses are red\nViolets are blue\n"},
	{"lines that were wrapped", "These lines are as long as those of a text that was wrapped\nby a program or a person.", "These lines are as long as\nthose of a text that was\nwrapped by a program or a\nperson.\n"},
	{"Japanese lines that were wrapped", strings.Repeat("あ", 26) + "\nい", strings.Repeat("あ", 15) + "\n" + strings.Repeat("あ", 11) + "い\n"},
	{"hard breaks", "a  \nb\\\nc<br>d", "a\nb\nc\nd\n"},
	{"paragraphs", "a\n\n\n\nb", "a\n\nb\n"},
	{"headings", "# a\nb\n## c", "a\nb\nc\n"},
	{"an underlined heading", "A heading\n===\nb\n\nc\n---", "A heading\n═════════\nb\n\nc\n───\n"},
	{"marks", "**a** *b* _c_ ~~d~~ `e` ***f***", "a b c d e f\n"},
	{"no marks", "2*3*4, *.go, a * b, snake_case, ~5", "2*3*4, *.go, a * b,\nsnake_case, ~5\n"},
	{"stars of names", "f(*args, **kwargs), *args and (*list) or **p) of *T", "f(*args, **kwargs), *args and\n(*list) or **p) of *T\n"},
	{"stars around names", "*args*, **kwargs**, **a, b** (*c*) (**d e(f)**) *g", "args, kwargs, a, b (c) (d\ne(f)) *g\n"},
	{"a star of a name in a cell", "| a |\n|---|\n| the *b |", "a\n──────\nthe *b\n"},
	{"escapes", `\*a\* &amp; \\ &copy;`, "*a* & \\ ©\n"},
	{"a list", "- one two three four five six seven\n- b", "• one two three four five six\n  seven\n• b\n"},
	{"lists in lists", "- a\n  - b\n    - c\n\n      d\n  - e\n- f", "• a\n  ◦ b\n    ▪ c\n\n      d\n  ◦ e\n• f\n"},
	{"numbers", "1. a\n1. b\n\n7) c", "1. a\n2. b\n\n7) c\n"},
	{"an empty item", "- \n- a", "• \n• a\n"},
	{"tasks", "- [ ] a\n- [x] b\n1. [ ] c", "☐ a\n☑ b\n1. ☐ c\n"},
	{"quotes", "> one two three four five six seven\n> > a\n\nb", "│ one two three four five six\n│ seven\n│ │ a\n\nb\n"},
	{"a quote in a list", "- a\n\n  > b\n  >\n  > c", "• a\n\n  │ b\n  │\n  │ c\n"},
	{"code", "a\n```go\n\tx\n\n  y\n```\nb", "a\n\n── go ──────────────────\n\tx\n\n  y\n────────────────────────\n\nb\n"},
	{"code with a title", "```go main.go\nx\n```", "── go main.go ──────────\nx\n────────────────────────\n"},
	{"code with a long title", "```go title=\"cmd/program/main.go\"\n```", "── go title=\"cmd/program/ma…──\n────────────────────────\n"},
	{"deep lists", strings.Repeat("1. ", 14) + "one two three", strings.Repeat("1. ", 9) + "1.\n" + strings.Repeat(" ", 15) + "1. 1. 1. 1. one\n" + strings.Repeat(" ", 15) + "two three\n"},
	{"deep quotes", strings.Repeat("> ", 14) + "one two three four", strings.Repeat("│ ", 7) + "one two three\n" + strings.Repeat("│ ", 7) + "four\n"},
	{"code in a list", "1. a\n   ```\n   x\n   ```\n2. b", "1. a\n\n────────────────────────\nx\n────────────────────────\n\n2. b\n"},
	{"indented code", "a\n\n    x\n\n      y", "a\n\nx\n\n  y\n"},
	{"a rule", "a\n\n---", "a\n\n" + strings.Repeat("─", 30) + "\n"},
	{"a link", "see [a b](https://c.d) e", "see a b e\n"},
	{"a link that says something else", "[https://a.b](https://c.d)", "https://a.b (https://c.d)\n"},
	{"a link to a file", "[a](b.md), ![c](d.png)", "a (b.md), c (d.png)\n"},
	{"no link", "[a] x[1] [b", "[a] x[1] [b\n"},
	{"a label", "[a]: https://b.c\n\n[d][a] [a]", "[a]: https://b.c\n\nd a\n"},
	{"footnotes", "a[^1]\n\n[^1]: one two three four five six seven", "a[1]\n\n[1] one two three four five\n    six seven\n"},
	{"formulas", `\(\frac{1}{2} \cdot x_1^2\), $a+b$, \(\begin{x}\)`, "½ · x₁², a+b, \\(\\begin{x}\\)\n"},
	{"money", "from $5 to $10, or $3 and more", "from $5 to $10, or $3 and more\n"},
	{"a formula by itself", "a:\n$$\nx^2 + \\alpha\n$$\nb", "a:\n  x² + α\nb\n"},
	{"raw HTML", "<details>\n<summary>a</summary>\n", "<details>\n<summary>a</summary>\n"},
	{"a table", "| a | bb |\n|:--|--:|\n| ccc | `d` |\n| | **e** |", "a   │ bb\n────┼───\nccc │  d\n    │  e\n"},
	{"a table with wrapped cells", "| a | b |\n|---|:-:|\n| one two three four | five six seven |", "a               │      b\n────────────────┼─────────────\none two three   │   five six\nfour            │    seven\n"},
	{"rows of several lines", "| a | b |\n|---|---|\n| one two three four | five six seven |\n| c | d |", "a               │ b\n────────────────┼─────────────\none two three   │ five six\nfour            │ seven\n                │\nc               │ d\n"},
	{"a narrow table", "| Name | Second | Third | Fourth | Fifth |\n|--|--|--|--|--|\n| Tom | Jerry | longer than the line is now | | x |", "Name: Tom\nSecond: Jerry\nThird: longer than the line is\n  now\nFifth: x\n"},
	{"a narrow table with a long word", "| Name | Second |\n|--|--|\n| Tom | antidisestablishmentarianismus |", "Name: Tom\nSecond:\n  antidisestablishmentarianism\n  us\n"},
	{"a break in a cell", "| a |\n|---|\n| b<br>c |", "a\n─\nb\nc\n"},
	{"a table of which the header was text", "a | b\n--|--\nc | dd", "a | b\nc │ dd\n"},
	{"a row with too many cells", "| a | b |\n|---|---|\n| c | d | e | f |", "a │ b\n──┼──────────\nc │ d | e | f\n"},
	{"no table", "| a |\n| b |\n\n| c", "| a |\n| b |\n\n| c\n"},
	{"a table in a list", "- | a |\n  |---|\n  | b |\n- c", "• a\n  ─\n  b\n• c\n"},
	{"controls as references", "a&#27;[1m&#x202e;b&#10;c [d](e&#27;f)", "a^[[1m‹U+202E›b c d (e^[f)\n"},
	{"controls", "**a\x1b[31mb**", "a^[[31mb\n"},
}

func TestLooks(t *testing.T) {
	checkLooks(t, looks, func(text string) string { return plainOf(shown(screen(30), text)) })
}

// styled are texts on a terminal of 30 columns, with styles.
var styled = []look{
	{"strong and emphasis", "a **b *c* d** `e` ~~f~~", "a {bold}b {bold italic}c {bold}d {cyan}e {strike}f{/}\n"},
	{"headings", "# a\n## b\n### c\n#### d\n##### e\n###### f", "{bold underline magenta}a{/}\n{bold magenta}b{/}\n{magenta}c{/}\n{bold}d{/}\n{bold italic}e{/}\n{italic}f{/}\n"},
	{"a list", "- a\n1. b", "{magenta}•{/} a\n{magenta}1.{/} b\n"},
	{"a style goes on in the next line", "**" + strings.Repeat("a ", 17) + "a**", "{bold}" + strings.Repeat("a ", 14) + "a{/}\n{bold}a a a{/}\n"},
	{"a table", "| a |\n|---|\n| *b* |", "{bold}a{/}\n{-}─{/}\n{italic}b{/}\n"},
	{"code", "```go\nif x\n```", "{-}── go ──────────────────{/}\n{magenta}if{/} x\n{-}────────────────────────{/}\n"},
	{"a link", "[a b](https://c.d)", "\x1b]8;;https://c.d\x1b\\{underline}a b\x1b]8;;\x1b\\{/}\n"},
}

func TestStyles(t *testing.T) {
	checkLooks(t, styled, func(text string) string { return tagged(shown(screen(30), text)) })
}

// Where the terminal takes no links, their addresses are shown.
func TestAddressesWithoutLinks(t *testing.T) {
	for in, want := range map[string]string{
		"[a](https://b.c)":                          "a (https://b.c)\n",
		"[b.c](https://b.c/) <https://d.e> www.f.g": "b.c https://d.e www.f.g\n",
		"[a@b.c](mailto:a@b.c)":                     "a@b.c\n",
		"![](https://b.c)":                          "image (https://b.c)\n",
	} {
		if got := shown(Options{Wrap: 80}, in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// What is held back is never more than one word, one link or formula, or one table.
func TestLittleIsHeldBack(t *testing.T) {
	texts := []string{strings.Repeat("word ", 50), "**" + strings.Repeat("bold ", 20), "> - " + strings.Repeat("あ", 100), "`" + strings.Repeat("code ", 20), "# " + strings.Repeat("head ", 20), strings.Repeat("x", 500)}
	for _, text := range texts {
		term := NewTerminal(screen(80))
		var dst []byte
		for i, r := range text {
			dst = term.Append(dst, []byte(string(r)))
			have, all := letters(plainOf(string(dst))), letters(text[:i])
			if held := len([]rune(strings.TrimLeft(all, "->#"))) - len([]rune(have)); held > 81 || held > 6 && strings.Contains(text, " ") && !strings.Contains(text, "あ") {
				t.Fatalf("%d characters of %q are held back, of which %q is shown", held, text[:i], dst)
			}
		}
	}
}

func TestStatusTellsOfATable(t *testing.T) {
	term := NewTerminal(screen(80))
	var dst []byte
	for _, c := range []struct{ in, want string }{
		{"a\n\n| b |\n", ""}, {"|---|\n", "table, 0 rows"}, {"| c |\n", "table, 1 row"}, {"| d |\n", "table, 2 rows"}, {"\n", ""},
	} {
		dst = term.Append(dst, []byte(c.in))
		if got := term.Status(); got != c.want {
			t.Errorf("behind %q: %q, want %q", c.in, got, c.want)
		}
	}
}

// A long table is drawn in parts.
func TestLongTable(t *testing.T) {
	text := "| a | b |\n|---|---|\n" + strings.Repeat("| cc | d |\n", maxCells+5)
	got := plainOf(shown(screen(80), text))
	if want := "a  │ b\n───┼──\n" + strings.Repeat("cc │ d\n", maxCells+5); got != want {
		t.Errorf("%d bytes, want %d: %.100q", len(got), len(want), got)
	}
}

// Lines that begin after the window has changed fit into it.
func TestTheWindowChanges(t *testing.T) {
	columns := 20
	term := NewTerminal(Options{Window: func() int { return columns }, Wrap: 100})
	got := string(term.Append(nil, []byte("one two three four five six ")))
	columns = 10
	got += string(term.Flush(term.Append(nil, []byte("seven eight nine ten"))))
	if want := "one two three four\nfive six seven eight\nnine ten\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestTerminalCanBeUsedAgain(t *testing.T) {
	term := NewTerminal(screen(30))
	term.Flush(term.Append(nil, []byte("> - ```go\n\u202e/* *a")))
	if got := plainOf(string(term.Flush(term.Append(nil, []byte("b *c*"))))); got != "b c\n" {
		t.Errorf("the second text: %q", got)
	}
	if term.Hidden().Turning != 1 {
		t.Errorf("hidden: %+v", term.Hidden())
	}
}

// The window is asked for once in a piece of the text.
func TestTheWindowIsAskedForOnceAPiece(t *testing.T) {
	asked := 0
	term := NewTerminal(Options{Window: func() int { asked++; return 20 }, Wrap: 100})
	asked = 0
	for range 3 {
		term.Append(nil, []byte(strings.Repeat("one two three four five six ", 50)+"\n\n```\n\n```\n| a |\n|---|\n| b |\n\n"))
	}
	if asked != 3 {
		t.Errorf("%d times, want 3", asked)
	}
}

// rowsOf returns the cells of a table as a terminal shows it, those of several lines joined.
// Rows of several lines have an empty line between them.
func rowsOf(table string) (rows [][]string) {
	fresh := true
	lines := strings.Split(strings.TrimRight(table, "\n"), "\n")
	isBetween := func(line string) bool { return strings.Trim(line, "─┼ │") == "" }
	several := slices.ContainsFunc(lines, func(line string) bool { return isBetween(line) && !strings.Contains(line, "─") })
	for _, line := range lines {
		if isBetween(line) {
			fresh = true
			continue
		}
		if fresh || !several {
			rows = append(rows, make([]string, strings.Count(line, "│")+1))
			fresh = false
		}
		for i, cell := range strings.Split(line, "│") {
			if cell = strings.TrimSpace(cell); cell != "" {
				rows[len(rows)-1][i] += " " + cell
			}
		}
	}
	return rows
}

// A table in a narrow window has the words of each cell in their order: as a table of which
// the cells are wrapped, or as records.
func TestNarrowTables(t *testing.T) {
	tables := regexp.MustCompile(`(?m)^\|.*\n^\|[-:| ]+\|\n(\|.*\n)+`)
	wrapped, records := 0, 0
	for _, text := range texts(t) {
		for _, table := range tables.FindAllString(text, -1) {
			rows := rowsOf(plainOf(shown(Options{}, table)))
			for columns := 16; columns < 130; columns += 3 {
				plain := plainOf(shown(screen(columns), table))
				for line := range strings.Lines(plain) {
					if n := term.Width(strings.TrimSuffix(line, "\n")); n > columns {
						t.Errorf("%d columns: %q has %d", columns, line, n)
					}
				}
				got, want := fmt.Sprint(rowsOf(plain)), fmt.Sprint(rows)
				if wrapped++; !strings.Contains(plain, "│") {
					got, want = fmt.Sprint(strings.Split(plain, "\n\n")), fmt.Sprint(recordsOf(rows))
					wrapped--
					records++
				}
				if letters(got) != letters(want) {
					t.Errorf("%d columns:\n%s", columns, plain)
				}
			}
		}
	}
	t.Logf("%d tables with wrapped cells, %d as records", wrapped, records)
	if wrapped < 20 || records < 10 {
		t.Error("too few")
	}
}

// recordsOf returns the rows of a table below its header as records.
func recordsOf(rows [][]string) (records []string) {
	for _, row := range rows[1:] {
		record := ""
		for i, cell := range row {
			if cell != "" {
				record += rows[0][i] + ":" + cell
			}
		}
		records = append(records, record)
	}
	return records
}
