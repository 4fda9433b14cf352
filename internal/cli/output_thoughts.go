package cli

import (
	"io"

	"oax/internal/term"
)

// thoughts shows the reasoning that comes before an answer: dimmed where colour may
// be, and parted from the answer by a blank line. A nil one shows nothing.
type thoughts struct {
	filter *term.Filter // nil: bytes as they are
	dims   bool
	buf    []byte
	begun  bool
}

const (
	dim    = "\x1b[2m"
	normal = "\x1b[22m"
)

func (env *Env) newThoughts() *thoughts {
	t := &thoughts{dims: env.newViewer() != nil && term.Colour(env.flags.Color, term.IsTerminal(env.Stdout), env.getenv)}
	if env.newViewer() != nil {
		t.filter = new(term.Filter)
	}
	return t
}

// write shows a piece. Each piece is dimmed by itself: whatever is written between
// two of them is not.
func (t *thoughts) write(to io.Writer, text []byte) {
	if t == nil || len(text) == 0 {
		return
	}
	t.begun = true
	t.buf = t.buf[:0]
	if t.dims {
		t.buf = append(t.buf, dim...)
	}
	if t.filter != nil {
		t.buf = t.filter.Append(t.buf, text)
	} else {
		t.buf = append(t.buf, text...)
	}
	if t.dims {
		t.buf = append(t.buf, normal...)
	}
	to.Write(t.buf)
}

// end parts what was shown from what follows.
func (t *thoughts) end(to io.Writer) {
	if t == nil || !t.begun {
		return
	}
	t.begun = false
	if t.filter != nil {
		to.Write(t.filter.Flush(nil))
	}
	io.WriteString(to, "\n\n")
}
