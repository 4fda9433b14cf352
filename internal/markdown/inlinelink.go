package markdown

import (
	"bytes"
	"html"
)

// Links, images and tags in a text that has ended.

// bracket is a [ or ![ that has not been closed.
type bracket struct {
	piece, at, last int
	image, inactive bool
	inner           bool // another bracket has been opened since
}

// angle reads an address or a tag between < and >. Tags are text, but for line breaks.
func (in *inlines) angle(src []byte) {
	if n, mail := scanAutolink(src); n > 0 {
		url := string(src[1 : n-1])
		in.put(n, piece{html: in.link(url, mail)})
		return
	}
	if src = src[:min(len(src), in.limit(src))]; len(src) == 0 {
		in.at++
		return
	}
	n := scanTag(src)
	switch {
	case n <= 0:
		in.at++
	case isBreak(src[:n]):
		in.put(n, piece{html: "<br />"})
	default:
		in.put(n, piece{html: html.EscapeString(string(src[:n]))})
	}
}

// limit returns how much of src to look at for a tag: nothing of a declaration of which
// the end has been looked for in vain.
func (in *inlines) limit(src []byte) int {
	for i, d := range declarations {
		if bytes.HasPrefix(src, []byte(d.open)) {
			if !in.none[i] && bytes.Contains(src, []byte(d.close)) {
				return len(src)
			}
			in.none[i] = true
			return 0
		}
	}
	return len(src)
}

// link returns an address as a link that shows it.
func (in *inlines) link(url string, mail bool) string {
	href := url
	if mail {
		href = "mailto:" + url
	}
	return in.anchor(reference{url: href}) + html.EscapeString(url) + "</a>"
}

// anchor returns the tag that begins a link. It leads nowhere if that is not allowed.
func (in *inlines) anchor(r reference) string {
	tag := "<a"
	if in.allowed(r.url) {
		tag += ` href="` + html.EscapeString(escapeURL(r.url)) + `" rel="noopener noreferrer nofollow"`
	}
	if r.title != "" {
		tag += ` title="` + html.EscapeString(r.title) + `"`
	}
	return tag + ">"
}

// address reads a bare web address or mail address.
func (in *inlines) address(src []byte) {
	if n := mailAt(src); n > 0 {
		in.put(n, piece{html: in.link(string(src[:n]), true)})
		return
	}
	if len(in.brackets) > 0 {
		if n := bytes.IndexByte(src[:min(len(src), maxURL)], ']'); n >= 0 {
			src = src[:n]
		}
	}
	if n := scanURL(src, true); n > 0 && in.before() != '<' {
		url := string(src[:n])
		href := url
		if url[0]|0x20 == 'w' {
			href = "http://" + url
		}
		in.put(n, piece{html: in.anchor(reference{url: href}) + html.EscapeString(url) + "</a>"})
		return
	}
	in.at++
}

// open reads a [ or ![.
func (in *inlines) open(n int) {
	if len(in.brackets) > 0 {
		in.brackets[len(in.brackets)-1].inner = true
	}
	in.put(n, piece{html: string(in.text[in.at : in.at+n])})
	in.brackets = append(in.brackets, bracket{piece: len(in.pieces) - 1, at: in.at, last: in.last, image: n == 2})
}

// close reads a ]. With what it belongs to it is a link, or it is text.
func (in *inlines) close(src []byte) {
	if len(in.brackets) == 0 {
		in.at++
		return
	}
	b := in.brackets[len(in.brackets)-1]
	in.brackets = in.brackets[:len(in.brackets)-1]
	n, r, found := 0, reference{}, false
	if !b.inactive {
		n, r, found = in.target(&b, src[1:])
	}
	if !found {
		in.at++
		return
	}
	in.flush(in.at)
	in.emphasis(b.last)
	if b.image {
		alt := stripTags(in.output(b.piece + 1))
		in.pieces = in.pieces[:b.piece]
		in.put(1+n, piece{html: alt, image: r.url})
		return
	}
	in.pieces[b.piece].html = in.anchor(r)
	in.put(1+n, piece{html: "</a>"})
	for i := range in.brackets {
		if !in.brackets[i].image {
			in.brackets[i].inactive = true
		}
	}
}

// target finds where the link in bracket b leads: it reads (address) or [label] behind it
// in src, or takes its text as the label.
func (in *inlines) target(b *bracket, src []byte) (n int, r reference, found bool) {
	if n, r := scanTarget(src); n > 0 {
		return n, r, true
	}
	n = max(scanLabel(src), 0)
	label := []byte(nil)
	switch {
	case n > 2:
		label = src[1 : n-1]
	case !b.inner && in.at-b.at <= 1000:
		label = in.text[b.at:in.at]
	}
	name := normalLabel(label)
	r, found = in.refs[name]
	in.missing = in.missing || name != "" && !found
	return n, r, found
}
