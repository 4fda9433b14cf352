package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"oax/internal/chat"
	"oax/internal/demo"
	"oax/internal/session"
	"oax/internal/session/record"
)

// chats are what the homes of these tests hold, oldest first.
var chats = []struct{ prompt, answer string }{
	{"How does a channel work?", "It carries values from one goroutine to another."},
	{"かな漢字変換の仕組み", "読みを区切り、候補を並べます。"},
	{"Rust borrow checker, at length", strings.Repeat("It follows every reference to its owner. ", 40)},
	{"並行処理と並列処理の違いを教えてください", "並行処理は構造の話で、並列処理は実行の話です。"},
	{"go test -race is slow", "It watches every access to memory."},
}

// remembers returns a home with these chats, a minute apart.
func remembers(t *testing.T) *home {
	t.Helper()
	h, _ := scripted(t, demo.Stream(demo.Answer("gladly")...))
	for i, c := range chats {
		h.rememberAt(time.Date(2026, 11, 21, 23, i, 0, 0, time.UTC), c.prompt, c.answer)
	}
	return h
}

// remember keeps a chat of one turn, of now.
func (h *home) remember(prompt, answer string) {
	h.t.Helper()
	h.rememberAt(time.Now(), prompt, answer)
}

func (h *home) rememberAt(at time.Time, prompt, answer string) {
	h.t.Helper()
	store := h.openStore(func() time.Time { return at })
	w, err := store.Create(record.Message{Message: chat.Message{Role: chat.User, Text: prompt}})
	if err == nil {
		err = w.Finish(chat.Message{Role: chat.Assistant, Text: answer, State: chat.Complete})
	}
	must(h.t, err)
	w.Close()
}

func (h *home) openStore(now func() time.Time) *session.Store {
	h.t.Helper()
	return session.New(session.Options{Dir: h.store(), Now: now})
}

// recall opens a terminal and runs the program there, with oax -r and what follows. See
// sane for its end.
func (h *home) recall(columns, rows int, args string) *window {
	h.t.Helper()
	return h.window(columns, rows, sane(`"$OAX" -r `+args))
}

// asks waits until a person can go on with a session in which this was said last.
func (w *window) asks(said string) {
	w.t.Helper()
	if screen := w.prompts(); !strings.Contains(screen, said) || strings.Contains(screen, "│") {
		w.t.Errorf("on the screen:\n%s", screen)
	}
}

var screens = []struct{ columns, rows int }{{80, 24}, {40, 12}}

func eachScreen(t *testing.T, test func(t *testing.T, columns, rows int)) {
	for _, s := range screens {
		t.Run(fmt.Sprintf("%dx%d", s.columns, s.rows), func(t *testing.T) {
			t.Parallel()
			test(t, s.columns, s.rows)
		})
	}
}

func TestRecall(t *testing.T) {
	t.Parallel()
	eachScreen(t, func(t *testing.T, columns, rows int) {
		h := remembers(t)
		w := h.recall(columns, rows, "")
		w.shows("5/5")
		w.shows("is slow") // the newest, in the preview
		w.types("並行")
		w.shows("1/5")
		w.shows("構造")
		w.keys("Enter")
		w.asks("構造")
		w.says("もっと", "gladly")
		w.prompts()
		w.keys("C-d")
		screen := w.shows("code 0, sane")
		holdsAll(t, screen, "> もっと\ngladly\n\n>")
		holdsNone(t, screen, "│")
		h.checkContinued("並行処理と並列処理の違いを教えてください", "もっと")
	})
}

// checkContinued makes sure that one session has got one more turn.
func (h *home) checkContinued(first, prompt string) {
	h.t.Helper()
	grown := 0
	for id, records := range h.sessions() {
		if len(records) == 2 {
			continue
		}
		grown++
		if len(records) != 4 || records[0].Text != first || records[2].Text != prompt || records[3].Text != "gladly" {
			h.t.Errorf("session %s: %+v", id, records)
		}
	}
	if n := len(h.sessions()); grown != 1 || n != len(chats) {
		h.t.Errorf("%d of %d sessions went on, want 1 of %d", grown, n, len(chats))
	}
}

