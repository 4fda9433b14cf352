package markdown

import "bytes"

// style is how a terminal shows text: attributes, and one of the eight colours
// in the upper three bits. Black, white and yellow are never used: each is
// unreadable on some ground. The zero style is the terminal's own.
type style uint8

const (
	bold style = 1 << iota
	dim
	italic
	underline
	strike
	red     style = 1 << 5
	green   style = 2 << 5
	magenta style = 5 << 5
	cyan    style = 6 << 5
	colour  style = 7 << 5
)

// pen knows the style and the link that the terminal has. The zero pen has none.
type pen struct {
	has   style
	link  string
	plain bool // it writes no styles
}

// put appends text in a style.
func (p *pen) put(dst []byte, s style, text []byte) []byte { return p.putLink(dst, s, "", text) }

// putLink appends text in a style that leads to an address, if there is one.
func (p *pen) putLink(dst []byte, s style, link string, text []byte) []byte {
	if link != p.link {
		p.link = link
		dst = append(append(append(dst, "\x1b]8;;"...), link...), "\x1b\\"...)
	}
	if s != p.has && !p.plain {
		dst = p.set(dst, s)
	}
	return append(dst, text...)
}

// set appends the SGR sequence that makes the terminal's style s, as short as it
// can be: a terminal takes longer over each byte than the styler.
func (p *pen) set(dst []byte, s style) []byte {
	dst = append(dst, "\x1b["...)
	if p.has != 0 && s != 0 {
		dst = append(dst, '0', ';')
	}
	p.has = s
	for i, code := range [...]byte{'1', '2', '3', '4', '9'} {
		if s&(1<<i) != 0 {
			dst = append(dst, code, ';')
		}
	}
	if c := byte(s >> 5); c != 0 {
		dst = append(dst, '3', '0'+c, ';')
	}
	return append(bytes.TrimSuffix(dst, []byte{';'}), 'm')
}

// lift appends what takes style and link off, if there are any.
func (p *pen) lift(dst []byte) []byte { return p.put(dst, 0, nil) }
