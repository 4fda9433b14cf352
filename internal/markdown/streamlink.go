package markdown

import (
	"bytes"
	"strings"

	"oax/internal/term"
)

// Links, images, footnotes and tags in a text that arrives in pieces.

// bracket reads a [ or !, which may begin a link or an image, or the mark of a footnote.
func (in *inline) bracket(src []byte, end bool) int {
	from := 0
	if src[0] == '!' {
		if len(src) == 1 && !end {
			return 0
		}
		if len(src) == 1 || src[1] != '[' {
			return in.show(src[:1])
		}
		from = 1
	}
	if n, v := noteLabel(src, end); from == 0 && v == unknown {
		return 0
	} else if from == 0 && v == yes {
		in.show(src[:1])
		in.hide(src[1:2])
		in.show(src[2:n])
		return n
	}
	label, target, ref := in.scanLink(src[from:], end)
	switch {
	case label == more:
		return 0
	case label == 0:
		return in.show(src[:from+1])
	}
	in.hide(src[:from+1])
	in.beginLink(ref, label-2, target+1)
	if label == 2 && from == 1 {
		in.as(nil, []byte("image"))
	}
	in.left += from + 1 // which run takes off
	return from + 1
}

// beginLink begins a link. It shows the next n bytes; target is how many bytes follow them
// before the link ends.
func (in *inline) beginLink(ref reference, n, target int) {
	in.left, in.target, in.ref, in.outer = n, target, ref, in.depth
	in.label = in.label[:0]
	in.link = ""
	if in.t.o.Links && isAllowed(ref.url) {
		in.link = escapeURL(ref.url)
	}
}

// endLink reads what is behind the text of a link. It shows the address where it differs
// from the text and the terminal cannot lead there, or would lead elsewhere than it says.
func (in *inline) endLink(src []byte) int {
	linked, label := in.link != "", string(in.label)
	in.depth = in.outer
	in.left, in.link, in.ticks = -1, "", 0
	n := min(in.target, len(src))
	if in.t.o.Source {
		return in.hide(src[:n])
	}
	claims := strings.Contains(label, "://") || strings.HasPrefix(label, "www.")
	if url := in.ref.url; !sameAddress(url, label) && (!linked || claims) && url != "" {
		in.as(nil, []byte(" ("+term.Line(url)+")"))
	}
	in.prev = rune(src[n-1])
	return n
}

// sameAddress reports whether a text shows the address.
func sameAddress(url, text string) bool {
	url = strings.TrimSuffix(strings.TrimPrefix(url, "mailto:"), "/")
	text = strings.TrimSuffix(text, "/")
	_, bare, _ := strings.Cut(url, "://")
	return url == text || bare == text
}

// bare shows an address that leads to itself.
func (in *inline) bare(src []byte) int {
	url := string(src)
	if src[0]|0x20 == 'w' {
		url = "http://" + url
	}
	in.beginLink(reference{url: url}, 0, 0)
	in.show(src)
	in.left, in.link = -1, ""
	return len(src)
}

// angle reads an address or a tag between < and >. Tags are text, but for line breaks.
func (in *inline) angle(src []byte, end bool) int {
	n, mail := scanAutolink(src)
	switch {
	case n == more && !end && len(src) < maxURL:
		return 0
	case n > 0 && in.left < 0:
		url := string(src[1 : n-1])
		if mail {
			url = "mailto:" + url
		}
		in.hide(src[:1])
		in.beginLink(reference{url: url}, 0, 0)
		in.show(src[1 : n-1])
		in.left, in.link = -1, ""
		in.hide(src[n-1 : n])
		return n
	}
	look := src[:min(len(src), 4*longest)]
	n = scanTag(look)
	switch {
	case n == more && !end && len(look) < 4*longest:
		return 0
	case n <= 0:
		return in.show(src[:1])
	case isBreak(src[:n]) && !in.t.o.Source:
		in.pending = broken
		in.prev = 0
		return n
	}
	return in.show(src[:min(n, untilLine(src))])
}

// scanLink reads [text](address) or [text][label]: how long the text is with its brackets,
// and what follows it.
func (in *inline) scanLink(src []byte, end bool) (label, target int, ref reference) {
	if in.left >= 0 {
		return 0, 0, ref
	}
	closing, v := closingBracket(src)
	switch {
	case v == unknown && !end:
		return more, 0, ref
	case v != yes:
		return 0, 0, ref
	}
	label = closing + 1
	behind := src[label:]
	if len(behind) == 0 && !end {
		return more, 0, ref
	}
	n, ref := scanTarget(behind)
	if n == more && !end && len(behind) < maxURL {
		return more, 0, ref
	}
	if n > 0 {
		return label, n, ref
	}
	n = scanLabel(behind[:min(len(behind), maxLink)])
	if n == more && !end && len(behind) < maxLink {
		return more, 0, ref
	}
	name := src[1:closing]
	if n > 2 {
		name = behind[1 : n-1]
	}
	ref, found := in.t.p.refs[normalLabel(name)]
	if !found {
		return 0, 0, ref
	}
	return label, max(n, 0), ref
}

// maxLink is how many bytes the text of a link has at most.
const maxLink = 400

// closingBracket finds the ] of the [ at the start of src.
func closingBracket(src []byte) (int, verdict) {
	depth := 0
	for i := 0; i < len(src) && i < maxLink; i++ {
		switch src[i] {
		case '\\':
			i++
		case '`':
			n := run(src[i:], '`')
			end := bytes.Index(src[i+n:], src[i:i+n])
			if end < 0 {
				return 0, ends(len(src) >= maxLink)
			}
			i += 2*n + end - 1
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				return i, yes
			}
		}
	}
	return 0, ends(len(src) >= maxLink)
}
