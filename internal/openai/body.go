package openai

import (
	"bufio"
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
	body    *bufio.Reader
	decided bool
	other   *otherBody
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

func (s *sniffer) Read(p []byte) (int, error) {
	if s.other != nil {
		return s.readOther(p)
	}
	if s.decided {
		return s.body.Read(p)
	}
	start, err := s.body.Peek(max(1, s.body.Buffered()))
	n := leading(start)
	switch {
	case n > 0: // they are for the stream, too, if it is one
		return s.body.Read(p[:min(n, len(p))])
	case err != nil:
		return 0, err
	case isOther(start[0]):
		s.other = new(otherBody)
	}
	s.decided = true
	return s.Read(p)
}

// maxOther is the largest body of another kind, in bytes: an answer with room for the JSON
// around it.
const maxOther = MaxAnswer + 1<<20

// readOther reads a piece of the body.
func (s *sniffer) readOther(p []byte) (int, error) {
	b := s.other
	if b.data, b.err = readMore(b.data, s.body, maxOther); b.err == nil && len(b.data) < maxOther {
		return copy(p, "\n"), nil
	}
	if b.err == io.EOF {
		b.err = nil
	}
	return 0, b
}

// readMore reads once and appends to data, up to max bytes of it. It grows the buffer once:
// memory that is not written to costs nothing, and the copies that small steps leave
// behind would.
func readMore(data []byte, r io.Reader, max int) ([]byte, error) {
	switch {
	case data == nil:
		data = make([]byte, 0, min(64<<10, max))
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
	nothing := d.FinishReason == "" && len(d.Text)+len(d.Reasoning)+len(d.Refusal)+len(d.ToolCalls)+len(d.Parts) == 0
	if failed && failure.Kind != BrokenEvent || !failed && !nothing {
		return cmp.Or(err, io.EOF)
	}
	if reported := ParseError(data); reported != nil && reported.Message != "" {
		return a.client.reported(a.about, reported)
	}
	return a.about.as(BrokenEvent, 0, ErrBroken)
}
