package lineedit

import (
	"io"
	"strings"
	"unicode/utf8"

	"oax/internal/term"
)

// What the keys do.

// press does what a key is for.
func (e *Editor) press(k key) {
	if k.name == "focus" || k.name == "blur" {
		e.blurred = k.name == "blur"
		return
	}
	prefix := e.prefix
	e.note, e.last, e.this, e.prefix = "", e.this, "", ""
	switch {
	case prefix == "escape" && k.raw != "" && k.raw[0] != esc: // Alt, as two keys
		e.this = e.last
		e.decoder.unread("\x1b" + k.raw)
		return
	case prefix == "verbatim" && !k.pasted:
		e.insert(strings.ToValidUTF8(k.raw, "\uFFFD"))
		return
	case e.search.on && e.searchKey(k):
		return
	case e.menu.all != nil && k.name != "tab" && k.name != "shift-tab":
		e.menu = menu{}
		if k.name == "escape" || k.name == "ctrl-g" {
			return
		}
	}
	command := e.commands[strings.TrimSpace(prefix+" "+k.name)]
	switch {
	case command != nil:
		command()
		e.joins = false
	case k.pasted:
		e.insert(k.text)
	case k.name == "" && k.text != "":
		e.typed(k.text)
	}
}

// bindings returns what each key does, by its name. Keys that are not there do nothing.
func (e *Editor) bindings() map[string]func() {
	newLine := func() { e.insert("\n") }
	move := func(to func() int) func() { return func() { e.at = to() } }
	kill := func(to func() int) func() { return func() { e.killTo(to()) } }
	home := func() int { return e.lineStart(e.at) }
	end := func() int { return e.lineEnd(e.at) }
	first := func() int { return 0 }
	last := func() int { return len(e.text) }
	prefix := func(name string) func() { return func() { e.prefix = name } }
	return map[string]func(){
		"enter": e.enter, "ctrl-j": e.enter,
		"alt-enter": newLine, "shift-enter": newLine, "ctrl-enter": newLine, "alt-ctrl-j": newLine,
		"ctrl-c": func() { e.end(ErrInterrupted) }, "ctrl-d": e.deleteOrLeave, "ctrl-z": e.stopJob,
		"ctrl-l": e.clearScreen, "ctrl-x ctrl-e": e.editElsewhere,
		"ctrl-v": prefix("verbatim"), "ctrl-q": prefix("verbatim"), "ctrl-x": prefix("ctrl-x"), "escape": prefix("escape"),

		"left": move(e.left), "ctrl-b": move(e.left), "right": move(e.right), "ctrl-f": move(e.right),
		"alt-b": move(e.wordLeft), "ctrl-left": move(e.wordLeft), "alt-left": move(e.wordLeft),
		"alt-f": move(e.wordRight), "ctrl-right": move(e.wordRight), "alt-right": move(e.wordRight),
		"ctrl-a": move(home), "home": move(home), "ctrl-e": move(end), "end": move(end),
		"ctrl-home": move(first), "ctrl-end": move(last),
		"up": func() { e.vertical(-1) }, "down": func() { e.vertical(1) },
		"ctrl-p": e.older, "ctrl-n": e.newer, "page-up": e.older, "page-down": e.newer,
		"alt-<": func() { e.recall(0) }, "alt->": func() { e.recall(len(e.entries)) },
		"ctrl-r": e.searchOlder, "ctrl-s": e.searchOlder,

		"backspace": func() { e.replace(e.left(), e.at, "") }, "shift-backspace": func() { e.replace(e.left(), e.at, "") },
		"delete":        func() { e.replace(e.at, e.right(), "") },
		"alt-backspace": kill(e.wordLeft), "ctrl-backspace": kill(e.wordLeft), "ctrl-w": kill(e.wordLeft),
		"alt-d": kill(e.wordRight), "alt-delete": kill(e.wordRight), "ctrl-delete": kill(e.wordRight),
		"ctrl-u": kill(first), "ctrl-k": kill(e.killEnd),
		"ctrl-y": e.yankLast, "alt-y": e.yankBefore,
		"ctrl-t": e.transpose, "ctrl-_": e.undo, "ctrl-x ctrl-u": e.undo,

		"tab": func() { e.complete(1) }, "shift-tab": func() { e.complete(-1) },
	}
}

// enter ends the message, or begins a new line: after a backslash, which is removed, and while
// nothing is sent.
func (e *Editor) enter() {
	switch {
	case !e.sending:
		e.insert("\n")
	case e.at == len(e.text) && strings.HasSuffix(e.text, `\`):
		e.replace(e.at-1, e.at, "\n")
	default:
		e.end(errSent)
	}
}

// end ends the message, unless nothing is sent now.
func (e *Editor) end(how error) {
	if e.sending {
		e.ended = how
	}
}

func (e *Editor) deleteOrLeave() {
	if e.text == "" {
		e.end(io.EOF)
		return
	}
	e.replace(e.at, e.right(), "")
}

func (e *Editor) stopJob() {
	if e.sending {
		e.suspendJob()
	}
}

func (e *Editor) clearScreen() {
	if e.sending {
		e.screen.clear()
	}
}

// killEnd returns the end of the line, or of its line end if the cursor is there.
func (e *Editor) killEnd() int {
	if end := e.lineEnd(e.at); end > e.at {
		return end
	}
	return e.right()
}

// killTo kills from the cursor to another place. What is killed by several commands in a
// row is one piece.
func (e *Editor) killTo(to int) {
	e.this = "kill"
	e.kill(min(e.at, to), max(e.at, to), e.last == "kill")
}

func (e *Editor) yankLast() {
	e.this = "yank"
	e.yank()
}

func (e *Editor) yankBefore() {
	if e.last == "yank" {
		e.this = "yank"
		e.yankOlder()
	}
}

func (e *Editor) searchOlder() {
	if e.sending {
		e.beginSearch()
	}
}

// vertical moves one row up or down, in the text and then in the history.
func (e *Editor) vertical(step int) {
	e.this = "vertical"
	columns, _ := e.size()
	l := newLayout(e.text, e.at, columns-term.Width(e.o.Prompt)-1, 1)
	if e.last != "vertical" {
		e.goal = l.column
	}
	switch to := l.cursor + step; {
	case to >= 0 && to < len(l.rows):
		e.at = l.offset(to, e.goal)
	case step < 0:
		e.older()
		e.this = ""
	default:
		e.newer()
		e.this = ""
	}
}

// complete completes the text before the cursor as far as is clear, and offers what could
// follow. When that is offered, it chooses the next one.
func (e *Editor) complete(step int) {
	switch m := &e.menu; {
	case !e.sending:
	case m.all == nil:
		e.openMenu()
	default:
		if m.chosen < 0 && step < 0 {
			m.chosen = 0
		}
		m.chosen = (m.chosen + step + len(m.all)) % len(m.all)
		e.replace(m.from, e.at, m.all[m.chosen].Value)
	}
}

func (e *Editor) openMenu() {
	if e.o.Complete == nil {
		return
	}
	from, all := e.o.Complete(e.text[:e.at])
	if len(all) == 0 {
		return
	}
	common := all[0].Value
	for _, c := range all {
		for !strings.HasPrefix(c.Value, common) {
			_, size := utf8.DecodeLastRuneInString(common)
			common = common[:len(common)-size]
		}
	}
	if len(common) > e.at-from {
		e.replace(from, e.at, common)
	}
	if len(all) > 1 {
		e.menu = menu{all: all, from: from, chosen: -1}
	}
}
