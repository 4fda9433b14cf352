package tools

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"oax/internal/chat"
)

// Output is what came of a call.
type Output struct {
	Text      string // what the model gets: valid UTF-8, at most 64 KiB; what is longer lacks its middle
	Failed    bool   // the call did not run, or was stopped, or the tool says that it failed
	Exit      int    // the exit status of a program; -1 if there is none; 0 for what a server answered
	Bytes     int64  // the size of the whole output
	Truncated bool   // Text lacks a part of the output
	File      string // has the whole output if Truncated; empty if it could not be written
	Took      time.Duration
}

// failure returns the output of a call that failed before it had any.
func failure(text string) Output {
	return Output{Text: valid(text, maxText), Failed: true, Exit: -1}
}

const (
	// maxText is the most text that a model gets of a call, in bytes.
	maxText = 64 << 10
	// maxStderr is how much of it can be what a program wrote to standard error.
	maxStderr = 16 << 10
	// maxFile is how much of an output is kept in a file, in bytes.
	maxFile = 4 << 30
)

// longOutput returns a writer for an output. If the output is longer than maxText, all of it
// is kept in a file too.
func (s *Set) longOutput() *collected { return &collected{limit: maxText, dir: s.options.Dir} }

// collected is a writer that holds the head and the tail of what is written to it, in bounded
// memory, and can keep all of it in a file. Write never fails. One goroutine at a time may use
// it.
type collected struct {
	limit int    // bytes: half for the head, half for the tail
	dir   string // where a file is made if more than limit is written; empty: nowhere

	head  []byte
	tail  []byte // the end of what follows the head; at most limit bytes, of which the last half count
	total int64  // bytes that were written
	file  *os.File
	kept  int64 // bytes in the file
	lost  bool  // the file lacks something, or could not be made
}

func (c *collected) Write(b []byte) (int, error) {
	if c.dir != "" && c.file == nil && !c.lost && c.total+int64(len(b)) > int64(c.limit) {
		c.create()
	}
	c.keep(b)
	c.total += int64(len(b))
	n := min(c.limit/2-len(c.head), len(b))
	c.head = append(c.head, b[:n]...)
	if rest := b[n:]; len(rest) > 0 {
		half := c.limit / 2
		switch {
		case len(rest) >= half:
			c.tail, rest = c.tail[:0], rest[len(rest)-half:]
		case len(c.tail)+len(rest) > 2*half:
			c.tail = append(c.tail[:0], c.tail[max(0, len(c.tail)-half):]...)
		}
		c.tail = append(c.tail, rest...)
	}
	return len(b), nil
}

// create begins the file with what came so far, all of which is still held.
func (c *collected) create() {
	err := os.MkdirAll(c.dir, 0o700)
	if err == nil {
		c.file, err = os.CreateTemp(c.dir, "output-*.txt") // mode 0600
	}
	c.lost = err != nil
	c.keep(c.head)
	c.keep(c.tail)
}

// keep writes to the file, if there is one.
func (c *collected) keep(b []byte) {
	if c.file == nil || c.lost {
		return
	}
	n, err := c.file.Write(b[:min(int64(len(b)), maxFile-c.kept)])
	c.kept += int64(n)
	c.lost = err != nil || n < len(b)
}

// text returns the output as valid UTF-8 of at most limit bytes. all is false if its middle
// had to be left out.
func (c *collected) text(limit int) (text string, all bool) {
	held := len(c.head) + len(c.tail)
	if int64(held) == c.total {
		if whole := strings.ToValidUTF8(string(c.head)+string(c.tail), "\ufffd"); len(whole) <= limit {
			return whole, true
		}
	}
	const room = 100 // for the line between head and tail
	half := max(0, limit-room) / 2
	head, tail := c.head, c.tail
	if int64(held) == c.total { // head and tail are next to each other
		whole := append(bytes.Clone(head), tail...)
		head, tail = whole, whole
	}
	first := valid(string(head), half)
	last := validEnd(string(tail), half)
	return fmt.Sprintf("%s\n[... %d bytes in all: the middle is left out ...]\n%s", first, c.total, last), false
}

// end closes the file and returns its path. If the model gets all of the output, or if the
// file lacks some of it, the file is removed and the path empty.
func (c *collected) end(all bool) (path string) {
	if c.file == nil && !all && c.dir != "" && !c.lost { // short enough for Write, but not beside an error message
		c.create()
	}
	if c.file == nil {
		return ""
	}
	if c.file.Close() != nil || c.lost || all {
		_ = os.Remove(c.file.Name())
		return ""
	}
	return filepath.Clean(c.file.Name())
}

// valid returns the beginning of a text, at most limit bytes, as valid UTF-8.
func valid(text string, limit int) string {
	text = strings.ToValidUTF8(text[:min(len(text), limit+utf8.UTFMax)], "\ufffd")
	return text[:chat.Fitting(text, limit)]
}

// validEnd returns the end of a text in the same way.
func validEnd(text string, limit int) string {
	text = strings.ToValidUTF8(text[max(0, len(text)-limit-utf8.UTFMax):], "\ufffd")
	if len(text) > limit {
		for text = text[len(text)-limit:]; len(text) > 0 && !utf8.RuneStart(text[0]); {
			text = text[1:]
		}
	}
	return text
}
