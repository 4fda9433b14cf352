package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"oax/internal/demo"
	"oax/internal/export"
	"oax/internal/markdown"
)

// realAnswer is what a model writes: headings, nested lists, a table of six columns,
// quotes, five languages of code, formulas, links, Japanese, Korean, emoji.
func realAnswer(t *testing.T) string {
	t.Helper()
	return text(t, "../../testdata/screens/answer.md")
}

// inTokens cuts a text into pieces of three bytes and pauses after every few.
func inTokens(text string, pause time.Duration) demo.Exchange {
	var steps []demo.Step
	for n := 0; text != ""; n++ {
		size := min(3, len(text))
		for size < len(text) && text[size]&0xc0 == 0x80 {
			size++
		}
		steps = append(steps, demo.Send(demo.Chunk(text[:size])))
		if text = text[size:]; n%10 == 9 {
			steps = append(steps, demo.Pause(pause))
		}
	}
	return demo.Stream(append(steps, demo.Answer()...)...)
}

// What a terminal is sent is the answer and styles: nothing moves the cursor or erases.
// As source, it is the answer without the styles.
func TestScreenBytes(t *testing.T) {
	t.Parallel()
	answer := realAnswer(t)
	h, _ := scripted(t, inTokens(answer, time.Millisecond))
	r := h.atTerminal("--markdown=source", "hi")
	if r.stdout = unstyled(r.stdout); r.code != 0 || r.stdout != answer {
		t.Errorf("exit %d; without styles it is\n%q", r.code, r.stdout)
	}
	h, _ = scripted(t, inTokens(answer, time.Millisecond))
	r = h.atTerminal("hi")
	got := r.stdout
	if r.code != 0 || strings.ContainsAny(unstyled(got), "\x1b\r\b") {
		t.Errorf("exit %d, %q", r.code, got)
	}
	golden(t, "screens/answer.styled", got)
}

// A slow stream and a fast one leave the same screen and the same lines above it, no word
// is broken that fits, and code can be copied as it was written. The streams have 3,000
// tokens a second and as many as the socket takes, or 30 and 3,000 with OAX_TORTURE.
func TestScreenOfAnAnswer(t *testing.T) {
	t.Parallel()
	// tmux loses joiners now and then, by where its reads end.
	answer := strings.NewReplacer("👩\u200d👩\u200d👧", "👪", "👨\u200d👩\u200d👧\u200d👦", "👪").Replace(realAnswer(t))
	tenTokens := []time.Duration{time.Second / 300, 0}
	if tortureTime > 0 {
		tenTokens = []time.Duration{time.Second / 3, time.Second / 300}
	}
	prose := regexp.MustCompile("(?ms)^ *```.*?^ *```$").ReplaceAllString(answer, "")
	words := markdown.NewTerminal(markdown.Options{})
	unbroken := strings.Fields(string(words.Flush(words.Append(nil, []byte(prose)))))
	for _, size := range [][2]int{{80, 24}, {40, 12}, {120, 40}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			t.Parallel()
			var screens []string
			for _, pause := range tenTokens {
				h, _ := scripted(t, inTokens(answer, pause))
				w := h.window(size[0], size[1], `"$OAX" hi; echo code $?`)
				w.shows("code 0")
				screens = append(screens, w.tmux("capture-pane", "-p", "-e", "-S", "-"))
				copied := lines(w.tmux("capture-pane", "-p", "-J", "-S", "-"))
				for n := 1; ; n++ {
					code, err := export.Code{Nth: n}.Of(answer)
					if err != nil {
						break
					}
					holdsAll(t, copied, lines(code))
				}
				shown := strings.Fields(w.tmux("capture-pane", "-p", "-S", "-"))
				for _, word := range unbroken {
					if isASCII(word) && len(word) < size[0]/2 && !slices.Contains(shown, word) && !slices.Contains(shown, word+":") {
						t.Errorf("%q is broken", word)
					}
				}
			}
			golden(t, fmt.Sprintf("screens/answer-%dx%d.txt", size[0], size[1]), screens[0])
			if screens[0] != screens[1] {
				t.Errorf("slowly:\n%s\nfast:\n%s", screens[0], screens[1])
			}
		})
	}
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// lines are those of a text without the space that tmux adds at their ends, and
// with the columns that a TAB is wide.
func lines(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimRight(strings.ReplaceAll(line, "\t", "        "), " \n") + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

// Ctrl-C leaves no style behind.
func TestScreenAfterCtrlC(t *testing.T) {
	t.Parallel()
	h, _ := scripted(t, demo.Stream(demo.Send(demo.Chunk("a **b ")), demo.Hold()))
	c := h.at(h.command("hi"))
	c.replies("b", ctrlC)
	r := c.end()
	want := "a \x1b[1mb^C\x1b[m\nsaved: session "
	if got := c.shown(); r.code != 130 || !strings.HasPrefix(got, want) {
		t.Errorf("exit %d, %q; want %q", r.code, got, want)
	}
}
