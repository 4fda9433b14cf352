package lineedit

import (
	"strings"
	"unicode/utf8"

	"oax/internal/term"
)

// history is the earlier messages, oldest first, and where among them the person is. What
// is changed in one of them lasts until the message ends.
type history struct {
	entries []string
	place   int // len(entries): the new message
	changed map[int]string
}

const maxHistory = 1000

// newest goes to the new message.
func (h *history) newest() { h.place, h.changed = len(h.entries), map[int]string{} }

// remember adds a message.
func (h *history) remember(text string) {
	if strings.TrimSpace(text) == "" || len(h.entries) > 0 && h.entries[len(h.entries)-1] == text {
		return
	}
	h.entries = append(h.entries, text)
	h.entries = h.entries[max(0, len(h.entries)-maxHistory):]
}

// recall makes another message the text.
func (e *Editor) recall(place int) {
	if place < 0 || place > len(e.entries) || place == e.place {
		return
	}
	e.changed[e.place] = e.text
	text, ok := e.changed[place]
	if !ok {
		text = e.entries[place]
	}
	e.place = place
	e.buffer.set(text)
}

func (e *Editor) older() { e.recall(e.place - 1) }

// newer puts the cursor where Down goes on from: at the end of the first line.
func (e *Editor) newer() {
	if e.place < len(e.entries) {
		e.recall(e.place + 1)
		e.at = e.lineEnd(0)
	}
}

// search is a search in the history while the person types what to look for.
type search struct {
	on     bool
	failed bool
	query  string
	place  int // of the match; that of the message where nothing was found yet
	// what it began with
	text           string
	at, firstPlace int
}

func (e *Editor) beginSearch() {
	e.search = search{on: true, place: e.history.place, text: e.text, at: e.at, firstPlace: e.history.place}
}

// find looks for the query in the messages from a place on, in steps of -1 or 1.
func (e *Editor) find(place, step int) {
	s := &e.search
	for ; place >= 0 && place < len(e.entries) && s.query != ""; place += step {
		text := e.entries[place]
		before, _, found := strings.Cut(strings.ToLower(text), strings.ToLower(s.query))
		if !found {
			continue
		}
		s.place, s.failed = place, false
		e.buffer.text, e.at = text, 0
		for range before { // a letter may have another length in lower case
			_, size := utf8.DecodeRuneInString(text[e.at:])
			e.at += size
		}
		return
	}
	s.failed = s.query != ""
}

// searchKey takes a key of a search. A key that the search has no use for ends it, and
// does what it always does.
func (e *Editor) searchKey(k key) (taken bool) {
	s := &e.search
	switch {
	case k.name == "" && k.text != "":
		s.query += strings.ReplaceAll(k.text, "\n", " ")
		e.find(min(s.place, len(e.entries)-1), -1)
	case k.name == "ctrl-r":
		e.find(s.place-1, -1)
	case k.name == "ctrl-s":
		e.find(s.place+1, 1)
	case k.name == "backspace":
		var all []string
		for _, cluster := range term.Clusters(s.query) {
			all = append(all, cluster)
		}
		s.query = strings.Join(all[:max(0, len(all)-1)], "")
		s.place = s.firstPlace
		e.buffer.text, e.at = s.text, s.at
		e.find(len(e.entries)-1, -1)
	case k.name == "ctrl-g", k.name == "escape", k.name == "ctrl-c":
		e.buffer.text, e.at = s.text, s.at
		e.search = search{}
	default:
		e.endSearch()
		return k.name == "enter"
	}
	return true
}

// endSearch makes the match the text.
func (e *Editor) endSearch() {
	s, found, at := e.search, e.text, e.at
	e.search = search{}
	e.buffer.text, e.at = s.text, s.at
	if s.place != s.firstPlace {
		e.recall(s.place)
		e.buffer.set(found)
		e.at = at
	}
}
