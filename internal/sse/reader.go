package sse

import (
	"bytes"
	"errors"
	"io"
)

// MaxEvent is the largest event in bytes, counted over all its data lines and
// the line that is being read. It is the only limit.
const MaxEvent = 8 << 20

// ErrTooLong is returned for an event over MaxEvent.
var ErrTooLong = errors.New("event over 8 MiB")

// Reader splits a stream into events. An event comes out as soon as the end of
// its blank line has been read, be it LF, CRLF or a bare CR. The work is linear
// in the length of the stream however it is cut into reads.
//
// A Reader is used by one goroutine: Fill, then Next until it says no, again.
type Reader struct {
	// Raw hands out Data as it came, for a payload format that has its own rule
	// for bytes that are not UTF-8. Otherwise each maximal subpart of an ill-formed
	// sequence becomes U+FFFD, as the Encoding Standard says.
	Raw bool
	// ErrorField takes a line "error: value" (llama.cpp before 2025 sends its
	// errors so) as the data of an event of type "error". The standard ignores it.
	ErrorField bool

	src io.Reader
	err error // met by the last read, held back until what came with it is used

	// buf[p:w] is unread. lf and cr are where the next LF and CR at or after p
	// lie, or w: each byte is looked at once for either.
	buf       []byte
	p, w      int
	lf, cr    int
	skipLF    bool   // the last line ended in CR at the end of the buffer
	beginning bool   // a byte order mark may still come
	spare     []byte // a buffer to grow into, or nil

	hasData            bool
	dataStart, dataEnd int // the event's data so far, in buf before p
	typ, id, lastID    string
	name               string // the last event name, whichever event had it
	newID              bool   // id is not yet the last
	failure            bool
	retry              int64
}

// startSize is what the buffer holds before it has to grow.
const startSize = 64 << 10

// NewReader returns a Reader of src.
func NewReader(src io.Reader) *Reader { return NewReaderSize(src, startSize) }

// NewReaderSize returns a Reader of src whose buffer has size bytes before it has to grow:
// few, for one of many readers of slow streams.
func NewReaderSize(src io.Reader, size int) *Reader {
	return &Reader{src: src, buf: make([]byte, size), beginning: true, retry: -1}
}

// Fill reads once from the source and returns the bytes read. After it, events
// that Next gave before are no longer valid. The error is that of the source,
// io.EOF at its end, or ErrTooLong.
func (r *Reader) Fill() (int, error) {
	if r.pendingSize() > MaxEvent {
		r.err = ErrTooLong
	}
	if r.err != nil {
		return 0, r.err
	}
	r.makeRoom()
	before := r.w
	n, err := r.read()
	r.w += n
	if r.lf == before {
		r.lf = r.index(before, '\n')
	}
	if r.cr == before {
		r.cr = r.index(before, '\r')
	}
	r.err = err
	if n > 0 {
		return n, nil
	}
	return 0, err
}

