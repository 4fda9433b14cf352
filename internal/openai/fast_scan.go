package openai

// take passes over a byte if it is the next.
func (p *fastParser) take(c byte) bool {
	if p.i < len(p.b) && p.b[p.i] == c {
		p.i++
		return true
	}
	return false
}

func (p *fastParser) space() {
	for p.i < len(p.b) {
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

// str takes a string and returns its inside. plain says that it is ASCII without
// escapes.
func (p *fastParser) str() (inside []byte, plain, ok bool) {
	if !p.take('"') {
		return nil, false, false
	}
	from := p.i
	plain = true
	for p.i < len(p.b) {
		switch c := p.b[p.i]; {
		case c == '"':
			p.i++
			return p.b[from : p.i-1], plain, true
		case c == '\\':
			plain = false
			if !p.escape() {
				return nil, false, false
			}
		case c < ' ':
			return nil, false, false
		default:
			plain = plain && c < 0x80
			p.i++
		}
	}
	return nil, false, false
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
		return p.hex() && p.hex() && p.hex() && p.hex()
	}
	return false
}

func (p *fastParser) hex() bool {
	if p.i == len(p.b) {
		return false
	}
	c := p.b[p.i]
	p.i++
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
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
