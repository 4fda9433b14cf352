package session

import (
	"bufio"
	"iter"
	"slices"
	"time"

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

// Summary reads a session once, in little memory, and decodes next to nothing of it. It does
// not show an answer that is only in a journal.
func (st *Store) Summary(e Entry) (Summary, error) {
	f, err := disk.Open(e.Path)
	if err != nil {
		return Summary{}, err
	}
	defer f.Close()
	o, err := record.ReadOverview(f)
	if err != nil {
		return Summary{}, err
	}
	return Summary{
		Entry: e, Title: o.Title, Model: o.Model, Profile: o.Profile,
		Time: o.Header.Time, Used: o.Used, ForkOf: o.Header.ForkOf, Turns: o.Turns,
		Failed: o.Unanswered && o.Failed, Incomplete: o.Unanswered || o.Incomplete,
		Damaged: o.Header.Kind == "", Imported: len(o.Header.Origin) > 0,
		From: o.From, Helper: o.From.Helper && !o.Later,
	}, nil
}

// Preview is what a person recognizes a session by: its title, how the first prompt
// begins (1 KiB at most), and when the session was used last. The texts are as in the file.
type Preview struct {
	Entry
	Title, Opening string
	Used           time.Time
}

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
	o, err := record.ReadBrief(f, in)
	if err != nil {
		return Preview{}
	}
	return Preview{e, o.Title, o.Opening, o.Used}
}
