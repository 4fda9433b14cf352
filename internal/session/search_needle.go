package session

import (
	"bytes"
	"strings"
)

// needle is text to look for in other text, fast: by its rarest byte.
type needle struct {
	text     []byte // in small letters if fold
	fold     bool   // letters of ASCII count whatever their case
	rare     int    // which byte
	low, cap byte   // its two cases, or it twice
}

// commonness is the bytes of English prose and code, the most common one last.
const commonness = "zqjxkv:-.,bywpgfmucdlhrsniaote "

func newNeedle(text string, fold bool) needle {
	n := needle{text: []byte(text), fold: fold}
	for i := range text {
		if rank(text[i]) < rank(text[n.rare]) {
			n.rare = i
		}
	}
	n.low = text[n.rare]
	n.cap = n.low
	if fold && isSmall(n.low) {
		n.cap -= 'a' - 'A'
	}
	return n
}

// rank is lower the rarer a byte is. Letters of other scripts share their first
// bytes.
func rank(c byte) int {
	if i := strings.IndexByte(commonness, c); i >= 0 {
		return i
	}
	if c >= 0xc0 {
		return len(commonness)
	}
	return -1
}

// index returns where the needle is in b first, or -1.
func (n needle) index(b []byte) int {
	end := len(b) - len(n.text) + 1 // of where it can begin
	if end <= 0 {
		return -1
	}
	space := b[n.rare : n.rare+end] // of where the byte can be
	low := -1                       // the next n.low
	for at := 0; at < len(space); at++ {
		if low < at {
			low = nextByte(space, at, n.low)
		}
		next := low
		if n.cap != n.low {
			next = at + nextByte(space[at:low], 0, n.cap)
		}
		if at = next; at < len(space) && n.at(b[at:]) {
			return at
		}
	}
	return -1
}

// nextByte returns where c is in b from a place on, or the length of b.
func nextByte(b []byte, from int, c byte) int {
	if i := bytes.IndexByte(b[from:], c); i >= 0 {
		return from + i
	}
	return len(b)
}

// at reports whether b, which is long enough, begins with the needle.
func (n needle) at(b []byte) bool {
	for i, want := range n.text {
		if c := b[i]; c != want && !(n.fold && isSmall(want) && c == want-('a'-'A')) {
			return false
		}
	}
	return true
}

func isSmall(c byte) bool { return 'a' <= c && c <= 'z' }
