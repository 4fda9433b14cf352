package lineedit

import (
	"strings"
	"sync"
	"unicode/utf8"

	"oax/internal/term"
)

// placeholders lets a text be edited that holds characters a terminal would obey, or would
// not show: each of them is one ordinary character in the editor's buffer, of one
// column, and itself again in the text that is read. So nothing of a stored prompt, a
// draft or a paste reaches the terminal as a control, the cursor's column stays right,
// and what is sent is exactly what was typed.
//
// The C0 controls and DEL become their control pictures (ESC is ␛). All others, and
// the pictures themselves, become characters of the private planes 15 and 16 in the
// order in which they are met, and are drawn as U+FFFD or as themselves.
//
// A read that is left behind may still use them, so all is done under a lock.
type placeholders struct {
	mu   sync.Mutex
	of   map[rune]rune // the placeholder of a character
	back map[rune]rune // the character of a placeholder
	next rune
}

// Private planes 15 and 16 (Unicode 17, section 23.5). The first character is the
// backslash that ended a line: it is no part of the text if a line end follows.
const (
	continued   = 0xF0000
	firstUnused = continued + 1
)

func newPlaceholders() *placeholders {
	return &placeholders{of: map[rune]rune{}, back: map[rune]rune{}, next: firstUnused}
}

// hide returns text as the editor's buffer holds it.
func (p *placeholders) hide(text string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	runes := []rune(text)
	for i, r := range runes {
		if p.needed(r) {
			runes[i] = p.placeholder(r)
		}
	}
	return string(runes)
}

// complete puts the placeholders into a buffer that are still missing.
func (p *placeholders) complete(buffer []rune) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, r := range buffer {
		if _, known := p.back[r]; !known && r != continued && p.needed(r) {
			buffer[i] = p.placeholder(r)
		}
	}
}

// needed reports whether a character cannot be in the buffer as itself.
func (p *placeholders) needed(r rune) bool {
	switch {
	case r == '\n', r == '\t', ' ' <= r && r < 0x7f:
		return false
	case r < ' ', r == 0x7f, picture(r), r >= continued:
		return true
	}
	in := "x" + string(r) // a mark needs a base
	return term.Visible(in) != in
}

// picture reports whether r is the picture of a C0 control or of DEL.
func picture(r rune) bool { return 0x2400 <= r && r <= 0x2421 }

func (p *placeholders) placeholder(r rune) rune {
	if known, ok := p.of[r]; ok {
		return known
	}
	var to rune
	switch {
	case r < ' ':
		to = 0x2400 + r
	case r == 0x7f:
		to = 0x2421
	case p.next > utf8.MaxRune:
		return utf8.RuneError // 131,071 different ones are in use
	default:
		to = p.next
		p.next++
	}
	p.of[r], p.back[to] = to, r
	return to
}

// restore returns the text of a buffer.
func (p *placeholders) restore(buffer string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	buffer = strings.ReplaceAll(buffer, string(rune(continued))+"\n", "\n")
	return strings.Map(func(r rune) rune {
		if r == continued {
			return '\\'
		}
		if was, ok := p.back[r]; ok {
			return was
		}
		return r
	}, buffer)
}

// draw returns a buffer as the terminal shows it.
func (p *placeholders) draw(buffer []rune) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	drawn := make([]rune, len(buffer))
	for i, r := range buffer {
		was, ok := p.back[r]
		switch {
		case r == continued:
			r = '\\'
		case ok && (picture(was) || was >= continued):
			r = was
		case ok && !picture(r):
			r = utf8.RuneError
		}
		drawn[i] = r
	}
	return string(drawn)
}
