package main

import (
	"strings"
	"testing"
	"time"

	"oax/internal/chat"
	"oax/internal/session/record"
)

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
