package session

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/session/journal"
	"oax/internal/session/record"
)

// The sweeps go through every case under make torture, through some in CI, and else through few.
var torture = os.Getenv("OAX_TORTURE") != ""

// every returns the step of a sweep: 1 under make torture, step in CI, and three times step in
// a plain go test.
func every(step int) int {
	switch {
	case torture:
		return 1
	case os.Getenv("OAX_CI") == "":
		return 3 * step
	}
	return step
}

// several is a session of several turns with everything in it that a record can have.
const several = `{"kind":"session","version":1,"id":"k3f9q2ab","time":"2026-11-21T23:45:12.5Z","fork_of":{"id":"aaaaaaaa","turn":1}}
{"kind":"message","time":"2026-11-21T23:45:12.5Z","role":"system","text":"簡潔に"}
{"kind":"message","time":"2026-11-21T23:45:12.5Z","role":"user","text":"空は\nなぜ \"青い\"\\?","model":"m1","profile":"p1"}
{"kind":"message","time":"2026-11-21T23:45:13Z","role":"assistant","text":"レイリー散乱\t\u001b[31m 😀","reasoning":"波長…","model":"m1-2026","profile":"p1","finish_reason":"stop","usage":{"total_tokens":9},"state":"complete"}
{"kind":"branch","role":7,"text":["x"]}
{"kind":"title","time":"2026-11-21T23:46:00Z","text":"空の色"}
{"kind":"message","time":"2026-11-21T23:46:12Z","role":"user","text":"two?","model":"m1"}
{"kind":"message","time":"2026-11-21T23:46:13Z","role":"assistant","text":"夕方は","model":"m1-2026","state":"incomplete","why":"reset"}
{"kind":"message","time":"2026-11-21T23:47:12Z","role":"user","text":"three?","model":"m1"}
{"kind":"error","time":"2026-11-21T23:47:13Z","why":"net","text":"no network"}
`

// A session cut at any byte, or filled up with zeros there, has every record before
// the cut, and takes another turn. What was cut is kept, and that is said once.
func TestTortureTorn(t *testing.T) {
	st, e := onDisk(t)
	for i := 1; i <= len(several); i += every(23) {
		tail := ""
		if i%2 == 0 {
			tail = strings.Repeat("\x00", 1+i*97%8192)
		}
		tornAnd(t, st, e, several[:i], tail, i%3 == 0)
	}
	for n := 1; n <= 8192; n += every(1999) {
		tornAnd(t, st, e, several[:len(several)-n%2], strings.Repeat("\x00", n), n%4 < 2)
	}
}

// onDisk returns a store and where the session k3f9q2ab is to be in it.
func onDisk(t *testing.T) (*Store, Entry) {
	t.Helper()
	st := newStore(t, Options{})
	must(t, os.MkdirAll(filepath.Join(st.dir, journal.Dir), 0o700))
	return st, Entry{"k3f9q2ab", filepath.Join(st.dir, "2026-11", "2026-11-21_23-45-12_k3f9q2ab.jsonl")}
}

// tornAnd reads a torn session, or goes on with it at once.
func tornAnd(t *testing.T, st *Store, e Entry, cut, tail string, readFirst bool) {
	t.Helper()
	write(t, e.Path, cut+tail)
	_ = os.Remove(record.TornPath(e.Path))
	before := record.Parse([]byte(cut)) // its records; that of a line that only lacks its newline too
	want := newSession(&before, e)
	dropped := tail
	if before.Torn >= 0 {
		dropped = cut[before.Torn:] + tail
	}
	what := fmt.Sprintf("cut at %d, %d zeros", len(cut), len(tail))

	var notes []string
	if readFirst {
		s := load(t, st, e)
		notes = s.Notes
		sameMessages(t, what, s.Messages, want.Messages)
		if s.Title != want.Title {
			t.Errorf("%s: the title is %q, want %q", what, s.Title, want.Title)
		}
	}
	w, err := st.Continue(e, user("four?"))
	must(t, err)
	must(t, w.Finish(answer("vier")))
	notes = append(notes, w.Notes()...)

	s := load(t, st, e)
	notes = append(notes, s.Notes...)
	n := len(s.Messages) - 2
	sameMessages(t, what+", gone on", s.Messages[:max(n, 0)], want.Messages)
	if got := s.Messages[max(n, 0):]; len(got) != 2 || got[0].Text != "four?" || got[1].Text != "vier" || got[1].State != chat.Complete {
		t.Errorf("%s: the turn is %v", what, texts(s))
	}
	checkDropped(t, what, e, cut+tail, dropped, notes)
	if sum, err := st.Summary(e); err != nil || sum.Turns != s.Turns() || sum.Title != s.Title || sum.Incomplete {
		t.Errorf("%s: %+v, %v", what, sum, err)
	}
}

