package markdown

import "strings"

// Code is a fenced block of code.
type Code struct {
	Info string // what follows the opening fence: the language
	Text string // as it is, without the indentation and marks of what it is in
}

// CodeBlocks returns the fenced code blocks of a text in order.
func CodeBlocks(text string) []Code {
	var s codeSink
	s.read(text)
	return s.blocks
}

// ClosingFence returns the line that closes the code block which a text leaves open. It is
// empty if there is none, or if the end of a list or quote ends it.
func ClosingFence(text string) string {
	var s codeSink
	s.read(strings.TrimSuffix(text, "\n") + "\n")
	return s.closing
}

// codeSink collects the code of a text.
type codeSink struct {
	blocks  []Code
	code    strings.Builder
	closing string
}

func (s *codeSink) read(text string) {
	p := newParser(s, false)
	p.write([]byte(text))
	if b := p.leaf; b != nil && b.kind == fenced && b.parent.kind == document && !b.closed {
		s.closing = strings.Repeat(string(b.fence), b.length) + "\n"
	}
	p.finish()
}

func (s *codeSink) text(b *block, src []byte) {
	if b.kind == fenced {
		s.code.Write(src)
	}
}

func (s *codeSink) close(b *block) {
	if b.kind == fenced {
		s.blocks = append(s.blocks, Code{b.info, s.code.String()})
		s.code.Reset()
	}
}

func (s *codeSink) extra(b *block, src []byte) { s.text(b, src) }
func (s *codeSink) open(*block)                {}
func (s *codeSink) mark([]byte, kind)          {}
func (s *codeSink) task(*block)                {}
func (s *codeSink) setext(*block)              {}
func (s *codeSink) table(_, _ *block, _ bool)  {}
