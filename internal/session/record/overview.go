package record

import (
	"bufio"
	"bytes"
	"cmp"
	"os"
	"time"

	"oax/internal/chat"
	"oax/internal/session/disk"
)

// What a list shows of a session.

// Overview is what a list shows of a session. Texts are as in the file.
type Overview struct {
	Header         Record // the zero record if there is none
	Title, Opening string // Opening is how the first prompt begins, at most MaxOpening bytes
	Model, Profile string // those of the last answer, or else what was last asked
	Turns          int
	Used           time.Time // when it was used last, or began; zero if nothing says so
	From           From      // of the first prompt
	Later          bool      // there is a prompt that was not saved with the first one
	Answered       bool      // there is an answer
	Unanswered     bool      // there is none to the last prompt
	Incomplete     bool      // the last answer is not complete, or its calls are
	Failed         bool      // there is an error after the last prompt
}

// MaxOpening is how much of the first prompt an Overview has, in bytes.
const MaxOpening = 1 << 10

// ReadOverview reads a session once, in little memory, and decodes next to nothing of it: it
// recognizes most messages by how their lines begin.
func ReadOverview(f *os.File) (Overview, error) {
	size, _, err := disk.End(f)
	if err != nil {
		return Overview{}, err
	}
	o := overview{file: f}
	if err := eachLine(bufio.NewReaderSize(f, int(min(size+1, 64<<10))), o.line); err != nil {
		return Overview{}, err
	}
	o.finish()
	return o.Overview, nil
}

// ReadBrief is ReadOverview for the title, the opening and the time of the last use alone. It
// reads through the buffer of in.
func ReadBrief(f *os.File, in *bufio.Reader) (Overview, error) {
	in.Reset(f)
	o := overview{file: f, brief: true}
	err := eachLine(in, o.line)
	o.Title, o.Used = o.titles.title(), Latest(o.Header.Time, o.Used)
	return o.Overview, err
}

// finish adds what only all lines tell.
func (o *overview) finish() {
	answer := o.rest(o.answer)
	o.Model, o.Profile = answer.Model, answer.Profile
	if o.Model == "" || o.Profile == "" {
		prompt := o.rest(o.prompt)
		o.Model, o.Profile = cmp.Or(o.Model, prompt.Model), cmp.Or(o.Profile, prompt.Profile)
	}
	o.Title, o.Used = o.titles.title(), Latest(o.Header.Time, o.Used)
	o.Answered = o.answer.Size > 0
	o.Unanswered = o.Turns > 0 && (!o.Answered || o.answer.At < o.prompt.At)
	o.Incomplete = o.calls || answer.State == chat.Incomplete
}

// overview gathers what a list shows of a session from its lines.
type overview struct {
	Overview
	file           *os.File
	brief          bool // the beginning of the first prompt is enough
	titles         titles
	calls          bool // there are records of calls after the last answer
	prompt, answer Line // the last ones; only where they are in the file
}

// line takes one line. It is in memory as a whole only if it has to be decoded.
func (o *overview) line(l Line) error {
	role, at := LineRole(l.Start), time.Time{}
	if role != "" {
		at = UsedAt(l)
		o.use(at)
	}
	gives := role == chat.User && o.titles.takes(at)
	switch {
	case gives && o.brief:
		o.count(role, at, l)
		o.addPrompt(Of(Message{Message: chat.Message{Role: role, Text: TextStart(l.Start, MaxOpening)}, Time: at}))
		return nil
	case role != "" && (l.Complete || o.brief) && !gives:
		o.count(role, at, l)
		return nil
	}
	whole, err := l.Whole(o.file)
	r, _ := Decode(bytes.TrimRight(whole, "\x00"))
	switch r.Kind {
	case KindSession:
		if o.Header.Kind == "" {
			o.Header = r
		}
	case KindTitle:
		o.titles.add(r)
	case KindError:
		o.use(r.Time)
		o.Failed = true
	case KindCall:
		o.use(r.Time)
		o.count(Called, r.Time, l)
	case KindMessage:
		o.use(r.Time)
		o.count(r.Role, r.Time, l)
		if r.Role == chat.User && o.Turns == 1 {
			o.From = r.From
		}
		if r.Role == chat.User {
			o.addPrompt(r)
		}
	}
	return err
}

func (o *overview) use(at time.Time) {
	if !at.IsZero() {
		o.Used = at
	}
}

func (o *overview) count(role chat.Role, at time.Time, l Line) {
	switch role {
	case chat.User:
		o.Failed = false
		o.Turns++
		o.Later = o.Later || !o.titles.takes(at)
		o.prompt = l
	case chat.Assistant:
		o.answer, o.calls = l, false
		r := Record{}
		if o.titles.takes(at) { // it may have been sent along with the prompt
			r = o.rest(l)
		}
		r.Role = role
		o.titles.add(r)
	case Called, chat.Tool:
		o.calls = true
	}
}

func (o *overview) addPrompt(r Record) {
	if o.titles.add(r) || o.Opening == "" {
		o.Opening = r.Text[:min(len(r.Text), MaxOpening)]
	}
}

// rest returns what a line says beside its texts.
func (o *overview) rest(l Line) Record {
	l.Start = nil // it was valid only until the next line
	whole, _ := l.Whole(o.file)
	return decodeRest(whole)
}
