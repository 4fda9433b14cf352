package record

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"time"

	"oax/internal/chat"
	"oax/internal/session/disk"
)

// How a session file is read line by line, in little memory and without decoding most of
// it. A line that this program wrote shows at its start what it is, because AppendTo
// writes the fields in one order.

const (
	// minStart is how much of a long line is read at least, in bytes.
	minStart = 4 << 10
	// maxLine is the longest line that is read whole, in bytes: an answer of 16 MiB of which
	// each character is escaped is shorter, and so is any prompt but one of more than 100 MB.
	maxLine = 128 << 20
)

// Line is a line of a file. start is as much of it as was read at once, at least minStart
// of a longer line, and is valid until the next line.
type Line struct {
	Start    []byte
	At, Size int64
	Complete bool // it ends in "}\n"
}

// Whole returns all of a line, which may be in start. It is nil if it is longer than
// maxLine.
func (l Line) Whole(file io.ReaderAt) ([]byte, error) {
	if l.Size == int64(len(l.Start)) {
		return l.Start, nil
	}
	if l.Size > maxLine {
		return nil, nil
	}
	b := make([]byte, l.Size)
	_, err := file.ReadAt(b, l.At)
	if err == io.EOF {
		err = nil
	}
	return b, err
}

// eachLine visits every line that in reads, with its line end. The error is that of visit
// or that of the system.
func eachLine(in *bufio.Reader, visit func(Line) error) error {
	for at := int64(0); ; {
		piece, err := in.ReadSlice('\n')
		l := Line{Start: piece, At: at, Size: int64(len(piece))}
		if errors.Is(err, bufio.ErrBufferFull) {
			l.Start = bytes.Clone(piece[:min(len(piece), minStart)])
		}
		for errors.Is(err, bufio.ErrBufferFull) {
			piece, err = in.ReadSlice('\n')
			l.Size += int64(len(piece))
		}
		l.Complete = bytes.HasSuffix(piece, []byte("}\n"))
		if err != nil && err != io.EOF {
			return err
		}
		if l.Size > 0 {
			if err := visit(l); err != nil {
				return err
			}
		}
		at += l.Size
		if err == io.EOF {
			return nil
		}
	}
}

// EachWhole visits every line of a session with its line end and its size in bytes. A line
// of more than 128 MiB is nil, and not held in memory. The error is that of visit or that
// of the system.
func EachWhole(f *io.SectionReader, visit func(line []byte, size int64) error) error {
	in := bufio.NewReaderSize(f, int(min(f.Size()+1, 64<<10)))
	return eachLine(in, func(l Line) error {
		whole, err := l.Whole(f)
		if err != nil {
			return err
		}
		return visit(whole, l.Size)
	})
}

// Section returns a reader of data, for EachWhole.
func Section(data []byte) *io.SectionReader {
	return io.NewSectionReader(bytes.NewReader(data), 0, int64(len(data)))
}

// Backward reads the lines of a file from the last one on, in little memory: of a long line
// it returns only the start, as eachLine does. A line longer than maxLine ends it.
type Backward struct {
	File *os.File
	At   int64  // where buf begins
	buf  []byte // read and not returned
}

// Next returns the line before the one that it returned last.
func (b *Backward) Next() (l Line, ok bool) {
	const chunk, maxHeld = 16 << 10, 256 << 10
	end := b.At + int64(len(b.buf))
	for {
		searched := min(int64(len(b.buf)), end-1-b.At) // the line has its own newline at its end
		i := bytes.LastIndexByte(b.buf[:max(searched, 0)], '\n')
		if i >= 0 || b.At == 0 {
			l.At, l.Start, b.buf = b.At+int64(i)+1, b.buf[i+1:], b.buf[:i+1]
			break
		}
		if len(b.buf) > maxHeld {
			b.buf = nil
		}
		if end-b.At > maxLine {
			b.At, b.buf = 0, nil
			return Line{}, false
		}
		b.extend(max(chunk, int64(len(b.buf))))
	}
	if l.Size = end - l.At; l.Size > int64(len(l.Start)) {
		l.Start = b.read(l.At, minStart)
		l.Complete = string(b.read(end-2, 2)) == "}\n"
	} else {
		l.Complete = bytes.HasSuffix(l.Start, []byte("}\n"))
	}
	return l, l.Size > 0
}

// extend reads some more, before what is in buf.
func (b *Backward) extend(n int64) {
	n = min(n, b.At)
	b.At -= n
	b.buf = append(b.read(b.At, n), b.buf...)
}

// read reads n bytes of the file. What cannot be read is zero, which is in no record.
func (b *Backward) read(at, n int64) []byte {
	data := make([]byte, n)
	_, _ = b.File.ReadAt(data, at)
	return data
}

// ReadHeader returns the first record of a session, or the zero record if the first line
// is not one.
func ReadHeader(f *os.File) (Record, error) {
	const maxHeader = 1 << 20
	first, err := bufio.NewReader(io.NewSectionReader(f, 0, maxHeader)).ReadBytes('\n')
	if err != nil && err != io.EOF {
		return Record{}, err
	}
	header, _ := Decode(first)
	return header, nil
}

// HeaderOf is ReadHeader for a session that may not be readable.
func HeaderOf(path string) Record {
	f, err := disk.Open(path)
	if err != nil {
		return Record{}
	}
	defer f.Close()
	header, _ := ReadHeader(f)
	return header
}

