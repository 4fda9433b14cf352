package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// shapes are chats that a screen must show as they are, newest first.
var shapes = []struct{ name, prompt, answer string }{
	{"english", "How does a channel hand a value from one goroutine to another?\nIn short.",
		"A send waits for a receiver, unless there is room in the buffer:\n\n```go\nch := make(chan int, 3)\nch <- 1\n```\n\nThen it goes on."},
	{"japanese", "かな漢字変換の仕組みを教えてください。できれば例も。",
		"読みを区切り、候補を並べます。\n- 形態素解析（MeCabなど）で文を区切る\n- 候補を頻度の順に並べる\n\n日本語は空白で区切られないので、長い文でも折り返しは文字ごとに行われます。"},
	{"emoji", "Which are there? 👨‍👩‍👧‍👦 🇯🇵 👍🏽 1️⃣ ❤️ 😀",
		"Families 👨‍👩‍👧‍👦 👩‍👩‍👦, flags 🇯🇵 🇩🇪, skins 👍🏽 👋🏿, keycaps 1️⃣ 2️⃣, a heart ❤️, faces 😀😃😄😁😆😅😂🤣😊😇🙂🙃😉😌😍."},
	{"arabic", "مرحبا كيف حالك؟ שלום עולם",
		"العربية تُكتب من اليمين إلى اليسار.\nעברית נכתבת מימין לשמאל.\nAnd English the other way."},
	{"hostile", "a \x1b[31mred\x1b[0m \u202eeltit\u202c \a", "\x1b]52;c;ZXZpbA==\a \x1b[2J\r\ntab\there \x1b[?1049l"},
	{"long", "Tell me all of it.", strings.Repeat("And so it went on and on. ", 400)},
}

// Each chat beside the list, at three sizes: as it was when somebody last looked.
func TestRecallScreens(t *testing.T) {
	t.Parallel()
	for _, size := range []struct{ columns, rows int }{{80, 24}, {40, 12}, {200, 50}} {
		t.Run(fmt.Sprintf("%dx%d", size.columns, size.rows), func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.config("[display]\ntime = \"on a day\"\n") // no golden of today's date
			for i, c := range shapes {
				h.rememberAt(time.Now().Add(-time.Duration(i)*24*time.Hour-time.Hour), c.prompt, c.answer)
			}
			w := h.recall(size.columns, size.rows, "")
			for i, c := range shapes {
				w.shows(fmt.Sprintf(" %d/%d ", len(shapes), len(shapes)))
				w.until("it is selected", func(screen string) bool {
					lines := strings.Split(screen, "\n")
					return strings.HasPrefix(lines[size.rows-3-i], "> ") && strings.Contains(screen, "--- assistant")
				})
				w.looksLike(fmt.Sprintf("picker-%s-%dx%d.txt", c.name, size.columns, size.rows))
				w.keys("Up")
			}
			w.keyShows("Escape", "code 130, sane")
		})
	}
}

// The numbered list, where the finder cannot run.
func TestRecallScreenWithoutFinder(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	for i, c := range shapes {
		h.rememberAt(time.Now().Add(-time.Duration(i)*24*time.Hour-time.Hour), c.prompt, c.answer)
	}
	h.env["TERM"] = "dumb"
	w := h.window(40, 12, `TERM=dumb "$OAX" cat -r --last`)
	w.shows("number, 1 to 6:")
	w.looksLike("picker-dumb-40x12.txt")
	w.types("4\n")
	w.shows("And English")
}