// read gives up on a source that returns nothing and no error again and again.
func (r *Reader) read() (n int, err error) {
	for range 100 {
		if n, err = r.src.Read(r.buf[r.w:]); n > 0 || err != nil {
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}

// Next puts the next event that is complete in what has been read into event, or
// returns false if more is needed.
func (r *Reader) Next(event *Event) bool {
	if r.beginning && !r.skipMark() {
		return false
	}
	for {
		r.skipLineFeed()
		if r.atPlainEvent() {
			r.plainEvent(event)
			return true
		}
		end := min(r.lf, r.cr)
		if end >= r.w || r.dataSize() > MaxEvent {
			return false
		}
		from := r.p
		r.endLine(end)
		switch {
		case from == end:
			if r.dispatch(event) {
				return true
			}
		case r.buf[from] != ':':
			r.field(from, end)
		}
	}
}

// atPlainEvent reports whether what comes next is the event that streams are
// made of: one data line and its blank line, both ended by LF, all of it here.
func (r *Reader) atPlainEvent() bool {
	return r.lf+1 < r.w && r.buf[r.lf+1] == '\n' && r.lf < r.cr &&
		!r.hasData && r.typ == "" && !r.failure &&
		r.lf-r.p >= len("data:") && string(r.buf[r.p:r.p+len("data:")]) == "data:"
}

// plainEvent does for a plain event what field and dispatch do for any.
func (r *Reader) plainEvent(event *Event) {
	start, end := r.p+len("data:"), r.lf
	if r.buf[start] == ' ' {
		start++
	}
	event.Type, event.Data, event.ID, event.Retry = "message", r.clean(start, end), r.id, r.retry
	r.retry = -1
	if r.newID {
		r.newID, r.lastID = false, r.id
	}
	r.p = end + 2
	r.lf = r.index(r.p, '\n')
}

// Pending returns the event that lacks its blank line, if it has data. The
// standard discards it at the end of a stream; some endpoints end so.
func (r *Reader) Pending() (event Event, ok bool) {
	if r.p < r.w && r.buf[r.p] != ':' {
		r.field(r.p, r.w)
		r.p = r.w
	}
	ok = r.dispatch(&event)
	return event, ok
}

// LastEventID returns the ID of the last event dispatched, with data or without.
func (r *Reader) LastEventID() string { return r.lastID }

func (r *Reader) index(from int, c byte) int {
	if i := bytes.IndexByte(r.buf[from:r.w], c); i >= 0 {
		return from + i
	}
	return r.w
}

// endLine moves p behind the line end at end. The LF of a CRLF may be still to
// come: the line counts at its CR all the same.
func (r *Reader) endLine(end int) {
	r.p = end + 1
	r.skipLF = end == r.cr
	if r.lf < r.p {
		r.lf = r.index(r.p, '\n')
	}
	if r.cr < r.p {
		r.cr = r.index(r.p, '\r')
	}
}

func (r *Reader) skipLineFeed() {
	if !r.skipLF || r.p == r.w {
		return
	}
	r.skipLF = false
	if r.lf == r.p {
		r.p++
		r.lf = r.index(r.p, '\n')
	}
}

// skipMark passes over a byte order mark at the start of the stream. It says
// false while too little has come to tell.
func (r *Reader) skipMark() bool {
	const mark = "\xef\xbb\xbf"
	start := r.buf[r.p:r.w]
	if len(start) < len(mark) && string(start) == mark[:len(start)] {
		return false
	}
	if bytes.HasPrefix(start, []byte(mark)) {
		r.p += len(mark)
	}
	r.beginning = false
	return true
}

func (r *Reader) dataSize() int {
	if !r.hasData {
		return 0
	}
	return r.dataEnd - r.dataStart
}

func (r *Reader) pendingSize() int { return r.dataSize() + r.w - r.p }

// makeRoom moves what is pending to the front of the buffer. It grows the buffer
// when less than half would become free, so that moving stays linear.
func (r *Reader) makeRoom() {
	pending := r.pendingSize()
	if pending == 0 {
		r.move(r.buf)
		return
	}
	if len(r.buf)-r.w >= min(len(r.buf), startSize)/4 {
		return
	}
	if pending > len(r.buf)/2 {
		r.move(r.larger())
		return
	}
	r.move(r.buf)
}

// larger returns the next buffer: the spare one, or twice as large, or behind 2 MiB as large
// as an event can need. Memory that is not written to costs nothing, what is left behind does.
func (r *Reader) larger() []byte {
	if spare := r.spare; len(spare) > len(r.buf) {
		r.spare = nil
		return spare
	}
	if twice := 2 * len(r.buf); twice <= 2*keepSize {
		return make([]byte, twice)
	}
	return make([]byte, MaxEvent+2*startSize)
}

// move lays the pending data and the unread bytes at the front of to, which may
// be the buffer itself.
func (r *Reader) move(to []byte) {
	n := 0
	if r.hasData {
		n = copy(to, r.buf[r.dataStart:r.dataEnd])
		r.dataStart, r.dataEnd = 0, n
	}
	copy(to[n:], r.buf[r.p:r.w])
	shift := r.p - n
	r.buf = to
	r.p, r.w, r.lf, r.cr = n, r.w-shift, r.lf-shift, r.cr-shift
}

// detach gives away the buffer, in which the events handed out lie, and goes on
// in next, or in a new one if next is too small for what is pending.
func (r *Reader) detach(next []byte) []byte {
	old := r.buf
	if need := 2 * r.pendingSize(); len(next) < max(need, startSize) {
		next = make([]byte, max(need, startSize))
	}
	r.move(next)
	return old
}