// How the lines of two kinds begin that this program writes.
const (
	messageStart = `{"kind":"message","time":"`
	ErrorStart   = `{"kind":"error","time":"`
)

// LineRole returns whose message a line is by its first bytes, which are always the
// same in a line of this program's making, or "".
func LineRole(line []byte) chat.Role {
	rest, ok := bytes.CutPrefix(line, []byte(messageStart))
	if !ok {
		return ""
	}
	_, rest, _ = bytes.Cut(rest[:min(len(rest), 80)], []byte(`"`))
	switch {
	case bytes.HasPrefix(rest, []byte(`,"role":"assistant",`)):
		return chat.Assistant
	case bytes.HasPrefix(rest, []byte(`,"role":"user",`)):
		return chat.User
	}
	return ""
}

// UsedAt returns the time of a record that uses a session, or with which it began. It is
// zero for any other line, and for a very long one that another program wrote.
func UsedAt(l Line) time.Time {
	for _, start := range []string{messageStart, ErrorStart} {
		if rest, ok := bytes.CutPrefix(l.Start, []byte(start)); ok && l.Complete {
			value, _, _ := bytes.Cut(rest[:min(len(rest), 64)], []byte(`"`))
			at, _ := time.Parse(time.RFC3339Nano, string(value))
			return at
		}
	}
	if int64(len(l.Start)) < l.Size || len(l.Start) == 0 || l.Start[0] != '{' {
		return time.Time{}
	}
	if r, _ := Decode(bytes.TrimRight(l.Start, "\x00")); r.Kind == KindSession || r.IsMessage() {
		return r.Time
	}
	return time.Time{}
}

// Latest returns the later of two times.
func Latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// RawMessage is a message in a line of this program's making, its texts as they are
// in the JSON.
type RawMessage struct {
	Role                     chat.Role
	Text, Reasoning, Refusal []byte

	rest []byte // what follows the texts
}

// CutMessage finds the texts in a line without decoding it: it knows the order in which
// this program writes the fields. It does not check what follows them, except that the
// line ends as an object does.
func CutMessage(line []byte) (m RawMessage, ok bool) {
	rest, begins := bytes.CutPrefix(line, []byte(messageStart))
	if !begins || !bytes.HasSuffix(line, []byte("}\n")) {
		return m, false
	}
	_, rest, _ = bytes.Cut(rest[:len(rest):len(rest)], []byte(`"`))
	role, rest, ok := cutField(rest, `,"role":"`)
	if !ok || bytes.IndexByte(role, '\\') >= 0 {
		return m, false
	}
	m.Role = chat.Role(role)
	if m.Text, rest, ok = cutField(rest, `,"text":"`); !ok {
		return m, false
	}
	m.Reasoning, rest, _ = cutField(rest, `,"reasoning":"`)
	m.Refusal, m.rest, _ = cutField(rest, `,"refusal":"`)
	return m, true
}

// decodeRest reads what a line says of a message beside its texts, which can be many
// megabytes. Of a line that another program wrote it reads all.
func decodeRest(line []byte) Record {
	m, ok := CutMessage(line)
	if rest, more := bytes.CutPrefix(m.rest, []byte(",")); ok && more {
		line = append([]byte("{"), rest...)
	} else if ok {
		line = []byte("{}")
	}
	var r Record
	r.decode(bytes.TrimRight(line, "\x00"))
	return r
}

// cutField cuts a string, as it is between its quotes, off the front of an object's
// fields.
func cutField(fields []byte, key string) (value, rest []byte, ok bool) {
	if !bytes.HasPrefix(fields, []byte(key)) {
		return nil, fields, false
	}
	start := len(key) - 1
	end := stringEnd(fields, start)
	if end > len(fields)-1 {
		return nil, fields, false
	}
	return fields[start+1 : end-1], fields[end:], true
}

// TextStart returns how the text of a message begins, at most maxBytes of its JSON. The
// line may be cut.
func TextStart(line []byte, maxBytes int) string {
	_, text, _ := bytes.Cut(line, []byte(`"text":`))
	if end := min(stringEnd(text, 0), len(text)); end <= maxBytes {
		text = text[:end]
	}
	text = text[:min(len(text), maxBytes)]
	var s string
	err := json.Unmarshal(text, &s)
	for end := len(text); err != nil && end > 0; end-- { // an escape may be cut
		err = json.Unmarshal(append(text[:end:end], '"'), &s)
	}
	return s
}

// stringEnd returns the index after the string that begins at start.
func stringEnd(b []byte, start int) int {
	for i := start + 1; i < len(b); i++ {
		quote := bytes.IndexByte(b[i:], '"')
		if quote < 0 {
			break
		}
		i += quote
		if slashes := i - len(bytes.TrimRight(b[:i], `\`)); slashes%2 == 0 { // they escape each other
			return i + 1
		}
	}
	return len(b)
}

// ParseLine reads any line, whoever wrote it. ok is whether it is a record. m has what can
// be searched in it: a message, or what an error record (role Error), a call (Called) or a
// title record (Title) says. A record of another kind has no role.
func ParseLine(line []byte) (m Message, ok bool) {
	r, ok := Decode(bytes.TrimRight(line, "\x00"))
	if r.IsMessage() || r.Kind == KindTitle {
		m = r.Message
	}
	return m, ok
}
