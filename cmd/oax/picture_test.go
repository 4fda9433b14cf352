package main

import (
	"fmt"
	"html"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oax/internal/demo"
	"oax/internal/term"
)

const pictured = "A channel carries values from one goroutine to **another**: a receive waits until there is a value, a send until there is room for it.\n\n" +
	"```go\nlines := make(chan string, 8)\ngo func() {\n\tdefer close(lines) // or the range never ends\n\tfor s.Scan() {\n\t\tlines <- s.Text()\n\t}\n}()\n```\n\n" +
	"| channel | a send waits | a receive waits |\n|:--|:--|:--|\n| *unbuffered* | for the receiver | for the sender (待ち合わせ) |\n" +
	"| `make(chan T, 8)` | while 8 are in it | while it is empty |\n| closed | never: it **panics** | never: it gets the zero value |\n\n" +
	"1. Whoever sends closes the channel, nobody else.\n2. A send happens before its receive, \\(t_s < t_r\\): see [the memory model](https://go.dev/ref/mem).\n\n" +
	"> Do not communicate by sharing memory; share memory by communicating.\n"

const picturedColumns = 76

// TestPicture: the picture in the README is what the program shows. With -update it
// is made anew.
func TestPicture(t *testing.T) {
	t.Parallel()
	h, _ := scripted(t, demo.Stream(demo.Answer(pictured)...))
	h.env["PATH"] = filepath.Dir(binary) + string(os.PathListSeparator) + h.env["PATH"]
	w := h.window(picturedColumns, 36, `clear; printf '$ oax\n'; oax -q`)
	w.says("how does a channel work in Go?", "by communicating")
	w.prompts()
	golden(t, "screens/conversation.svg", svg(w.tmux("capture-pane", "-e", "-p")))
}

const (
	cellWidth  = 8.4
	cellHeight = 18
)

// svg draws a screen as tmux captures it. The colours are those of a light terminal
// or of a dark one, as the reader has it.
func svg(screen string) string {
	rows := strings.Split(strings.TrimRight(screen, "\n"), "\n")
	width, height := picturedColumns*cellWidth+24, float64(len(rows)*cellHeight+24)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" font-family="ui-monospace,Menlo,Consolas,monospace" font-size="14" xml:space="preserve">
<style>
rect{fill:#fff}text{fill:#24292f;white-space:pre}.b{font-weight:bold}.d{opacity:.6}.i{font-style:italic}.u{text-decoration:underline}.s{text-decoration:line-through}
.c1{fill:#b3261e}.c2{fill:#1a7f37}.c4{fill:#0550ae}.c5{fill:#8250df}.c6{fill:#0b7285}
@media(prefers-color-scheme:dark){rect{fill:#0d1117}text{fill:#e6edf3}.c1{fill:#ff7b72}.c2{fill:#7ee787}.c4{fill:#79c0ff}.c5{fill:#d2a8ff}.c6{fill:#76e3ea}}
</style>
<rect width="100%%" height="100%%" rx="8"/>
`, width, height, width)
	for y, row := range rows {
		for _, run := range runs(row) {
			shown := strings.Trim(run.text, " ")
			if shown == "" {
				continue
			}
			column := run.column + strings.Index(run.text, shown)
			fmt.Fprintf(&b, `<text x="%.1f" y="%d" textLength="%.1f"%s>%s</text>`+"\n",
				12+float64(column)*cellWidth, 28+y*cellHeight, float64(term.Width(shown))*cellWidth, run.class(), html.EscapeString(shown))
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// run is text of one style.
type run struct {
	column int
	text   string
	styles map[string]bool
}

func (r run) class() string {
	var classes []string
	for _, c := range strings.Fields("b d i u s c1 c2 c4 c5 c6") {
		if r.styles[c] {
			classes = append(classes, c)
		}
	}
	if classes == nil {
		return ""
	}
	return ` class="` + strings.Join(classes, " ") + `"`
}

// runs parts a row at its SGR sequences.
func runs(row string) []run {
	names := map[string]string{"1": "b", "2": "d", "3": "i", "4": "u", "9": "s", "31": "c1", "32": "c2", "34": "c4", "35": "c5", "36": "c6"}
	var all []run
	column, styles := 0, map[string]bool{}
	for i, part := range strings.Split(row, "\x1b[") {
		if i > 0 {
			codes, rest, _ := strings.Cut(part, "m")
			next := maps.Clone(styles)
			for _, code := range strings.Split(codes, ";") {
				switch name := names[code]; {
				case code == "0" || code == "":
					clear(next)
				case code == "39":
					maps.DeleteFunc(next, func(c string, _ bool) bool { return strings.HasPrefix(c, "c") })
				case name != "":
					next[name] = true
				}
			}
			styles, part = next, rest
		}
		if part != "" {
			all = append(all, run{column, part, styles})
			column += term.Width(part)
		}
	}
	return all
}

// TestRuns: a style lasts until it is taken back.
func TestRuns(t *testing.T) {
	t.Parallel()
	got := runs("a\x1b[1mbold\x1b[0;36m色 \x1b[39mplain")
	var b strings.Builder
	for _, r := range got {
		fmt.Fprintf(&b, "%d%s%s|", r.column, r.text, r.class())
	}
	if want := `0a|1bold class="b"|5色  class="c6"|8plain|`; b.String() != want {
		t.Errorf("%s, want %s", b.String(), want)
	}
}
