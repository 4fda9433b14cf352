package session

import (
	"bytes"
	"os"
	"strings"
)

// excerptLen is how much of a long session an Excerpt is made of.
const excerptLen = 512 << 10

// Excerpt reads the messages of a session; of a very long one only some: the first,
// or those around the place where the first of some words is, large letters or small.
// Of a single very long message it returns how it begins. The error is that of Load.
func (st *Store) Excerpt(e Entry, words ...string) ([]Message, error) {
	info, err := os.Lstat(e.Path)
	if err != nil || info.Size() <= excerptLen {
		s, err := st.Load(e)
		if err != nil {
			return nil, err
		}
		return s.Messages, nil
	}
	data, err := readFile(e.Path)
	if err != nil {
		return nil, err
	}
	data = excerpt(data, words)
	p := parse(data)
	s := p.session(e)
	if line, _, _ := bytes.Cut(data, []byte("\n")); len(s.Messages) == 0 {
		m := Message{}
		m.Role, m.Text = roleOf(line), textStart(line)
		s.Messages = []Message{m}
	}
	return s.Messages, nil
}

// excerpt returns lines from shortly before the one in which a word is.
func excerpt(data []byte, words []string) []byte {
	at, small := 0, data
	if len(words) > 0 {
		small = bytes.ToLower(data)
	}
	for i := 0; i < len(words) && at <= 0; i++ {
		at = bytes.Index(small, []byte(strings.ToLower(words[i])))
	}
	at = min(max(at, 0), len(data)) // small letters can be longer than large ones
	line := bytes.LastIndexByte(data[:at], '\n') + 1
	start := max(line-excerptLen/4, 0)
	if next := bytes.IndexByte(data[start:line], '\n'); start > 0 {
		start += next + 1
	}
	return data[start:min(start+excerptLen, len(data))]
}
