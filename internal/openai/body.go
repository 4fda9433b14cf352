package openai

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// sniffer decides by its first bytes whether a body is a stream, since Content-Type is
// often not true. A body of another kind is read whole and returned as an *otherBody
// error.
type sniffer struct {
	body    *bufio.Reader
	decided bool
}

// otherBody is a body that is not a stream of events.
type otherBody struct {
	data []byte
	err  error // that ended it, or nil
}

func (b *otherBody) Error() string { return fmt.Sprintf("a body of %d bytes", len(b.data)) }

func (s *sniffer) Read(p []byte) (int, error) {
	if !s.decided {
		s.decided = true
		if c, err := s.firstByte(); err == nil && (c == '{' || c == '[' || c == '<') {
			return 0, s.readWhole()
		}
	}
	return s.body.Read(p)
}

// firstByte returns the first byte that is not white space or a byte order mark,
// and leaves it unread.
func (s *sniffer) firstByte() (byte, error) {
	for n := 1; n <= s.body.Size(); n++ {
		start, err := s.body.Peek(n)
		if err != nil {
			return 0, err
		}
		if c := start[n-1]; bytes.IndexByte([]byte(" \t\r\n\xef\xbb\xbf"), c) < 0 {
			return c, nil
		}
	}
	return 0, bufio.ErrBufferFull
}

func (s *sniffer) readWhole() error {
	const max = MaxAnswer + 1<<20 // room for the JSON around the text
	data, err := readAll(io.LimitReader(s.body, max), max)
	return &otherBody{data, err}
}

// readAll is io.ReadAll for at most max bytes. It grows its buffer once: memory that is
// not written to costs nothing, and the copies that small steps leave behind would.
func readAll(r io.Reader, max int) ([]byte, error) {
	data := make([]byte, 0, 64<<10)
	for {
		if len(data) == cap(data) {
			data = append(make([]byte, 0, max+1), data...)
		}
		n, err := r.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if err == io.EOF {
			return data, nil
		}
		if err != nil {
			return data, err
		}
	}
}

// notAStream reads a body that is one JSON value, or finds out what else it is.
func (s *Stream) notAStream(body *otherBody) error {
	data := bytes.TrimSpace(bytes.TrimPrefix(body.data, []byte("\xef\xbb\xbf")))
	body.data = nil // what is taken from it may be as long again
	if data[0] == '<' {
		return s.fail(WebPage, 0, nil)
	}
	err := s.jsonBody(data)
	if broken, ok := errors.AsType[*Error](err); ok && broken.Kind == BrokenEvent && body.err != nil {
		return s.fail(ResetLate, 0, body.err)
	}
	return err
}

// jsonBody takes a whole chat completion: an endpoint that does not stream.
func (s *Stream) jsonBody(data []byte) error {
	switch err := decodeChunk(&s.delta, data, &s.shape).(type) {
	case errService:
		return s.serviceError(err.reported)
	case errBroken:
		if reported, isJSON := parseError(data); isJSON && reported.message != "" {
			return s.serviceError(reported)
		}
		return s.fail(BrokenEvent, 0, err)
	}
	if reported, _ := parseError(data); reported.message != "" {
		return s.serviceError(reported)
	}
	if s.delta.FinishReason == "" && len(s.delta.Text)+len(s.delta.Reasoning)+len(s.delta.Refusal) == 0 {
		return s.fail(BrokenEvent, 0, errBroken{})
	}
	return io.EOF
}
