package session

import (
	"bytes"
	"context"
	"strings"

	"oax/internal/chat"
)

// lines finds the lines of text that match.
func (s *searcher) lines(ctx context.Context, role chat.Role, text []byte) {
	if !s.wants(role) {
		return
	}
	known := firstOf(s.text.doubts, text) < 0
	for len(text) > 0 && !s.full() && ctx.Err() == nil {
		var block []byte
		block, text = cutBlock(text)
		s.block(role, block, known)
	}
}

// cutBlock cuts so many lines off text that to look for the next one that matches
// never means to go over much of them again and again.
func cutBlock(text []byte) (block, rest []byte) {
	const size = 16 << 10
	if len(text) <= size {
		return text, nil
	}
	end := bytes.LastIndexByte(text[:size], '\n')
	if end < 0 {
		end = nextByte(text, size, '\n')
	}
	end = min(end+1, len(text))
	return text[:end], text[end:]
}

// block finds the lines of some text that match.
func (s *searcher) block(role chat.Role, text []byte, known bool) {
	for len(text) > 0 && !s.full() {
		at := 0
		if known {
			at = s.text.next(text)
		}
		if at < 0 {
			return
		}
		begin := bytes.LastIndexByte(text[:at], '\n') + 1
		var line []byte
		line, text, _ = bytes.Cut(text[begin:], []byte("\n"))
		if known && s.text.whole {
			s.hit(role, line, at-begin, at-begin+len(s.text.needles[0].text))
		} else if span := s.pattern.FindIndex(line); span != nil {
			s.hit(role, line, span[0], span[1])
		}
	}
}

// hit keeps a line that matches.
func (s *searcher) hit(role chat.Role, line []byte, start, end int) {
	const piece = 16 << 10
	if s.kept.Cap()-s.kept.Len() < len(line) {
		s.kept = strings.Builder{}
		s.kept.Grow(max(piece, len(line)))
	}
	before := s.kept.Len()
	s.kept.Write(line)
	s.hits = append(s.hits, Hit{s.turn, role, s.kept.String()[before:], start, end})
}
