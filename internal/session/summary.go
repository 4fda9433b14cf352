package session

import (
	"bufio"
	"bytes"
	"cmp"
	"iter"
	"os"
	"slices"
	"time"

	"oax/internal/chat"
	"oax/internal/session/disk"
	"oax/internal/session/record"
)

// What a list shows of a session.

// Summary is what a list shows of a session. Title is as it is in the file. Model
// and Profile are those of the last answer, or else what was last asked. ForkOf is nil
// if it is not a copy. Incomplete says that the last prompt has no complete answer.
// Damaged says that the file has no header. Time is when it began and Used when it was used
// last; they are zero if nothing in the file says so.
type Summary struct {
	Entry
	Title, Model string
	Profile      string
	ForkOf       *record.Fork
	Time, Used   time.Time
	Turns        int
	Incomplete   bool
	Helper       bool // it is no chat, but what a program asked beside one, and nobody went on with it
	Failed       bool // the last prompt has an error in place of an answer
	Damaged      bool
	Imported     bool
	From         record.From // of the first prompt
}

// Summary reads a session once, in little memory, and decodes next to nothing of
// it: it recognizes most messages by how their lines begin. It does not show an answer
// that is only in a journal.
func (st *Store) Summary(e Entry) (Summary, error) {
	f, err := disk.Open(e.Path)
	if err != nil {
		return Summary{}, err
	}
	defer f.Close()
	size, _, err := disk.End(f)
	if err != nil {
		return Summary{}, err
	}
	o := overview{file: f}
	if err := record.EachLine(bufio.NewReaderSize(f, int(min(size+1, 64<<10))), o.line); err != nil {
		return Summary{}, err
	}
	return o.summary(e), nil
}

func (o *overview) summary(e Entry) Summary {
	answer := o.rest(o.answer)
	model, profile := answer.Model, answer.Profile
	if model == "" || profile == "" {
		prompt := o.rest(o.prompt)
		model, profile = cmp.Or(model, prompt.Model), cmp.Or(profile, prompt.Profile)
	}
	unanswered := o.turns > 0 && (o.answer.Size == 0 || o.answer.At < o.prompt.At)
	return Summary{
		Entry: e, Title: o.titles.Title(), Model: model, Profile: profile,
		Time: o.header.Time, Used: record.Latest(o.header.Time, o.used), ForkOf: o.header.ForkOf, Turns: o.turns,
		Failed:     unanswered && o.failed,
		Incomplete: unanswered || o.calls || answer.State == chat.Incomplete,
		Damaged:    o.header.Kind == "",
		Imported:   len(o.header.Origin) > 0,
		From:       o.from,
		Helper:     o.from.Helper && !o.later,
	}
}

// Preview is what a person recognizes a session by: its title, how the first prompt
// begins (1 KiB at most), and when the session was used last. The texts are as in the file.
type Preview struct {
	Entry
	Title, Opening string
	Used           time.Time
}

const maxOpening = 1 << 10

// Previews reads of each session no more than a Preview needs, which is less than a
// Summary does, and returns them in the same order. A session that cannot be read is left
// out.
func (st *Store) Previews(entries []Entry) []Preview {
	all := make([]Preview, len(entries))
	disk.InParallel(len(entries), func(numbers iter.Seq[int]) {
		in := bufio.NewReaderSize(nil, 64<<10)
		for i := range numbers {
			all[i] = readPreview(entries[i], in)
		}
	})
	return slices.DeleteFunc(all, func(p Preview) bool { return p.Path == "" })
}

// readPreview reads a session through the buffer of in, or returns nothing if it cannot.
func readPreview(e Entry, in *bufio.Reader) Preview {
	f, err := disk.Open(e.Path)
	if err != nil {
		return Preview{}
	}
	defer f.Close()
	in.Reset(f)
	o := overview{file: f, brief: true}
	if record.EachLine(in, o.line) != nil {
		return Preview{}
	}
	return Preview{e, o.titles.Title(), o.opening, record.Latest(o.header.Time, o.used)}
}

// overview gathers what a list shows of a session from its lines.
type overview struct {
	file           *os.File
	brief          bool // the beginning of the first prompt is enough
	header         record.Record
	titles         record.Titles
	opening        string // how the first prompt begins
	turns          int
	later          bool // there is a prompt that was not saved with the first one
	used           time.Time
	from           record.From // of the first prompt
	failed         bool        // there is an error after the last prompt
	calls          bool        // there are records of calls after the last answer
	prompt, answer record.Line // the last ones; only where they are in the file
}

// line takes one line. It is in memory as a whole only if it has to be decoded.
func (o *overview) line(l record.Line) error {
	role, at := record.LineRole(l.Start), time.Time{}
	if role != "" {
		at = record.UsedAt(l)
		o.use(at)
	}
	gives := role == chat.User && o.titles.Takes(at)
	switch {
	case gives && o.brief:
		o.count(role, at, l)
		o.addPrompt(record.Of(record.Message{Message: chat.Message{Role: role, Text: record.TextStart(l.Start, maxOpening)}, Time: at}))
		return nil
	case role != "" && (l.Complete || o.brief) && !gives:
		o.count(role, at, l)
		return nil
	}
	whole, err := l.Whole(o.file)
	r, _ := record.Decode(bytes.TrimRight(whole, "\x00"))
	switch r.Kind {
	case record.KindSession:
		if o.header.Kind == "" {
			o.header = r
		}
	case record.KindTitle:
		o.titles.Add(r)
	case record.KindError:
		o.use(r.Time)
		o.failed = true
	case record.KindCall:
		o.use(r.Time)
		o.count(record.Called, r.Time, l)
	case record.KindMessage:
		o.use(r.Time)
		o.count(r.Role, r.Time, l)
		if r.Role == chat.User && o.turns == 1 {
			o.from = r.From
		}
		if r.Role == chat.User {
			o.addPrompt(r)
		}
	}
	return err
}

func (o *overview) use(at time.Time) {
	if !at.IsZero() {
		o.used = at
	}
}

func (o *overview) count(role chat.Role, at time.Time, l record.Line) {
	switch role {
	case chat.User:
		o.failed = false
		o.turns++
		o.later = o.later || !o.titles.Takes(at)
		o.prompt = l
	case chat.Assistant:
		o.answer, o.calls = l, false
		r := record.Record{}
		if o.titles.Takes(at) { // it may have been sent along with the prompt
			r = o.rest(l)
		}
		r.Role = role
		o.titles.Add(r)
	case record.Called, chat.Tool:
		o.calls = true
	}
}

func (o *overview) addPrompt(r record.Record) {
	if o.titles.Add(r) || o.opening == "" {
		o.opening = r.Text[:min(len(r.Text), maxOpening)]
	}
}

// rest returns what a line says beside its texts.
func (o *overview) rest(l record.Line) record.Record {
	l.Start = nil // it was valid only until the next line
	whole, _ := l.Whole(o.file)
	return record.DecodeRest(whole)
}
