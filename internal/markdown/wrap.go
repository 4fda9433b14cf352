package markdown

import (
	"unicode/utf8"

	"oax/internal/term"
)

// segment is what no line is broken within, as long as it fits into one: a word, or a
// character of a script that is written without spaces.
type segment struct {
	spaces int // before it, unless a line begins with it
	text   []byte
	width  int // in columns
	apart  int // columns more on a terminal that does not join emoji
	parts  []part
}

// part is the look of a segment up to an offset.
type part struct {
	to    int
	style style
	link  string
}

// words makes segments of text that comes in pieces. A segment is complete when a line may
// be broken behind it.
type words struct {
	segment
	buffer   []byte  // the text is at its end
	first    segment // the one that is emitted
	measured int     // bytes of the text of which the width is known
	emit     func(s *segment)
	widest   int // a segment that is wider is emitted in parts; 0 for any width
}

// put adds text of one look, without line ends.
func (w *words) put(text []byte, s style, link string) {
	for len(text) > 0 {
		n := 0
		for n < len(text) && text[n] != ' ' && text[n] != '\t' {
			n++
		}
		if n > 0 {
			w.add(text[:n], s, link)
		} else {
			w.end()
			n = 1
			w.spaces++
		}
		text = text[n:]
	}
}

// add adds a part of a word.
func (w *words) add(text []byte, s style, link string) {
	w.buffer = append(append(w.buffer[:0], w.text...), text...)
	w.text = w.buffer
	if last := len(w.parts) - 1; last >= 0 && w.parts[last].style == s && w.parts[last].link == link {
		w.parts[last].to = len(w.text)
	} else {
		w.parts = append(w.parts, part{len(w.text), s, link})
	}
	w.split(false)
}

// split measures what has been added, and emits what a line may be broken behind. The
// last character waits for the next one, which may belong to it.
func (w *words) split(all bool) {
	for w.measured < len(w.text) {
		rest := w.text[w.measured:]
		n := ascii(rest)
		if n < len(rest) || !all {
			n--
		}
		if n > 0 {
			w.measured += n
			w.width += n
			w.overflow()
			continue
		}
		if len(rest) == 1 && !all {
			return
		}
		n = term.Cluster(rest[:min(len(rest), maxCluster)])
		if n == len(rest) && !all {
			return
		}
		cluster := string(rest[:n])
		w.measured += n
		width, apart := term.Widths(cluster)
		w.width += width
		w.apart += apart - width
		w.overflow()
		if n == len(rest) {
			return
		}
		if next, _ := utf8.DecodeRune(rest[n:]); term.MayBreak(cluster, next) {
			w.cut(w.measured, w.width)
		}
	}
}

// maxCluster is how many bytes of a character are looked at.
const maxCluster = 200

// ascii returns how many bytes at the start of text are ASCII.
func ascii(text []byte) int {
	for i, c := range text {
		if c >= utf8.RuneSelf {
			return i
		}
	}
	return len(text)
}

// end emits the last segment.
func (w *words) end() {
	w.split(true)
	if len(w.text) > 0 {
		w.cut(len(w.text), w.width)
	}
}

// overflow emits the beginning of a segment that is too wide for any line.
func (w *words) overflow() {
	for w.widest > 0 && w.width > w.widest {
		n, width := fit(w.text[:w.measured], w.widest)
		w.cut(n, width)
	}
}

// fit returns the bytes and the width of the beginning of text that fits into a number of
// columns. It is at least one character. In
// addresses and paths it ends behind punctuation if there is any in the second half.
func fit(text []byte, columns int) (n, width int) {
	better, betterWidth := 0, 0
	for n < len(text) {
		size, w := 1, 1
		if ascii(text[n:min(len(text), n+2)]) < min(len(text)-n, 2) {
			size = term.Cluster(text[n:min(len(text), n+maxCluster)])
			w = term.Width(string(text[n : n+size]))
		}
		if width+w > columns && n > 0 {
			break
		}
		n += size
		width += w
		if size == 1 && indexByte("/?&=-_.,:;", text[n-1]) >= 0 && width > columns/2 {
			better, betterWidth = n, width
		}
	}
	if better > 0 && n < len(text) {
		return better, betterWidth
	}
	return n, width
}

// cut emits the first n bytes. Width is how many columns they take.
func (w *words) cut(n, width int) {
	if n == len(w.text) { // as nearly always
		w.emit(&w.segment)
		w.segment = segment{text: w.text[:0], parts: w.parts[:0]}
		w.measured = 0
		return
	}
	w.first = segment{spaces: w.spaces, text: w.text[:n], width: width, apart: w.apart}
	at := 0
	for at < len(w.parts) && w.parts[at].to < n {
		at++
	}
	whole := w.parts[at]
	w.parts[at].to = n
	w.first.parts = w.parts[:at+1]
	w.emit(&w.first)
	w.text = w.text[n:]
	w.measured -= n
	w.width -= width
	w.spaces, w.apart = 0, 0
	w.parts[at] = whole
	if whole.to == n {
		at++
	}
	w.parts = w.parts[:copy(w.parts, w.parts[at:])]
	for i := range w.parts {
		w.parts[i].to -= n
	}
}
