package importer

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

const (
	maxValue = 32 << 20 // bytes of one JSON value
	retries  = 20       // places in a file to begin anew at
)

var (
	errTooLarge = errors.New("is over 32 MiB (limit)")
	errCut      = errors.New("is cut off")
	errDamaged  = errors.New("is damaged")
	errStray    = errors.New("is no JSON object or array")
)

// splitter takes a stream of JSON apart without having more than one value in
// memory: the elements of arrays, and values that follow one another. It looks at
// quotes and brackets only. Damage to one value should not cost the next: where a
// value goes wrong, it begins anew at what looks like the beginning of another.
type splitter struct {
	in     *bufio.Reader
	from   *witness
	at     int64 // bytes taken
	array  int   // which array on the top level it is in or was in last
	inside bool
	prefix []byte // how the first object began, up to its first colon
	left   int    // retries
	room   []byte // for a value
}

func newSplitter(r io.Reader) *splitter {
	from := &witness{Reader: r}
	return &splitter{in: bufio.NewReaderSize(from, 64<<10), from: from, left: retries}
}

// witness remembers the error that a reader ended with.
type witness struct {
	io.Reader
	err error
}

func (w *witness) Read(b []byte) (int, error) {
	n, err := w.Reader.Read(b)
	w.err = err
	return n, err
}

// failed returns the error that keeps the rest from being read, if there is one.
func (v *splitter) failed() error {
	if v.from.err == io.EOF {
		return nil
	}
	return v.from.err
}

// next returns a value, an object, an array or a text, and where it begins; it is
// valid until the next call. The error is io.EOF at the end, or about this value, and
// more may follow, unless failed.
func (v *splitter) next() (raw []byte, at int64, err error) {
	err = v.skip()
	if err == io.EOF && v.inside { // the array has no end
		v.inside, err = false, errCut
	}
	if err != nil {
		return nil, v.at, err
	}
	at = v.at
	raw, err = v.value()
	if v.prefix == nil && len(raw) > 0 {
		v.prefix = beginning(raw)
	}
	if err == errDamaged {
		v.again(raw, at)
	}
	if err == errCut && !v.again(raw, at) {
		v.inside = false // that is all to be said of the end
	}
	return raw, at, err
}

// again takes back a value that turned out to be none, from where in it another
// seems to begin, if there is such a place.
func (v *splitter) again(raw []byte, at int64) bool {
	if len(v.prefix) == 0 || len(raw) == 0 || v.left == 0 {
		return false
	}
	i := bytes.Index(raw[1:], v.prefix)
	if i < 0 {
		return false
	}
	v.left--
	v.in = bufio.NewReaderSize(io.MultiReader(bytes.NewReader(bytes.Clone(raw[i+1:])), v.in), 64<<10)
	v.at = at + int64(i) + 1
	return true
}

func beginning(raw []byte) []byte {
	colon := bytes.IndexByte(raw[:min(len(raw), 100)], ':')
	if raw[0] != '{' || colon < 0 {
		return []byte{}
	}
	return bytes.Clone(raw[:colon+1])
}

// skip goes to the beginning of a value. The error is errStray if there was
// anything in between that is no JSON.
func (v *splitter) skip() error {
	stray := false
	for {
		b, err := v.in.ReadByte()
		if err != nil {
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

// value takes one value, whose first byte is the next. A large one is taken and
// dropped.
func (v *splitter) value() (raw []byte, err error) {
	var s state
	dropped := false
	raw = v.room[:0]
	defer func() { v.room = raw[:0] }()
	for {
		if _, err := v.in.Peek(1); err != nil {
			return raw, errCut
		}
		chunk, _ := v.in.Peek(v.in.Buffered())
		n, ended, bad := s.scan(chunk)
		if dropped = dropped || len(raw)+n > maxValue; dropped {
			raw = raw[:0]
		} else {
			raw = append(withRoom(raw, n), chunk[:n]...)
		}
		v.at += int64(n)
		if _, err := v.in.Discard(n); err != nil {
			return raw, err
		}
		switch {
		case bad && !dropped:
			return raw, errDamaged
		case ended && dropped:
			return raw, errTooLarge
		case ended:
			return raw, nil
		}
	}
}
