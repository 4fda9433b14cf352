package session

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"oax/internal/chat"
)

// Glance is what a person knows a session by: its title, how the first prompt
// begins (1 KiB at most), and when it began. The texts are as in the file.
type Glance struct {
	Entry
	Title, Opening string
	Time           time.Time
}

// Glances reads of each session no more than a Glance needs, which is a good deal
// less than a Summary, and returns them in the same order. A session that cannot be
// read is left out.
func (st *Store) Glances(entries []Entry) []Glance {
	const readers = 2
	all := make([]Glance, len(entries))
	var reading sync.WaitGroup
	for first := range readers {
		reading.Go(func() {
			in := bufio.NewReaderSize(nil, 64<<10)
			for i := first; i < len(entries); i += readers {
				all[i], _ = glance(entries[i], in)
			}
		})
	}
	reading.Wait()
	readable := all[:0]
	for _, g := range all {
		if g.ID != "" {
			readable = append(readable, g)
		}
	}
	return readable
}

// glance reads a session by means of in.
func glance(e Entry, in *bufio.Reader) (Glance, error) {
	f, err := openFile(e.Path, os.O_RDONLY)
	if err != nil {
		return Glance{}, err
	}
	defer f.Close()
	in.Reset(f)
	g := glancer{glance: Glance{Entry: e}}
	for err == nil {
		var line []byte
		line, err = in.ReadSlice('\n')
		g.take(line)
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = in.ReadSlice('\n')
		}
	}
	if err != io.EOF {
		return Glance{}, err
	}
	g.glance.Title = titleOf(g.titles)
	return g.glance, nil
}

type glancer struct {
	glance Glance
	titles []record // what a title can be made of
}

// take takes a line, or as much of it as was read at once. Of one of this program's
// making that is long, no more is looked at than its start.
func (g *glancer) take(line []byte) {
	switch role := roleOf(line); {
	case role == chat.User && g.glance.Opening == "":
		g.prompt(textStart(line))
		return
	case role != "":
		return
	}
	r, _ := decode(line)
	switch {
	case r.Kind == kindSession && g.glance.Time.IsZero():
		g.glance.Time = r.Time
	case r.Kind == kindTitle:
		g.titles = append(g.titles, r)
	case r.Kind == kindMessage && r.Role == chat.User && g.glance.Opening == "":
		g.prompt(r.Text[:min(len(r.Text), openingLen)])
	}
}

func (g *glancer) prompt(text string) {
	g.titles = append(g.titles, record{Kind: kindMessage, Message: chat.Message{Role: chat.User, Text: text}})
	g.glance.Opening = text
}

const openingLen = 1 << 10

// textStart returns how the text of a message begins, of a line of which perhaps not
// all is there.
func textStart(line []byte) string {
	_, text, _ := bytes.Cut(line, []byte(`"text":`))
	if end := min(stringEnd(text, 0), len(text)); end <= openingLen {
		text = text[:end]
	}
	var s string
	err := json.Unmarshal(text[:min(len(text), openingLen)], &s)
	for end := min(len(text), openingLen); err != nil && end > 0; end-- { // an escape may be cut
		err = json.Unmarshal(append(text[:end:end], '"'), &s)
	}
	return s
}