func TestRecallCancelled(t *testing.T) {
	t.Parallel()
	eachScreen(t, func(t *testing.T, columns, rows int) {
		h := remembers(t)
		for _, key := range []string{"Escape", "C-c"} {
			w := h.recall(columns, rows, "rust")
			w.shows("1/1")
			w.keys(key)
			w.shows("code 130, sane")
		}
		w := h.recall(columns, rows, "rust")
		w.shows("1/1")
		w.keys("Enter")
		w.asks("to its owner")
		w.keyShows("C-d", "code 0, sane")
		for id, records := range h.sessions() {
			if len(records) != 2 {
				t.Errorf("session %s: %+v", id, records)
			}
		}
	})
}

func TestRecallResized(t *testing.T) {
	t.Parallel()
	h := remembers(t)
	w := h.recall(80, 24, "")
	w.shows("5/5")
	for _, size := range []struct {
		columns, rows int
		shows         string
	}{{40, 12, "is slow"}, {120, 40, "is slow"}, {3, 2, ""}, {80, 24, "is slow"}} {
		w.resize(size.columns, size.rows)
		w.shows(size.shows)
	}
	w.types("kana")
	w.shows("0/5")
	w.keys("C-u")
	w.types("かな")
	w.shows("1/5")
	w.keys("Enter")
	w.asks("仕組み")
	w.says("more", "gladly")
	w.prompts()
	w.keyShows("C-d", "code 0, sane")
	h.checkContinued("かな漢字変換の仕組み", "more")
}

// A prompt from a pipe goes to the session that is picked at the terminal.
func TestRecallWithPipedPrompt(t *testing.T) {
	t.Parallel()
	h := remembers(t)
	w := h.window(80, 24, `echo more | "$OAX" -r rust | cat; echo "code ${PIPESTATUS[1]}"`)
	w.shows("1/1")
	w.keys("Enter")
	holdsAll(t, w.shows("code 0"), "gladly\n")
	h.checkContinued("Rust borrow checker, at length", "more\n")
}

// Words find the sessions whose text has them, wherever it stands. Where none has
// them they are what the finder begins with, if it can.
func TestRecallQuery(t *testing.T) {
	t.Parallel()
	h := remembers(t)
	for query, want := range map[string]struct{ prompt, count, shows string }{
		"並行 違い":       {"並行 違い>", "1/1", "教えて"},
		"OWNER every": {"OWNER every>", "1/1", "every reference to its owner"},
		"memory":      {"memory>", "1/1", "every access to memory"},
		"it":          {"it>", "3/3", "It watches"},
		"rstbrw":      {"> rstbrw", "1/5", "Rust borrow checker"},
		"ない":          {">", "5/5", "go test -race"},
	} {
		w := h.recall(80, 24, query)
		w.shows(" " + want.count + " ")
		screen := w.shows(want.shows)
		holdsAll(t, screen, "\n"+want.prompt+" ")
		w.keyShows("Escape", "code 130, sane")
	}
}

// A session is found by what stands far down in it, and that is shown.
func TestRecallShowsTheMatch(t *testing.T) {
	t.Parallel()
	eachScreen(t, func(t *testing.T, columns, rows int) {
		h := remembers(t)
		h.remember("A long story", strings.Repeat("And so it went on. ", 3000)+"\nAt last 終わり came.\nThere was no more.")
		w := h.recall(columns, rows, "終わり")
		w.shows(" 1/1 ")
		screen := w.shows("At last 終わり")
		holdsAll(t, screen, "There was")
		w.keyShows("Escape", "code 130, sane")
	})
}

// One that another process has open is marked.
func TestRecallMarksOpenSessions(t *testing.T) {
	t.Parallel()
	h := remembers(t)
	store := h.openStore(time.Now)
	open, err := store.Create(record.Message{Message: chat.Message{Role: chat.User, Text: "still going on"}})
	must(t, err)
	w := h.recall(80, 24, "")
	w.shows("●now still going on")
	must(t, open.Finish(chat.Message{Role: chat.Assistant, Text: "done", State: chat.Complete}))
	open.Close()
	w.keyShows("Escape", "code 130, sane")
	w = h.recall(80, 24, "")
	holdsNone(t, w.shows(" now still going on"), "●")
}
