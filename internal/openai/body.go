package openai

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
)

// sniffer decides by its first bytes whether a body is a stream, since Content-Type is
// often not true. A body of another kind is read whole and returned as an *otherBody
// error; while it is read, a line end stands for each read of it, which means nothing in a
// stream, so that whoever waits sees that something comes.
type sniffer struct {
	body     io.Reader
	isStream bool // false: it is not known
	other    *otherBody
}

// otherBody is a body that is not a stream of events.
type otherBody struct {
	data []byte
	err  error // that ended it, or nil
}

func (b *otherBody) Error() string { return fmt.Sprintf("a body of %d bytes", len(b.data)) }

// leading returns how many of the first bytes may come before any body: white space, and
// the bytes of a byte order mark.
func leading(b []byte) int {
	n := 0
	for n < len(b) && strings.IndexByte(blank+"\xef\xbb\xbf", b[n]) >= 0 {
		n++
	}
	return n
}

// isOther reports whether a body with this first byte is not a stream, but JSON or a web
// page.
func isOther(first byte) bool { return first == '{' || first == '[' || first == '<' }

func (s *sniffer) Read(p []byte) (n int, err error) {
	if s.other == nil {
		n, err = s.body.Read(p)
		first := leading(p[:n]) // that is for the stream, too, if it is one
		if s.isStream = s.isStream || first < n && !isOther(p[first]); s.isStream || first == n {
			return n, err
		}
		s.other = &otherBody{data: append(make([]byte, 0, otherSize), p[first:n]...)}
	} else {
		s.other.data, err = readMore(s.other.data, s.body, maxOther)
	}
	if err == nil && len(s.other.data) < maxOther {
		return copy(p, "\n"), nil
	}
	if err != io.EOF {
		s.other.err = err
	}
	return 0, s.other
}

const (
	// maxOther is the largest body of another kind, in bytes: an answer with room for the
	// JSON around it.
	maxOther = MaxAnswer + 1<<20
	// otherSize is the first size of its buffer.
	otherSize = 64 << 10
)

// readMore reads once and appends to data, up to max bytes of it. It grows the buffer once:
// memory that is not written to costs nothing, and the copies that small steps leave
// behind would.
func readMore(data []byte, r io.Reader, max int) ([]byte, error) {
	switch {
	case data == nil:
		data = make([]byte, 0, otherSize)
	case len(data) == cap(data):
		data = append(make([]byte, 0, max), data...)
	}
	n, err := r.Read(data[len(data):cap(data)])
	return data[:len(data)+n], err
}

// notAStream reads a body that is one JSON value, or finds out what else it is.
func (a *answer) notAStream(body *otherBody) error {
	data := bytes.TrimSpace(body.data)
	body.data = nil // what is taken from it may be as long again
	if data[0] == '<' {
		return a.about.as(WebPage, 0, nil)
	}
	err := a.jsonBody(data)
	if broken, ok := errors.AsType[*Error](err); ok && broken.Kind == BrokenEvent && body.err != nil {
		return a.about.as(ResetLate, 0, a.client.redactError(body.err))
	}
	return err
}

// jsonBody takes a whole answer, of an endpoint that does not stream, or an error.
func (a *answer) jsonBody(data []byte) error {
	err := a.event("", data)
	failure, failed := err.(*Error)
	d := &a.delta
	nothing := d.FinishReason == "" && d.Len()+len(d.ToolCalls)+len(d.Parts) == 0
	if failed && failure.Kind != BrokenEvent || !failed && !nothing {
		return cmp.Or(err, io.EOF)
	}
	if reported := ParseError(data); reported != nil && reported.Message != "" {
		return a.client.reported(a.about, reported)
	}
	return a.about.as(BrokenEvent, 0, ErrBroken)
}
