package session

import (
	"fmt"
	"slices"
	"testing"

	"oax/internal/chat"
)

// failedAsk makes a session of a prompt that got no answer.
func failedAsk(t testing.TB, st *Store, why chat.Why) Entry {
	t.Helper()
	w, err := st.Create(user("q"))
	must(t, err)
	must(t, w.Fail(why, "HOST does not accept the API key (401)"))
	return w.entry
}

func TestNumberedSkipsFailedAsks(t *testing.T) {
	st := newStore(t, Options{Now: clock()})
	if _, err := st.Find("@"); err == nil {
		t.Error("an empty store has a session")
	}
	failedAsk(t, st, "404")
	if e, err := st.Find("@"); err == nil {
		t.Errorf("@ is the session %s, in which nothing was answered", e.ID)
	}
	first, second := save(t, st, "q1", "a1"), save(t, st, "q2", "a2")
	for _, why := range []chat.Why{"no-key", "401", "404"} {
		failedAsk(t, st, why)
	}
	// A chat whose last prompt failed counts, and so does one that has not failed yet.
	w, err := st.Continue(first, user("again"))
	must(t, err)
	must(t, w.Fail("401", "x"))
	asking, err := st.Create(user("now"))
	must(t, err)
	defer asking.Close()
	named := failedAsk(t, st, "429")
	must(t, st.Retitle(named, "kept"))
	want := []Entry{named, asking.entry, second, first}
	for _, find := range map[string]func(ref string) (Entry, error){
		"one by one": st.Find,
		"together": func(ref string) (Entry, error) {
			entries, errs := st.FindAll(append([]string{ref}, slices.Repeat([]string{"@"}, 20)...))
			return entries[0], errs[0]
		},
	} {
		for i, e := range want {
			if got, err := find(fmt.Sprintf("@%d", i+1)); err != nil || got != e {
				t.Errorf("@%d is %v, %v; want %v", i+1, got, err, e)
			}
		}
		if got, err := find("@5"); err == nil {
			t.Errorf("@5 is %v", got)
		}
	}
	if n := len(newest(t, st)); n != 8 {
		t.Errorf("Newest yields %d sessions", n)
	}
}

// TestNumberedLooksAtFew: a store in which everything fails costs no more than a few looks.
func TestNumberedLooksAtFew(t *testing.T) {
	st := newStore(t, Options{Now: clock()})
	oldest := failedAsk(t, st, "401")
	for range maxSkips {
		failedAsk(t, st, "401")
	}
	if e, err := st.Find("@"); err != nil || e != oldest {
		t.Errorf("%v, %v", e, err)
	}
}

// BenchmarkFindLast is what -c costs before it reads the session.
func BenchmarkFindLast(b *testing.B) {
	st := newStore(b, Options{Now: clock()})
	save(b, st, "q", "a")
	for _, failures := range []int{0, 1} {
		for range failures {
			failedAsk(b, st, "401")
		}
		b.Run(fmt.Sprint(failures), func(b *testing.B) {
			for b.Loop() {
				_, err := st.Find("@")
				must(b, err)
			}
		})
	}
}
