package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/session/journal"
	"oax/internal/session/record"
)

// followed gathers what a Tail yields. It closes begun, if that is given, when it has
// something.
func followed(t testing.TB, st *Store, ctx context.Context, e Entry, from journal.Position, begun ...chan struct{}) string {
	t.Helper()
	var turn chat.Turn
	for d, err := range st.Tail(ctx, e, from) {
		if err != nil {
			t.Error(err)
			break
		}
		turn.Add(d)
		for _, c := range begun {
			close(c)
		}
		begun = nil
	}
	m := turn.End(chat.Killed)
	return fmt.Sprintf("%s|%s|%s|%s|%d", m.Text, m.Reasoning, m.Refusal, m.FinishReason, len(m.ToolCalls))
}

// pieces are the deltas of an answer with everything that can be followed.
var pieces = []*chat.Delta{
	{Reasoning: []byte("hm "), Model: "m1-2026"}, {Reasoning: []byte("日本")}, {Text: []byte("one \"two\"\n")},
	{Text: []byte("three"), Refusal: []byte("no")}, {ToolCalls: []chat.ToolCall{{ID: "c1", Name: "f", Arguments: "{}"}}}, {FinishReason: "stop"},
}

const piecesText, piecesReasoning = "one \"two\"\nthree", "hm 日本"

func answerOfPieces() chat.Message {
	var turn chat.Turn
	for _, d := range pieces {
		turn.Add(d)
	}
	return turn.End("")
}

// A follower gets the same answer, from whatever position, whenever it begins and however
// the turn ends.
func TestTail(t *testing.T) {
	ends := map[string]func(w *Writer) error{
		"finished":          func(w *Writer) error { return w.Finish(answerOfPieces()) },
		"killed":            (*Writer).Close,
		"recovered":         func(w *Writer) error { w.Close(); _, err := w.store.recover(); return err },
		"removed":           func(w *Writer) error { os.Remove(w.Path()); return w.Finish(answerOfPieces()) },
		"not all journaled": func(w *Writer) error { return w.Finish(answerOfPieces()) },
	}
	for name, end := range ends {
		for begin := range len(pieces) + 2 {
			t.Run(fmt.Sprintf("%s, from %d", name, begin), func(t *testing.T) {
				t.Parallel()
				st := newStore(t, Options{})
				w := newTurn(t, st)
				e := Entry{w.ID(), w.Path()}
				from := journal.Position{Turn: w.Turn(), Text: begin, Reasoning: begin % 4}
				result, begun := make(chan string), make(chan struct{})
				for i, d := range append(pieces, nil) {
					if i == begin {
						go func() { result <- followed(t, st, t.Context(), e, from, begun) }()
					}
					if d != nil && (name != "not all journaled" || i < 4) {
						must(t, w.Journal(d))
					}
				}
				if begin <= len(pieces) {
					<-begun
				}
				must(t, end(w))
				if begin > len(pieces) { // the turn has ended
					go func() { result <- followed(t, st, t.Context(), e, from) }()
				}
				got := <-result
				want := fmt.Sprintf("%s|%s|no|stop|1", piecesText[begin:], piecesReasoning[from.Reasoning:])
				switch {
				case name == "removed" && begin > len(pieces):
					want = "||||0" // nothing says where the session is now
				case name == "not all journaled" && begin <= len(pieces):
					want = strings.Replace(want, "|stop|1", "||0", 1) // what it lacks are the texts
				}
				if got != want {
					t.Errorf("%q, want %q", got, want)
				}
			})
		}
	}
}

func newTurn(t testing.TB, st *Store) *Writer {
	t.Helper()
	w, err := st.Continue(save(t, st, "q0", "a0"), user("q"))
	must(t, err)
	return w
}

// The position in a session that was loaded is where its last message goes on.
func TestTailFromWhatWasLoaded(t *testing.T) {
	st := newStore(t, Options{})
	w := newTurn(t, st)
	e := Entry{w.ID(), w.Path()}
	if _, _, ok := load(t, st, e).Running(); ok {
		t.Error("the answer before is taken for one that is being written")
	}
	if m, p, ok := load(t, st, e).Follow().Running(); !ok || m.Text != "" || p != (journal.Position{Turn: w.Turn()}) {
		t.Errorf("before anything came: %+v, %v", p, ok)
	}
	must(t, w.Journal(pieces[0]))
	must(t, w.Journal(pieces[3]))
	m, p, ok := load(t, st, e).Follow().Running()
	if !ok || m.Text != "three" || p != (journal.Position{Turn: w.Turn(), Text: 5, Reasoning: 3, Refusal: 2}) {
		t.Errorf("%+v, %v", p, ok)
	}
	must(t, w.Finish(answer("three and more")))
	if got := followed(t, st, t.Context(), e, p); !strings.HasPrefix(got, " and more|||") {
		t.Errorf("%q", got)
	}
	if _, p, ok := load(t, st, e).Follow().Running(); ok {
		t.Errorf("it has ended: %+v", p)
	}
}

// The next turn is not taken for the one that was followed.
func TestTailOfAnotherTurn(t *testing.T) {
	st := newStore(t, Options{})
	w := newTurn(t, st)
	e, first := Entry{w.ID(), w.Path()}, w.Turn()
	must(t, w.Journal(&chat.Delta{Text: []byte("one")}))
	must(t, w.Finish(answer("one")))
	w, err := st.Continue(e, user("more"))
	must(t, err)
	defer w.Close()
	must(t, w.Journal(&chat.Delta{Text: []byte("two")}))
	if got := followed(t, st, t.Context(), e, journal.Position{Turn: first, Text: 1}); got != "ne|||stop|0" {
		t.Errorf("%q", got)
	}
	twin := Entry{e.ID, filepath.Join(filepath.Dir(e.Path), "2025-01-01_00-00-00_"+e.ID+record.Extension)}
	write(t, twin.Path, fixture)
	if got := followed(t, st, t.Context(), twin, journal.Position{}); got != "||||0" {
		t.Errorf("another session with the ID: %q", got)
	}
}

func TestTailUntilTheContextEnds(t *testing.T) {
	st := newStore(t, Options{})
	w := newTurn(t, st)
	defer w.Close()
	must(t, w.Journal(&chat.Delta{Text: []byte("one")}))
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	enough := errors.New("enough")
	var got []string
	for d, err := range st.Tail(ctx, Entry{w.ID(), w.Path()}, journal.Position{}) {
		if err != nil {
			got = append(got, err.Error())
			continue
		}
		got = append(got, string(d.Text))
		cancel(enough)
	}
	if strings.Join(got, " ") != "one enough" {
		t.Errorf("%q", got)
	}
	for range st.Tail(t.Context(), Entry{w.ID(), w.Path()}, journal.Position{}) {
		break
	}
}

// A follower reads what an older oax writes.
func TestTailOfAnOlderJournal(t *testing.T) {
	t.Parallel()
	st := newStore(t, Options{})
	e := save(t, st, "q0", "a0")
	w, err := st.Continue(e)
	must(t, err)
	defer w.Close()
	write(t, w.journal.Path+".new", fmt.Sprintf(`{"kind":"part","pid":1,"time":"2026-11-21T23:45:12Z","why":"killed","at":%d}`+"\n"+`{"text":"old"}`+"\n", len(read(t, e.Path))))
	must(t, os.Rename(w.journal.Path+".new", w.journal.Path))
	must(t, w.add(&record.Message{Message: answer("older")}))
	if got := followed(t, st, t.Context(), e, journal.Position{}); got != "older||||0" {
		t.Errorf("%q", got)
	}
}
