package session

import (
	"bufio"
	"bytes"
	"cmp"
	"iter"
	"os"
	"slices"
	"sync"
	"time"

	"oax/internal/chat"
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
	ForkOf       *Fork
	Time, Used   time.Time
	Turns        int
	Incomplete   bool
	Helper       bool // it is no chat, but what a program asked beside one, and nobody went on with it
	Failed       bool // the last prompt has an error in place of an answer
	Damaged      bool
	Imported     bool
	From         From // of the first prompt
}

// Summary reads a session once, in little memory, and decodes next to nothing of
// it: it recognizes most messages by how their lines begin. It does not show an answer
// that is only in a journal.
func (st *Store) Summary(e Entry) (Summary, error) {
	f, err := OpenFile(e.Path)
	if err != nil {
		return Summary{}, err
	}
	defer f.Close()
	size, _, err := fileEnd(f)
	if err != nil {
		return Summary{}, err
	}
	o := overview{file: f}
	if err := eachLine(bufio.NewReaderSize(f, int(min(size+1, 64<<10))), o.line); err != nil {
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
	unanswered := o.turns > 0 && (o.answer.size == 0 || o.answer.at < o.prompt.at)
	return Summary{
		Entry: e, Title: o.titles.title(), Model: model, Profile: profile,
		Time: o.header.Time, Used: latest(o.header.Time, o.used), ForkOf: o.header.ForkOf, Turns: o.turns,
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
	inParallel(len(entries), func(numbers iter.Seq[int]) {
		in := bufio.NewReaderSize(nil, 64<<10)
		for i := range numbers {
			all[i] = readPreview(entries[i], in)
		}
	})
	return slices.DeleteFunc(all, func(p Preview) bool { return p.Path == "" })
}

// inParallel shares the numbers below n out to goroutines that do the work, and waits for
// them.
func inParallel(n int, work func(numbers iter.Seq[int])) {
	const workers = 2
	var all sync.WaitGroup
	for first := range workers {
		all.Go(func() {
			work(func(yield func(int) bool) {
				for i := first; i < n && yield(i); i += workers {
				}
			})
		})
	}
	all.Wait()
}

// readPreview reads a session through the buffer of in, or returns nothing if it cannot.
func readPreview(e Entry, in *bufio.Reader) Preview {
	f, err := OpenFile(e.Path)
	if err != nil {
		return Preview{}
	}
	defer f.Close()
	in.Reset(f)
	o := overview{file: f, brief: true}
	if eachLine(in, o.line) != nil {
		return Preview{}
	}
	return Preview{e, o.titles.title(), o.opening, latest(o.header.Time, o.used)}
}

// overview gathers what a list shows of a session from its lines.
type overview struct {
	file           *os.File
	brief          bool // the beginning of the first prompt is enough
	header         record
	titles         titles
	opening        string // how the first prompt begins
	turns          int
	later          bool // there is a prompt that was not saved with the first one
	used           time.Time
	from           From // of the first prompt
	failed         bool // there is an error after the last prompt
	calls          bool // there are records of calls after the last answer
	prompt, answer line // the last ones; only where they are in the file
}

// line takes one line. It is in memory as a whole only if it has to be decoded.
func (o *overview) line(l line) error {
	role, at := LineRole(l.start), time.Time{}
	if role != "" {
		at = usedAt(l)
		o.use(at)
	}
	gives := role == chat.User && o.titles.takes(at)
	switch {
	case gives && o.brief:
		o.count(role, at, l)
		o.addPrompt(recordOf(Message{Message: chat.Message{Role: role, Text: textStart(l.start, maxOpening)}, Time: at}))
		return nil
	case role != "" && (l.complete || o.brief) && !gives:
		o.count(role, at, l)
		return nil
	}
	whole, err := l.whole(o.file)
	r, _ := decodeRecord(bytes.TrimRight(whole, "\x00"))
	switch r.Kind {
	case kindSession:
		if o.header.Kind == "" {
			o.header = r
		}
	case kindTitle:
		o.titles.add(r)
	case kindError:
		o.use(r.Time)
		o.failed = true
	case kindCall:
		o.use(r.Time)
		o.count(Called, r.Time, l)
	case kindMessage:
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

func (o *overview) count(role chat.Role, at time.Time, l line) {
	switch role {
	case chat.User:
		o.failed = false
		o.turns++
		o.later = o.later || !o.titles.takes(at)
		o.prompt = l
	case chat.Assistant:
		o.answer, o.calls = l, false
		r := record{}
		if o.titles.takes(at) { // it may have been sent along with the prompt
			r = o.rest(l)
		}
		r.Role = role
		o.titles.add(r)
	case Called, chat.Tool:
		o.calls = true
	}
}

func (o *overview) addPrompt(r record) {
	if o.titles.add(r) || o.opening == "" {
		o.opening = r.Text[:min(len(r.Text), maxOpening)]
	}
}

// rest returns what a line says beside its texts.
func (o *overview) rest(l line) record {
	l.start = nil // it was valid only until the next line
	whole, _ := l.whole(o.file)
	return decodeRest(whole)
}
