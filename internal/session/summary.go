package session

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"
	"os"
	"time"

	"oax/internal/chat"
)

// Summary is what a list shows of a session. Title is as it is in the file. Model
// and Profile are those of the last answer, or else what was last asked. ForkOf is nil
// if it is no copy. Incomplete says that the last prompt has no complete answer.
// Damaged says that the file has no header.
type Summary struct {
	Entry
	Title, Model string
	Profile      string
	ForkOf       *Fork
	Time         time.Time
	Turns        int
	Incomplete   bool
	Damaged      bool
}

// Summary reads a session once, in little memory, and decodes next to nothing of
// it: most messages are taken for whole by how their lines begin. An answer that is
// only in a part does not show.
func (st *Store) Summary(e Entry) (Summary, error) {
	f, err := openFile(e.Path, os.O_RDONLY)
	if err != nil {
		return Summary{}, err
	}
	defer f.Close()
	size, _, err := end(f)
	if err != nil {
		return Summary{}, err
	}
	s := skimmer{file: f, in: bufio.NewReaderSize(f, int(min(size+1, 64<<10)))}
	for err == nil {
		err = s.next()
	}
	if err != io.EOF {
		return Summary{}, err
	}
	return s.summary(e), nil
}

// span is where a line is in the file.
type span struct{ at, size int64 }

// skimmer goes over a session line by line.
type skimmer struct {
	file           *os.File
	in             *bufio.Reader
	at             int64
	header         record
	titles         []record // what a title can be made of
	prompted       bool     // there is a prompt among titles
	turns          int
	prompt, answer span // the last ones
}

// next takes one line. It is in memory as a whole only if it has to be decoded.
func (s *skimmer) next() error {
	head, err := s.in.ReadSlice('\n')
	role, line, piece := roleOf(head), span{s.at, int64(len(head))}, head
	for errors.Is(err, bufio.ErrBufferFull) {
		piece, err = s.in.ReadSlice('\n')
		line.size += int64(len(piece))
	}
	s.at += line.size
	if role == chat.User && !s.prompted || !bytes.HasSuffix(piece, []byte("}\n")) {
		role = ""
	}
	if role != "" {
		s.count(role, line)
		return err
	}
	whole := head
	if line.size > int64(len(head)) {
		whole = s.read(line)
	}
	if r, ok := decode(bytes.TrimRight(whole, "\x00")); ok {
		s.take(r, line)
	}
	return err
}

// roleOf returns whose message a line is by its first bytes, which are always the
// same in a line of this program's making, or "".
func roleOf(line []byte) chat.Role {
	rest, ok := bytes.CutPrefix(line, []byte(`{"kind":"message","time":"`))
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

func (s *skimmer) count(role chat.Role, line span) {
	switch role {
	case chat.User:
		s.turns++
		s.prompt = line
	case chat.Assistant:
		s.answer = line
	}
}

func (s *skimmer) take(r record, line span) {
	switch r.Kind {
	case kindSession:
		if s.header.Kind == "" {
			s.header = r
		}
	case kindTitle:
		s.titles = append(s.titles, r)
	case kindMessage:
		s.count(r.Role, line)
		if r.Role == chat.User && !s.prompted {
			s.titles = append(s.titles, r)
			s.prompted = TitleFromPrompt(r.Text) != ""
		}
	}
}

func (s *skimmer) read(line span) []byte {
	b := make([]byte, line.size)
	n, _ := s.file.ReadAt(b, line.at)
	return b[:n]
}

func (s *skimmer) summary(e Entry) Summary {
	answer := withoutText(s.read(s.answer))
	model, profile := stringField(answer, "model"), stringField(answer, "profile")
	if model == "" || profile == "" {
		prompt := s.read(s.prompt)
		model = cmp.Or(model, stringField(prompt, "model"))
		profile = cmp.Or(profile, stringField(prompt, "profile"))
	}
	unanswered := s.turns > 0 && (s.answer.size == 0 || s.answer.at < s.prompt.at)
	return Summary{
		Entry: e, Title: titleOf(s.titles), Model: model, Profile: profile,
		Time: s.header.Time, ForkOf: s.header.ForkOf, Turns: s.turns,
		Incomplete: unanswered || stringField(answer, "state") == string(chat.Incomplete),
		Damaged:    s.header.Kind == "",
	}
}
