package markdown

import (
	"iter"
	"strings"
)

// Code is a piece of a fenced block of code.
type Code struct {
	Block int    // from 1
	Info  string // what follows the opening fence: the language
	Text  []byte // as it is, without the indentation and marks of what it is in
}

// CodeBlocks yields the code of the fenced blocks of a text in order, in pieces: a text can
// have a million blocks, or one of many megabytes. The first piece of a block is empty. A
// piece is valid until the next one.
func CodeBlocks(text string) iter.Seq[Code] {
	return func(yield func(Code) bool) {
		s := codeSink{yield: yield}
		s.read(text)
	}
}

// ClosingFence returns the line that closes the code block which a text leaves open. It is
// empty if there is none, or if the end of a list or quote ends it.
func ClosingFence(text string) string {
	s := codeSink{yield: func(Code) bool { return true }}
	s.read(strings.TrimSuffix(text, "\n") + "\n")
	return s.closing
}

// codeSink takes the code of a text.
type codeSink struct {
	yield   func(Code) bool
	stopped bool // nobody wants more
	blocks  int
	closing string
}

func (s *codeSink) read(text string) {
	const size = 64 << 10
	p := newParser(s, false)
	for rest := text; rest != "" && !s.stopped; rest = rest[min(size, len(rest)):] {
		p.write([]byte(rest[:min(size, len(rest))]))
	}
	if b := p.leaf; b != nil && b.kind == fenced && b.parent.kind == document && !b.closed {
		s.closing = strings.Repeat(string(b.fence), b.length) + "\n"
	}
	p.finish()
}

func (s *codeSink) open(b *block) {
	if b.kind == fenced {
		s.blocks++
		s.text(b, nil)
	}
}

func (s *codeSink) text(b *block, src []byte) {
	if b.kind == fenced {
		s.stopped = s.stopped || !s.yield(Code{s.blocks, b.info, src})
	}
}

func (s *codeSink) extra(b *block, src []byte)  { s.text(b, src) }
func (s *codeSink) close(*block)                {}
func (s *codeSink) mark([]byte, kind)           {}
func (s *codeSink) task(*block)                 {}
func (s *codeSink) setext(*block)               {}
func (s *codeSink) table(*block, []align, bool) {}
