package turn

import (
	"oax/internal/chat"
	"oax/internal/markdown"
	"oax/internal/report"
	"oax/internal/term"
)

// TextOptions say where an answer goes and how it is to look there.
type TextOptions struct {
	Terminal  bool   // standard output is one
	Raw       bool   // the answer's bytes and nothing else
	Markdown  string // Rendered, Source or Off; empty: as the terminal and Color say
	Color     string
	Reasoning bool                // show the reasoning too
	Columns   func() int          // of the terminal; must be set if Terminal is
	Wrap      *int                // columns of prose at most; 0: no wrapping; nil: maxProse
	Getenv    func(string) string // must be set unless Color is never
	Held      func(what string)   // is told what is held back, as "table, 3 rows", and "" when it is shown; may be nil
}

// What is made of Markdown.
const (
	Rendered = "rendered" // it is laid out, without its marks
	Source   = "source"   // its marks stay, and get styles
	Off      = "off"      // no styles at all
)

// maxProse is how many columns lines of prose have: longer ones are hard to read.
const maxProse = 100

// Viewer makes of a text in pieces what a terminal may see.
type Viewer interface {
	Append(dst, src []byte) []byte
	Flush(dst []byte) []byte
	Hidden() term.Hidden
}

// NewViewer returns what an answer passes on its way to standard output: a
// markdown.Terminal where it is styled or laid out, or a term.Filter on a terminal. It is
// nil where the bytes go out as they are: into a pipe or a file, unless styles are asked
// for, and raw.
func NewViewer(o TextOptions) Viewer {
	mode := o.mode()
	switch {
	case o.Raw:
		return nil
	case mode != Off:
		return markdown.NewTerminal(o.layout(mode))
	case o.Terminal:
		return new(term.Filter)
	}
	return nil
}

// mode returns what is made of Markdown. A flag wins over the environment. Into a pipe
// goes the source, with styles if they are asked for.
func (o TextOptions) mode() string {
	switch {
	case o.Markdown == Source && o.Color == "never":
		return Off
	case o.Markdown != "":
		return o.Markdown
	case !o.colour():
		return Off
	case o.Terminal:
		return Rendered
	}
	return Source
}

func (o TextOptions) layout(mode string) markdown.Options {
	layout := markdown.Options{Wrap: maxProse, Styles: o.Color != "never", Source: mode == Source}
	if o.Wrap != nil {
		layout.Wrap = max(*o.Wrap, 0)
	}
	if o.Terminal {
		layout.Window, layout.Links = o.Columns, layout.Styles && term.Hyperlinks(o.Getenv)
	}
	return layout
}

func (o TextOptions) colour() bool { return term.Colour(o.Color, o.Terminal, o.Getenv) }

// textForm is the answer's text, and its reasoning before it if that is shown.
type textForm struct {
	viewer    Viewer // nil: bytes as they are
	reasoning *reasoningForm
	hidden    term.Hidden
	terminal  bool
	sources   []string
	begun     bool // text has come since the last reasoning
	tell      func(what string)
	held      string // what has been told last
	newLine   bool   // end with one
	last      byte   // written, or 0
}

// NewText returns the answer's text as a form: its bytes into a pipe or a file, what a
// terminal may see of it on a terminal. A newline is added where the last one lacks,
// unless raw bytes go into a pipe or a file.
func NewText(o TextOptions) Form {
	f := &textForm{viewer: NewViewer(o), newLine: !o.Raw || o.Terminal, tell: o.Held, terminal: o.Terminal}
	if o.Reasoning {
		f.reasoning = &reasoningForm{}
		if f.viewer != nil {
			f.reasoning.filter, f.reasoning.dim = new(term.Filter), o.colour()
		}
	}
	return f
}

func (f *textForm) Append(dst []byte, d *chat.Delta) []byte {
	if len(d.Reasoning) > 0 && f.reasoning != nil {
		if f.begun && f.viewer != nil {
			dst = f.noted(f.viewer.Flush(dst), len(dst)) // what is held back comes first
		}
		f.begun = false
		dst = f.reasoning.append(dst, d.Reasoning)
	}
	if len(d.Text)+len(d.Refusal) > 0 {
		f.begun = true
		dst = f.reasoning.end(dst)
	}
	return f.append(f.append(dst, d.Text), d.Refusal)
}

func (f *textForm) append(dst, text []byte) []byte {
	before := len(dst)
	if f.viewer != nil {
		dst = f.viewer.Append(dst, text)
		f.tellHeld()
	} else {
		dst = append(dst, text...)
	}
	return f.noted(dst, before)
}

// tellHeld tells what is held back, if that has changed.
func (f *textForm) tellHeld() {
	t, ok := f.viewer.(*markdown.Terminal)
	if !ok || f.tell == nil {
		return
	}
	if now := t.Status(); now != f.held {
		f.held = now
		f.tell(now)
	}
}

// noted notes the last byte that is written of dst, which was shorter before.
func (f *textForm) noted(dst []byte, before int) []byte {
	if len(dst) > before {
		f.last = dst[len(dst)-1]
	}
	return dst
}

func (f *textForm) End(dst []byte, e End) ([]byte, *report.Error) {
	dst = f.reasoning.end(dst)
	if f.terminal {
		f.sources = report.Sources(e.Message)
	}
	ended := false // the line is, behind what the terminal has echoed
	if f.viewer != nil {
		before := len(dst)
		dst = f.noted(f.viewer.Flush(dst), before)
		ended = len(dst) > before && f.last == '\n'
		f.tellHeld()
		f.hidden = f.viewer.Hidden()
	}
	// Ctrl-C leaves ^C behind on a terminal, also at the start of a line.
	echoed := f.viewer != nil && e.Err != nil && e.Err.Signal != nil
	if f.newLine && f.last != 0 && (f.last != '\n' || echoed && !ended) {
		dst = append(dst, '\n')
	}
	return dst, nil
}

// Notes tells the sources of the answer on a terminal, and what a person has not seen of the
// text, or not as it was meant.
func (f *textForm) Notes() []string { return append(f.sources, report.Hidden(f.hidden)...) }

// reasoningForm is the reasoning that comes before an answer: dimmed where colour may be,
// and with a blank line between it and the answer. A nil one shows nothing.
type reasoningForm struct {
	filter *term.Filter // nil: bytes as they are
	dim    bool
	begun  bool
}

const (
	dim    = "\x1b[2m"
	normal = "\x1b[22m"
)

// append appends a piece. Each piece is dimmed by itself, since other programs may write
// to the terminal between two of them.
func (f *reasoningForm) append(dst, text []byte) []byte {
	if f == nil {
		return dst
	}
	f.begun = true
	if f.dim {
		dst = append(dst, dim...)
	}
	if f.filter != nil {
		dst = f.filter.Append(dst, text)
	} else {
		dst = append(dst, text...)
	}
	if f.dim {
		dst = append(dst, normal...)
	}
	return dst
}

// end appends what separates the reasoning from what follows.
func (f *reasoningForm) end(dst []byte) []byte {
	if f == nil || !f.begun {
		return dst
	}
	f.begun = false
	if f.filter != nil {
		dst = f.filter.Flush(dst)
	}
	return append(dst, '\n', '\n')
}
