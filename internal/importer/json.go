package importer

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

const (
	maxValue   = 32 << 20 // bytes of one JSON value
	maxRetries = 20       // continuations after damage, and problems reported, in one file
	blockSize  = 64 << 10 // of reading
)

var (
	errTooLarge = errors.New("is over 32 MiB (limit)")
	errCut      = errors.New("is cut off")
	errDamaged  = errors.New("is damaged")
	errStray    = errors.New("is not a JSON object or array")
)

// splitter splits a stream of JSON into the elements of its arrays, and values that
// follow one another. It differs from json.Decoder in three ways: it never has more
// than one value in memory, it skips a value that is too large without storing it,
// and after damage it goes on at what looks like the beginning of another value. It
// only looks at quotes and brackets; the rest is left to decode.
type splitter struct {
	in      *bufio.Reader
	failed  error  // of the reader, other than io.EOF: nothing more can be read
	at      int64  // bytes taken
	array   int    // number of the top-level array that it is or was in last
	inside  bool   // such an array
	prefix  []byte // the first object up to its first colon: how others may begin
	retries int    // left
	value   bytes.Buffer
}

func newSplitter(r io.Reader) *splitter {
	return &splitter{in: bufio.NewReaderSize(r, blockSize), retries: maxRetries}
}

// next returns an object, an array or a string, valid until the next call, and the
// offset of its first byte. The error is io.EOF at the end. Any other is about this
// value, and more may follow.
func (v *splitter) next() (raw []byte, at int64, err error) {
	err = v.skipToValue()
	if err == io.EOF && v.inside { // the array has no end
		v.inside, err = false, errCut
	}
	if err != nil {
		return nil, v.at, err
	}
	at = v.at
	err = v.readValue()
	raw = v.value.Bytes()
	if v.prefix == nil && len(raw) > 0 {
		v.prefix = []byte{}
		if colon := bytes.IndexByte(raw[:min(len(raw), 100)], ':'); raw[0] == '{' && colon > 0 {
			v.prefix = bytes.Clone(raw[:colon+1])
		}
	}
	if (err == errDamaged || err == errCut) && !v.retry(raw, at) && err == errCut {
		v.inside = false // do not report the end of the array too
	}
	return raw, at, err
}

// retry goes back into a value that is damaged, to what looks like the beginning of
// another, and reports whether there is such a thing.
func (v *splitter) retry(raw []byte, at int64) bool {
	if len(v.prefix) == 0 || len(raw) == 0 || v.retries == 0 {
		return false
	}
	i := bytes.Index(raw[1:], v.prefix)
	if i < 0 {
		return false
	}
	v.retries--
	v.in = bufio.NewReaderSize(io.MultiReader(bytes.NewReader(bytes.Clone(raw[i+1:])), v.in), blockSize)
	v.at = at + int64(i) + 1
	return true
}

// skipToValue goes to the first byte of a value. It returns errStray if it skipped
// anything that is no JSON.
func (v *splitter) skipToValue() error {
	stray := false
	for {
		b, err := v.in.ReadByte()
		if err != nil {
			v.setFailed(err)
			if stray {
				return errStray
			}
			return io.EOF
		}
		v.at++
		switch {
		case b <= ' ' && b != 0, b == ',':
		case v.at <= 3 && (b == 0xef || b == 0xbb || b == 0xbf): // a byte order mark
		case b == '[' && !v.inside:
			v.inside = true
			v.array++
		case b == ']' && v.inside:
			v.inside = false
		case b == '{', b == '[', b == '"' && !stray:
			v.at--
			err := v.in.UnreadByte()
			if stray {
				err = errStray
			}
			return err
		default:
			stray = true
		}
	}
}

func (v *splitter) setFailed(err error) {
	if err != io.EOF {
		v.failed = err
	}
}

// readValue reads the value whose first byte is the next. It skips one that is too
// large.
func (v *splitter) readValue() error {
	var s scanState
	tooLarge := false
	for v.value.Reset(); ; {
		if _, err := v.in.Peek(1); err != nil {
			v.setFailed(err)
			return errCut
		}
		block, _ := v.in.Peek(v.in.Buffered())
		n, ended, damaged := s.scan(block)
		if tooLarge = tooLarge || v.value.Len()+n > maxValue; tooLarge {
			v.value.Reset()
		} else {
			v.value.Write(block[:n])
		}
		v.at += int64(n)
		if _, err := v.in.Discard(n); err != nil {
			return err
		}
		switch {
		case damaged && !tooLarge:
			return errDamaged
		case ended && tooLarge:
			return errTooLarge
		case ended:
			return nil
		}
	}
}

// scanState is the position in a value.
type scanState struct {
	inString, escaped bool
	depth             int
}

// scan scans to the end of the value or of the block. A control character in a
// string, which JSON does not allow, is a sign of damage.
func (s *scanState) scan(block []byte) (n int, ended, damaged bool) {
	for i, b := range block {
		switch {
		case s.inString && s.escaped:
			s.escaped = false
		case s.inString && b == '\\':
			s.escaped = true
		case s.inString && b < ' ':
			return i + 1, false, true
		case s.inString && b != '"':
		case b == '"':
			s.inString = !s.inString
			if !s.inString && s.depth == 0 {
				return i + 1, true, false
			}
		case b == '{', b == '[':
			s.depth++
		case b == '}', b == ']':
			if s.depth--; s.depth == 0 {
				return i + 1, true, false
			}
		}
	}
	return len(block), false, false
}

// values calls take for each value of a stream, with the number of the top-level
// array that it is in. It reports the values that cannot be read, or that take
// returns an error for.
func (s *scan) values(r io.Reader, path string, take func(raw []byte, array int) error) {
	v := newSplitter(r)
	for problems := 0; !s.done(); {
		raw, at, err := v.next()
		if err == nil {
			err = take(raw, v.array)
		}
		if _, ok := errors.AsType[*json.SyntaxError](err); ok {
			v.retry(raw, at)
		}
		position := fmt.Sprintf("byte %d", at)
		ended := err == io.EOF || errors.Is(err, errCut)
		switch {
		case ended && v.failed != nil:
			s.broken(path, position, "%s", reason(v.failed))
			return
		case err == io.EOF:
			return
		case err != nil && problems < maxRetries:
			problems++
			s.broken(path, position, "%s", err)
		}
	}
}

// decode is json.Unmarshal, but ignores a value that is of another type than expected.
func decode(raw []byte, to any) error {
	err := json.Unmarshal(raw, to)
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return nil
	}
	return err
}

// messages reads a file of messages: an array, or one after the other.
func (s *scan) messages(f *file) (c Chat) {
	s.values(f, f.path, func(raw []byte, _ int) error {
		var w wireMessage
		err := decode(raw, &w)
		if err == nil {
			c.add(s.message(&w))
		}
		return err
	})
	return c
}
