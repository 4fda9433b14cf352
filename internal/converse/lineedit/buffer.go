package lineedit

import (
	"strings"

	"oax/internal/term"
)

// buffer is the text that is edited and the place in it where the next change is. Text
// changes by whole grapheme clusters: what a person sees as one character is moved over
// and deleted as one. It is read as it was typed, to the byte.
//
// All changes go through replace, so that each can be undone.
type buffer struct {
	text string
	at   int // offset of the cursor, in bytes

	changes []change
	joins   bool // what is typed next belongs to the last change

	killed []string // newest last
}

// change is one that can be undone.
type change struct {
	from              int
	removed, inserted string
	cursor            int // where it was before
}

const (
	maxChanges = 10_000
	maxKilled  = 60
)

// replace replaces a part of the text. The cursor is then after what was put there.
func (b *buffer) replace(from, to int, with string) {
	if from == to && with == "" {
		return
	}
	b.changes = append(b.changes, change{from, b.text[from:to], with, b.at})
	if len(b.changes) > maxChanges {
		b.changes = b.changes[1:]
	}
	b.text = b.text[:from] + with + b.text[to:]
	b.at = from + len(with)
	b.joins = false
}

func (b *buffer) insert(text string) { b.replace(b.at, b.at, text) }

// typed inserts text that was typed. Typing is undone by words, however many characters
// come at a time.
func (b *buffer) typed(text string) {
	joins := b.joins
	before := byte(0)
	if b.at > 0 {
		before = b.text[b.at-1]
	}
	b.insert(text)
	last := len(b.changes) - 1
	whole := b.changes[last]
	b.changes = b.changes[:last]
	from := 0
	for i := range len(text) {
		if newWord := before == ' ' && text[i] != ' '; newWord && i > 0 || i == 0 && (newWord || !joins) {
			b.addTyped(whole.from+from, text[from:i], joins)
			joins, from = false, i
		}
		before = text[i]
	}
	b.addTyped(whole.from+from, text[from:], joins)
	b.joins = true
}

// addTyped notes that a piece was typed.
func (b *buffer) addTyped(from int, piece string, joins bool) {
	switch last := len(b.changes) - 1; {
	case piece == "":
	case joins && last >= 0:
		b.changes[last].inserted += piece
	default:
		b.changes = append(b.changes, change{from: from, inserted: piece, cursor: from})
	}
}

// undo takes the last change back.
func (b *buffer) undo() {
	last := len(b.changes) - 1
	if last < 0 {
		return
	}
	c := b.changes[last]
	b.changes, b.joins = b.changes[:last], false
	b.text = b.text[:c.from] + c.removed + b.text[c.from+len(c.inserted):]
	b.at = c.cursor
}

// set makes text the whole text. This cannot be undone.
func (b *buffer) set(text string) {
	b.text, b.at, b.changes, b.joins = text, len(text), nil, false
}

// lineStart returns where the line begins that an offset is in.
func (b *buffer) lineStart(at int) int { return strings.LastIndexByte(b.text[:at], '\n') + 1 }

// lineEnd returns where the line ends that an offset is in: before its line end.
func (b *buffer) lineEnd(at int) int {
	if n := strings.IndexByte(b.text[at:], '\n'); n >= 0 {
		return at + n
	}
	return len(b.text)
}

// left returns where the cluster before the cursor begins.
func (b *buffer) left() int {
	start := b.lineStart(b.at)
	if b.at == start {
		return max(0, start-1)
	}
	last := start
	for at := range term.Clusters(b.text[start:b.lineEnd(b.at)]) {
		if start+at >= b.at {
			break
		}
		last = start + at
	}
	return last
}

// right returns where the cluster after the cursor ends.
func (b *buffer) right() int {
	start, end := b.lineStart(b.at), b.lineEnd(b.at)
	if b.at == end {
		return min(len(b.text), end+1)
	}
	for at := range term.Clusters(b.text[start:end]) {
		if start+at > b.at {
			return start + at
		}
	}
	return end
}

// wordLeft returns where the word begins that is before the cursor, or that it is in.
func (b *buffer) wordLeft() int {
	for at := b.at; at > 0; {
		start := b.lineStart(at)
		last := -1
		for from := range term.Words(b.text[start:b.lineEnd(at)]) {
			if start+from < at {
				last = start + from
			}
		}
		if last >= 0 {
			return last
		}
		at = max(0, start-1)
	}
	return 0
}

// wordRight returns where the word ends that is after the cursor, or that it is in.
func (b *buffer) wordRight() int {
	for at := b.at; at < len(b.text); {
		start, end := b.lineStart(at), b.lineEnd(at)
		for _, to := range term.Words(b.text[start:end]) {
			if start+to > at {
				return start + to
			}
		}
		at = min(len(b.text), end+1)
	}
	return len(b.text)
}

// kill removes a part of the text, so that it can be yanked. With joined it is one piece
// with what was killed last.
func (b *buffer) kill(from, to int, joined bool) {
	if from == to {
		return
	}
	text := b.text[from:to]
	last := len(b.killed) - 1
	switch {
	case joined && last >= 0 && from < b.at:
		b.killed[last] = text + b.killed[last]
	case joined && last >= 0:
		b.killed[last] += text
	default:
		b.killed = append(b.killed, text)
		b.killed = b.killed[max(0, len(b.killed)-maxKilled):]
	}
	b.replace(from, to, "")
}

// yank inserts what was killed last.
func (b *buffer) yank() {
	if last := len(b.killed) - 1; last >= 0 {
		b.insert(b.killed[last])
	}
}

// yankOlder replaces what was yanked, which ends at the cursor, by what was killed before
// it. The newest one follows the oldest.
func (b *buffer) yankOlder() {
	if len(b.killed) < 2 {
		return
	}
	last := len(b.killed) - 1
	yanked := b.killed[last]
	b.killed = append([]string{yanked}, b.killed[:last]...)
	b.replace(b.at-len(yanked), b.at, b.killed[last])
}

// transpose exchanges the cluster before the cursor with the one after it, or the last
// two at the end of a line.
func (b *buffer) transpose() {
	if b.at == b.lineEnd(b.at) {
		b.at = b.left()
	}
	from, to := b.left(), b.right()
	if b.at == b.lineStart(b.at) || to == b.at {
		return
	}
	b.replace(from, to, b.text[b.at:to]+b.text[from:b.at])
}
