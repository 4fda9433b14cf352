package live

import (
	"oax/internal/chat"
	"oax/internal/markdown"
)

// A turn whose answer arrives.

// Running is a turn whose answer arrives.
type Running struct {
	view   Turn
	answer chat.Turn // written to by who takes the answer, with the room locked
	stop   func()    // ends the turn; nil: it is another process's

	html     *markdown.HTML // of the text as far as it was rendered, for those who watch
	rendered int            // bytes of the text
	changed  int            // after the end: the first block that is not what it was
}

// NewRunning returns a turn of which nothing has come. stop ends it.
func NewRunning(view Turn, stop func()) *Running {
	return &Running{view: view, stop: stop, html: markdown.NewHTML(), changed: -1}
}

// Answer returns what has come of the answer, for who takes it.
func (t *Running) Answer() *chat.Turn { return &t.answer }

// render renders what has come since the last time, and the end of the text if it has
// ended.
func (t *Running) render(ended bool) *markdown.HTML {
	_, text, _ := t.answer.Texts()
	_, _ = t.html.Write([]byte(text[t.rendered:]))
	t.rendered = len(text)
	if ended && t.changed < 0 {
		t.changed = len(t.html.Final())
		if changed := t.html.Close(); len(changed) > 0 {
			t.changed = changed[0]
		}
	}
	return t.html
}
