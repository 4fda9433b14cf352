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
	index   int // len(entries): the new message
	changed map[int]string
}

const maxHistory = 1000

// newest goes to the new message.
func (h *history) newest() { h.index, h.changed = len(h.entries), map[int]string{} }

// remember adds a message.
func (h *history) remember(text string) {
	if strings.TrimSpace(text) == "" || len(h.entries) > 0 && h.entries[len(h.entries)-1] == text {
		return
	}
	h.entries = append(h.entries, text)
	h.entries = h.entries[max(0, len(h.entries)-maxHistory):]
}

// recall makes another message the text.
func (e *Editor) recall(index int) {
	if index < 0 || index > len(e.entries) || index == e.index {
		return
	}
	e.changed[e.index] = e.text
	text, ok := e.changed[index]
	if !ok {
		text = e.entries[index]
	}
	e.index = index
	e.buffer.set(text)
}

func (e *Editor) older() { e.recall(e.index - 1) }

// newer puts the cursor where Down goes on from: at the end of the first line.
func (e *Editor) newer() {
	if e.index < len(e.entries) {
		e.recall(e.index + 1)
		e.at = e.lineEnd(0)
	}
}

// search is a search in the history while the person types what to look for.
type search struct {
	on     bool
	failed bool
	query  string
	index  int // of the match; that of the message where nothing was found yet
	// what it began with
	text           string
	at, firstIndex int
}

func (e *Editor) beginSearch() {
	e.search = search{on: true, index: e.history.index, text: e.text, at: e.at, firstIndex: e.history.index}
}

// find looks for the query in the messages from an index on, in steps of -1 or 1.
func (e *Editor) find(index, step int) {
	s := &e.search
	for ; index >= 0 && index < len(e.entries) && s.query != ""; index += step {
		text := e.entries[index]
		before, _, found := strings.Cut(strings.ToLower(text), strings.ToLower(s.query))
		if !found {
			continue
		}
		s.index, s.failed = index, false
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
		e.find(min(s.index, len(e.entries)-1), -1)
	case k.name == "ctrl-r":
		e.find(s.index-1, -1)
	case k.name == "ctrl-s":
		e.find(s.index+1, 1)
	case k.name == "backspace":
		var all []string
		for _, cluster := range term.Clusters(s.query) {
			all = append(all, cluster)
		}
		s.query = strings.Join(all[:max(0, len(all)-1)], "")
		s.index = s.firstIndex
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
	if s.index != s.firstIndex {
		e.recall(s.index)
		e.buffer.set(found)
		e.at = at
	}
}
