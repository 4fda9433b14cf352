package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// picking are faults of a store that one looks for a chat in (F, G).
var picking = []fault{
	{row: "F32", what: "10,000 chats, one of 50 MB", test: func(t *testing.T) {
		h := newHome(t)
		h.fill(reduced(t, "chats", 10_000, 1_000))
		h.fillWith(time.Now(), "long0000", "the long one", strings.Repeat("It goes on and on, and on. ", reduced(t, "sentences of a chat", 2_000_000, 200_000)))
		start := h.least(func() { h.runBuilt("--version") })
		eventually(t, "a list takes no more than 20 starts", func() bool { // it reads files again that changed within two seconds
			return 20*start > h.least(func() {
				if r := h.runBuilt("ls", "-n", "20"); r.code != 0 || !strings.Contains(r.stdout, "the long one") {
					t.Errorf("%+v", r)
				}
			})
		})
		w := h.recall(80, 24, "")
		w.shows(" 1000/1000 ")
		w.shows("--- user")
		w.types("99")
		w.until("it is narrowed", func(screen string) bool { return !strings.Contains(screen, " 1000/1000 ") })
		w.keyShows("Escape", "code 130, sane")
	}},
	{row: "F32", what: "a chat that cannot be read", test: func(t *testing.T) {
		h := remembers(t)
		paths, _ := filepath.Glob(filepath.Join(h.store(), "*", "*_*.jsonl"))
		if err := os.Remove(paths[0]); err == nil {
			err = os.Symlink(paths[1], paths[0])
			must(t, err)
		}
		write(t, paths[2], "no record\n")
		w := h.recall(80, 24, "")
		w.shows(" 4/4 ") // without the link
		w.keys("Up", "Up", "Up", "Escape")
		w.shows("code 130, sane")
	}},
}

// fill makes small sessions, a minute apart.
func (h *home) fill(sessions int) {
	h.t.Helper()
	newest := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for i := range sessions {
		h.fillWith(newest.Add(-time.Duration(i)*time.Minute), fmt.Sprintf("f%07x", i), fmt.Sprint("question ", i), "ok")
	}
}

// fillWith makes a session without waiting for the disk.
func (h *home) fillWith(at time.Time, id, prompt, answer string) {
	h.t.Helper()
	at = at.UTC()
	text := fmt.Sprintf(`{"kind":"session","version":1,"id":%q,"time":%q}`+"\n"+
		`{"kind":"message","time":%[2]q,"role":"user","text":%q}`+"\n"+
		`{"kind":"message","time":%[2]q,"role":"assistant","text":%q,"state":"complete"}`+"\n", id, at.Format(time.RFC3339), prompt, answer)
	dir := filepath.Join(h.store(), at.Format("2006-01"))
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, at.Format("2006-01-02_15-04-05_")+id+".jsonl"), []byte(text), 0o600)
	}
	must(h.t, err)
}

// least is the shortest time of a few runs.
func (h *home) least(run func()) time.Duration {
	least := time.Hour
	for range 3 {
		start := time.Now()
		run()
		least = min(least, time.Since(start))
	}
	return least
}