// checkDropped wants what was cut from a session to be beside it, and said once.
func checkDropped(t *testing.T, what string, e Entry, was, dropped string, notes []string) {
	t.Helper()
	if kept := strings.TrimSuffix(was, dropped); !strings.HasPrefix(read(t, e.Path), kept) {
		t.Errorf("%s: %q was changed to %q", what, kept, read(t, e.Path))
	}
	notes = slices.DeleteFunc(notes, func(note string) bool { return strings.HasPrefix(note, "the file has no header") })
	if dropped == "" {
		if _, err := os.Stat(record.TornPath(e.Path)); err == nil || len(notes) > 0 {
			t.Errorf("%s: %q", what, notes)
		}
		return
	}
	said := fmt.Sprintf("dropped an unfinished record of %d bytes (kept in %s)", len(dropped), filepath.Base(record.TornPath(e.Path)))
	if !slices.Equal(notes, []string{said}) || read(t, record.TornPath(e.Path)) != dropped {
		t.Errorf("%s: %q, kept %q", what, notes, read(t, record.TornPath(e.Path)))
	}
}

func sameMessages(t *testing.T, what string, got, want []record.Message) {
	t.Helper()
	if !slices.EqualFunc(got, want, func(a, b record.Message) bool { return reflect.DeepEqual(a, b) }) {
		t.Errorf("%s: %+v, want %+v", what, got, want)
	}
}

// Any bit flipped costs the record it is in, or the two that its line end parted, and
// no other is shown otherwise than it was. The file stays as it is.
func TestTortureFlipped(t *testing.T) {
	st, e := onDisk(t)
	for i := 0; i < len(several)-1; i += every(3) {
		for bit := range 8 {
			data := []byte(several)
			data[i] ^= 1 << bit
			checkFlipped(t, fmt.Sprintf("bit %d of byte %d", bit, i), i, data, record.Parse(data))
			if (i*8+bit)%every(601) == 0 {
				flippedOnDisk(t, st, e, data)
			}
			if t.Failed() {
				return
			}
		}
	}
}

func checkFlipped(t *testing.T, what string, at int, data []byte, got record.Contents) {
	t.Helper()
	was := record.Parse([]byte(several))
	hit := strings.Count(several[:at], "\n") // of the lines, from 0
	var left []record.Message
	for n, line := range strings.SplitAfter(several, "\n") {
		if n == hit || n == hit+1 && several[at] == '\n' {
			continue
		}
		if r, ok := record.Decode([]byte(line)); ok && r.IsMessage() {
			left = append(left, r.Message)
		}
	}
	s := newSession(&got, Entry{"k3f9q2ab", ""})
	others := len(s.Messages) - len(left)
	if others < 0 || others > 1 {
		t.Errorf("%s: %d messages, not %d", what, len(s.Messages), len(left))
		return
	}
	for n := 0; others == 1; n++ { // the one that was hit is among them
		if reflect.DeepEqual(slices.Delete(slices.Clone(s.Messages), n, n+1), left) {
			break
		}
		if n == len(left) {
			t.Fatalf("%s: %v", what, texts(s))
		}
	}
	if others == 0 {
		sameMessages(t, what, s.Messages, left)
	}
	if lost := len(was.Records) + 1 - len(got.Records) - min(1, len(got.Header.Kind)); lost > 0 {
		said := fmt.Sprintf("record %d is damaged (kept as is)", hit+1)
		if data[at] == '\n' {
			said = fmt.Sprintf("2 records are damaged (kept as is), the first is record %d", hit+1)
		}
		if !slices.Contains(s.Notes, said) || got.Torn >= 0 {
			t.Errorf("%s: %q, torn at %d; want %q", what, s.Notes, got.Torn, said)
		}
	}
}

// flippedOnDisk reads a damaged session in every way there is.
func flippedOnDisk(t *testing.T, st *Store, e Entry, data []byte) {
	t.Helper()
	write(t, e.Path, string(data))
	s := load(t, st, e)
	s.History()
	_, err := st.Summary(e)
	must(t, err)
	st.Previews([]Entry{e})
	if s.version <= record.FormatVersion {
		w, err := st.Continue(e, user("four?"))
		must(t, err)
		must(t, w.Finish(answer("vier")))
	}
	after := load(t, st, e)
	if !strings.HasPrefix(read(t, e.Path), string(data)) || len(after.Messages) < len(s.Messages) {
		t.Errorf("%v, then %v", texts(s), texts(after))
	}
	sameMessages(t, "before", after.Messages[:len(s.Messages)], s.Messages)
}

