package markdown

import (
	"bytes"
	"unicode/utf8"
)

// mathStart opens a formula that begins with $$ or \[. It may end in its line. It ends at
// a blank line at the latest, as TeX has it.
func (p *parser) mathStart(text []byte) verdict {
	if len(text) < 2 {
		return ends(p.whole)
	}
	end := "$$"
	switch string(text[:2]) {
	case `\[`:
		end = `\]`
	case "$$":
	default:
		return no
	}
	formula := text[2:]
	n := bytes.Index(formula, []byte(end))
	switch {
	case n >= 0 && (!isBlank(formula[n+2:]) || isBlank(formula[:n])):
		return no
	case !p.whole:
		return unknown
	case n < 0 && !isBlank(formula) && (end != "$$" || formula[0] != '\\'):
		return no
	}
	b := p.add(block{kind: mathBlock, fence: end[1], closed: n >= 0})
	if n >= 0 {
		formula = formula[:n]
	}
	p.take(2)
	p.skipSpace()
	p.marks(mathBlock)
	p.formula(b, bytes.Trim(formula, " \t"))
	return yes
}

// mathLine reads a line of a formula, whole.
func (p *parser) mathLine(b *block, text []byte) verdict {
	switch {
	case !p.whole:
		return unknown
	case len(text) == 0:
		return no
	}
	p.skipSpace()
	p.marks(mathBlock)
	b.to = p.number
	formula := bytes.TrimRight(text, " \t")
	if n := len(formula) - 2; n >= 0 && formula[n+1] == b.fence && (formula[n] == '$' || formula[n] == '\\') {
		b.closed = true
		formula = formula[:n]
	}
	p.formula(b, formula)
	return yes
}

// formula gives a formula a line of its text.
func (p *parser) formula(b *block, text []byte) {
	if len(text) > 0 {
		if !b.empty {
			p.addExtra(b, []byte{'\n'})
		}
		p.addText(b, text)
	}
	p.done = p.pos + len(text)
	p.pos = len(p.line)
}

// maxMath is how many bytes a formula in a line has at most.
const maxMath = 400

// scanMath reads a formula in a line: between \( and \), \[ and \], $$ and $$, or $ and
// $. A $ is taken for that of an amount of money if space is on its inner side, a digit
// behind the second one, or a word of three letters or more between, outside of braces.
func scanMath(src []byte, whole bool) (n, mark int) {
	if len(src) < 2 {
		if whole {
			return 0, 0
		}
		return more, 0
	}
	end := ""
	switch {
	case src[0] == '\\' && src[1] == '(':
		end = `\)`
	case src[0] == '\\' && src[1] == '[':
		end = `\]`
	case src[0] == '\\':
		return 0, 0
	case src[1] == '$':
		end = "$$"
	default:
		return scanDollar(src, whole)
	}
	inner := src[2:min(len(src), maxMath)]
	n = bytes.Index(inner, []byte(end))
	switch {
	case n == 0 || n > 0 && isBlank(inner[:n]):
		return 0, 0
	case n > 0 && (end != `\]` || looksLikeMath(inner[:n])):
		return n + 4, 2
	case n < 0 && !whole && len(src) < maxMath:
		return more, 0
	}
	return 0, 0
}

// looksLikeMath tells \[x^2\] from brackets that are escaped.
func looksLikeMath(src []byte) bool {
	at := bytes.IndexByte(src, '\\')
	return bytes.ContainsAny(src, "^_=+<>") || at >= 0 && at+1 < len(src) && isLetter(src[at+1])
}

func scanDollar(src []byte, whole bool) (n, mark int) {
	depth, letters := 0, 0 // of the word, less than 0 if it has something else
	for i := 1; i < len(src) && i < maxMath; i++ {
		switch c := src[i]; {
		case c == '$' && (i == 1 || src[i-1] == ' ' || src[i-1] == '\n'), i == 1 && (c == ' ' || c == '\n'):
			return 0, 0
		case c == '$' && i+1 == len(src) && !whole:
			return more, 0
		case c == '$' && i+1 < len(src) && isDigit(src[i+1]):
			return 0, 0
		case c == '$':
			return i + 1, 1
		case (isLetter(c) || c >= utf8.RuneSelf) && letters >= 0:
			letters++
		case isLetter(c):
		case indexByte(" \n,.", c) >= 0:
			if letters >= 3 && depth <= 0 {
				return 0, 0
			}
			letters = 0
		default:
			letters = -1
			switch c {
			case '\\':
				i++
			case '{':
				depth++
			case '}':
				depth--
			}
		}
	}
	if !whole && len(src) < maxMath {
		return more, 0
	}
	return 0, 0
}
