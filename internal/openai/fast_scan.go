package openai

import (
	"encoding/binary"
	"math/bits"
)

// take passes over a byte if it is the next.
func (p *fastParser) take(c byte) bool {
	if p.i < len(p.b) && p.b[p.i] == c {
		p.i++
		return true
	}
	return false
}

func (p *fastParser) space() {
	for p.i < len(p.b) && p.b[p.i] <= ' ' {
		switch p.b[p.i] {
		case ' ', '\t', '\n', '\r':
			p.i++
		default:
			return
		}
	}
}

func (p *fastParser) word(word string) bool {
	if len(p.b)-p.i < len(word) || string(p.b[p.i:p.i+len(word)]) != word {
		return false
	}
	p.i += len(word)
	return true
}

func (p *fastParser) null() bool { return p.word("null") }

// skip passes over a value.
func (p *fastParser) skip() bool {
	if p.i == len(p.b) {
		return false
	}
	switch p.b[p.i] {
	case '"':
		_, _, ok := p.str()
		return ok
	case '{':
		return p.object(elsewhere)
	case '[':
		return p.array()
	case 'n':
		return p.null()
	case 't':
		return p.word("true")
	case 'f':
		return p.word("false")
	}
	return p.number()
}

func (p *fastParser) array() bool {
	if p.depth++; p.depth > deepest || !p.take('[') {
		return false
	}
	p.space()
	if !p.take(']') {
		for more := true; more; more = p.take(',') {
			p.space()
			if !p.skip() {
				return false
			}
			p.space()
		}
		if !p.take(']') {
			return false
		}
	}
	p.depth--
	return true
}

// str takes a string and returns where its inside is. plain says that it is ASCII
// without escapes.
func (p *fastParser) str() (inside span, plain, ok bool) {
	if !p.take('"') {
		return span{}, false, false
	}
	from := p.i
	plain = true
	for {
		p.ordinary()
		if p.i == len(p.b) {
			return span{}, false, false
		}
		switch c := p.b[p.i]; {
		case c == '"':
			p.i++
			return span{from, p.i - 1}, plain, true
		case c >= 0x80:
			plain = false
			p.i++
		case c == '\\' && p.escape():
			plain = false
		default:
			return span{}, false, false
		}
	}
}

// ordinary passes over characters from space to 0x7F but quotes and backslashes,
// eight at a time: the high bit of each byte of special is set where, and only
// where or before, a byte is something else.
func (p *fastParser) ordinary() {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for p.i+8 <= len(p.b) {
		word := binary.LittleEndian.Uint64(p.b[p.i:])
		quotes, slashes := word^(ones*'"'), word^(ones*'\\')
		special := (word | (word - ones*' ') | (quotes - ones) | (slashes - ones)) & highs
		if special != 0 {
			p.i += bits.TrailingZeros64(special) / 8
			break
		}
		p.i += 8
	}
	for p.i < len(p.b) && p.b[p.i] >= ' ' && p.b[p.i] < 0x80 && p.b[p.i] != '"' && p.b[p.i] != '\\' {
		p.i++
	}
}

func (p *fastParser) escape() bool {
	if p.i+1 >= len(p.b) {
		return false
	}
	p.i += 2
	switch p.b[p.i-1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		return p.fourHex()
	}
	return false
}

func (p *fastParser) fourHex() bool {
	if len(p.b)-p.i < 4 {
		return false
	}
	for _, c := range p.b[p.i : p.i+4] {
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	p.i += 4
	return true
}

// number takes a number as RFC 8259, section 6, has it.
func (p *fastParser) number() bool {
	p.take('-')
	if !p.take('0') && !p.digits() {
		return false
	}
	if p.take('.') && !p.digits() {
		return false
	}
	if p.take('e') || p.take('E') {
		if !p.take('+') {
			p.take('-')
		}
		return p.digits()
	}
	return true
}

// digits takes one or more.
func (p *fastParser) digits() bool {
	from := p.i
	for p.i < len(p.b) && p.b[p.i] >= '0' && p.b[p.i] <= '9' {
		p.i++
	}
	return p.i > from
}