// A journal that was cut, or in which zeros or a flipped bit are, gives the beginning of
// what was journaled, or all of it with one piece otherwise; and nothing that is not
// whole is called so. What cannot be read of it is kept.
func TestTortureJournal(t *testing.T) {
	t.Parallel()
	st := newStore(t, Options{})
	w := begin(t, st, []string{"q0", "a0"}, false)
	pieces := []string{"一 ", "\"two\"\n", "😀", " four"}
	path, e := w.journal.Path, Entry{w.ID(), w.Path()}
	copied := filepath.Join(t.TempDir(), "x.part")
	leaveDead(t, w, pieces...)
	whole := read(t, path) + `{"text":" end","answer":{"kind":"message","role":"assistant","text":"","finish_reason":"stop","state":"complete"},"after":` +
		fmt.Sprint(len(strings.Join(pieces, ""))) + "}\n"
	session := read(t, e.Path)
	pieces = append(pieces, " end")
	n := 0
	damaged := func(what, data string) {
		p := journalOf(t, copied, data)
		checkPieces(t, what, p, pieces)
		if n++; n%every(101) == 0 {
			recoverDamaged(t, what, st, e, session, path, data, p)
		}
	}
	for i := range whole {
		for bit := range 8 {
			flipped := []byte(whole)
			flipped[i] ^= 1 << bit
			damaged(fmt.Sprintf("bit %d of byte %d", bit, i), string(flipped))
		}
		damaged(fmt.Sprint("cut at ", i), whole[:i])
		for _, zeros := range []int{1, 9, 120, 4096} {
			tail := strings.Repeat("\x00", zeros)
			damaged(fmt.Sprintf("cut at %d, %d zeros", i, zeros), whole[:i]+tail)
			damaged(fmt.Sprintf("%d zeros at %d", zeros, i), whole[:i]+tail[:min(zeros, len(whole)-i)]+whole[min(i+zeros, len(whole)):])
		}
		if t.Failed() {
			return
		}
	}
}

// checkPieces wants pieces in order without a gap, of which one may be another.
func checkPieces(t *testing.T, what string, p journal.Contents, pieces []string) {
	t.Helper()
	rest, others := p.Answer.Text, 0
	for i := 0; i < len(pieces) && rest != ""; i++ {
		after, ok := strings.CutPrefix(rest, pieces[i])
		if !ok {
			others++
			next := len(rest)
			if i+1 < len(pieces) && strings.Contains(rest, pieces[i+1]) {
				next = strings.Index(rest, pieces[i+1])
			}
			after = rest[next:]
			if next > 3*len(pieces[i]) || next == 0 {
				t.Errorf("%s: %q", what, p.Answer.Text)
			}
		}
		rest = after
	}
	if rest != "" || others > 1 {
		t.Errorf("%s: %q", what, p.Answer.Text)
	}
	// Without a checksum a key that is another one now cannot be told from one of tomorrow.
	before := strings.Join(pieces[:len(pieces)-1], "")
	if p.Answer.State == chat.Complete && others == 0 && !strings.HasPrefix(p.Answer.Text, before) {
		t.Errorf("%s: %q is called complete", what, p.Answer.Text)
	}
}

// recoverDamaged wants the session to get what can be read of a journal, and the rest to
// be beside it.
func recoverDamaged(t *testing.T, what string, st *Store, e Entry, session, path, data string, p journal.Contents) {
	t.Helper()
	write(t, e.Path, session)
	write(t, path, data)
	_ = os.Remove(record.TornPath(e.Path))
	all, err := st.recover()
	must(t, err)
	s := load(t, st, e)
	last := s.Messages[len(s.Messages)-1]
	if len(s.Messages) != 4 || last.Text != p.Answer.Text && last.Role != record.Error || len(journals(t, st)) > 0 || !strings.HasPrefix(read(t, e.Path), session) {
		t.Errorf("%s: %v", what, texts(s))
	}
	kept, _ := os.ReadFile(record.TornPath(e.Path))
	lost := ""
	if p.Lost >= 0 {
		lost = data[p.Lost:]
	}
	if string(kept) != lost || (len(kept) > 0) != (len(all) == 1 && len(all[0].Notes) == 1) {
		t.Errorf("%s: kept %q of %q, %v", what, kept, lost, all)
	}
}
