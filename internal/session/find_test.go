package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"oax/internal/chat"
	"oax/internal/session/record"
)

// addEmpty makes empty sessions by name.
func addEmpty(t testing.TB, st *Store, names ...string) {
	t.Helper()
	for _, name := range names {
		write(t, filepath.Join(st.dir, name+record.Extension), "")
	}
}

func newest(t testing.TB, st *Store) []string {
	t.Helper()
	var ids []string
	for e, err := range st.List(Filter{}) {
		must(t, err)
		ids = append(ids, e.ID)
	}
	return ids
}

func TestNewest(t *testing.T) {
	st := newStore(t, Options{})
	if ids := newest(t, st); ids != nil {
		t.Errorf("a store that is not there has %v", ids)
	}
	addEmpty(t, st,
		"2026-11/2026-11-21_00-00-00_aaaaaaa1", "2026-11/2026-11-21_00-00-01_000aaaa2",
		"2026-11/2026-11-21_00-00-01_zz0aaaa3", "2026-12/2026-12-01_00-00-00_aaaaaaa4",
		"2025-12/2025-12-31_00-00-00_aaaaaaa5", "other/2027-01-01_00-00-00_aaaaaaa6")
	write(t, filepath.Join(st.dir, "2026-11/2026-11-21_00-00-00_aaaaaaa1.torn"), "x")
	write(t, filepath.Join(st.dir, "2026-11/notes.txt"), "x")
	want := []string{"aaaaaaa4", "zz0aaaa3", "000aaaa2", "aaaaaaa1", "aaaaaaa5"}
	if got := newest(t, st); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for e := range st.List(Filter{}) {
		if e.ID != want[0] {
			t.Error("not the newest first")
		}
		break
	}
}

func TestNewestInOneSecond(t *testing.T) {
	now := start
	st := newStore(t, Options{Now: func() time.Time { now = now.Add(100 * time.Microsecond); return now }})
	var want []string
	for range 30 {
		w, err := st.Create(user("q"))
		must(t, err)
		must(t, w.Close())
		want = append(want, w.ID())
	}
	slices.Reverse(want)
	if got := newest(t, st); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAMonthThatCannotBeListed(t *testing.T) {
	st := newStore(t, Options{})
	addEmpty(t, st, "2026-11/a_aaaaaaa1")
	write(t, filepath.Join(st.dir, "2026-12"), "a file")
	var ids []string
	faults := 0
	for e, err := range st.List(Filter{}) {
		if err != nil {
			faults++
			continue
		}
		ids = append(ids, e.ID)
	}
	if faults != 1 || !slices.Equal(ids, []string{"aaaaaaa1"}) {
		t.Errorf("%d faults, %v", faults, ids)
	}
}

func TestFind(t *testing.T) {
	st := newStore(t, Options{})
	addEmpty(t, st, "2026-11/1_abc00001", "2026-11/2_abc00002", "2026-11/3_abd00003", "2026-10/9_abc00009",
		"2026-10/8_abc00008", "2026-10/7_abc00007", "2026-10/6_abc00006", "2026-11/4_xyz00004")
	for ref, want := range map[string]string{
		"@": "xyz00004", "@1": "xyz00004", "@2": "abd00003", "@8": "abc00006",
		"x": "xyz00004", "abd": "abd00003", "abc00001": "abc00001",
	} {
		if e, err := st.Find(ref); err != nil || e.ID != want || record.IDOf(filepath.Base(e.Path)) != want {
			t.Errorf("Find(%q) = %v, %v; want %s", ref, e, err, want)
		}
	}
	for _, ref := range []string{"@9", "q", "abc00003", "abc000010"} {
		_, err := st.Find(ref)
		if missing, ok := errors.AsType[*NotFoundError](err); !ok || missing.Ref != ref {
			t.Errorf("Find(%q): %v", ref, err)
		}
	}
	_, err := st.Find("ab")
	many, ok := errors.AsType[*AmbiguousError](err)
	want := []string{"abd00003", "abc00002", "abc00001", "abc00009", "abc00008"}
	if !ok || many.Ref != "ab" || !slices.Equal(many.IDs, want) {
		t.Errorf("Find(ab): %v", err)
	}
}

// Two files with one ID are both listed, and neither is taken for the other.
func TestFindOneIDOfTwoFiles(t *testing.T) {
	st := newStore(t, Options{})
	addEmpty(t, st, "2026-11/2026-11-21_00-00-00_abc00001", "2026-10/2026-10-21_00-00-00_abc00001", "2026-10/2026-10-20_00-00-00_xyz00001")
	if got := newest(t, st); !slices.Equal(got, []string{"abc00001", "abc00001", "xyz00001"}) {
		t.Errorf("listed: %v", got)
	}
	want := []string{"2026-11/2026-11-21_00-00-00_abc00001.jsonl", "2026-10/2026-10-21_00-00-00_abc00001.jsonl"}
	_, all := st.FindAll(slices.Repeat([]string{"abc00001"}, 20))
	_, err := st.Find("abc00001")
	for _, err := range []error{err, all[0]} {
		if twins, ok := errors.AsType[*AmbiguousError](err); !ok || !slices.Equal(twins.Files, want) {
			t.Errorf("%v", err)
		}
	}
}

func TestBadIDsNeverTouchTheDisk(t *testing.T) {
	st := newStore(t, Options{Dir: "/dev/null/no/such/place"})
	for _, ref := range []string{
		"", ".", "..", "../../x", "/etc/passwd", "a/b", "a\x00", "-x", "a\nb", "\u00e9", "K3F9", "CON", "a b",
		"@0", "@-1", "@x", "@+1", "@1x", "@@", "@99999999999999999999x",
	} {
		_, err := st.Find(ref)
		if bad, ok := errors.AsType[*BadIDError](err); !ok || bad.Ref != ref {
			t.Errorf("Find(%q): %v", ref, err)
		}
	}
	if _, err := st.Find("abc"); err == nil || errors.As(err, new(*BadIDError)) {
		t.Errorf("a good ID in a bad place: %v", err)
	}
}

func TestSweep(t *testing.T) {
	st := newStore(t, Options{})
	e := save(t, st, "q", "a")
	dir := filepath.Dir(e.Path)
	for _, name := range []string{"old00000", "new00000", "held0000"} {
		write(t, filepath.Join(dir, tempPrefix+name), "half")
	}
	yesterday := time.Now().Add(-25 * time.Hour)
	for _, name := range []string{"old00000", "held0000"} {
		must(t, os.Chtimes(filepath.Join(dir, tempPrefix+name), yesterday, yesterday))
	}
	c, err := st.lockSession(Entry{"held0000", filepath.Join(dir, "x")}, 0)
	must(t, err)
	newest(t, st)
	c.Release()
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	must(t, err)
	want := []string{filepath.Join(dir, ".tmp-held0000"), filepath.Join(dir, ".tmp-new00000")}
	if !slices.Equal(left, want) {
		t.Errorf("left %v, want %v", left, want)
	}
	if p := journals(t, st); len(p) > 0 {
		t.Errorf("sweeping left %v", p)
	}
}

// Many references find what each of them finds.
func TestFindAll(t *testing.T) {
	t.Parallel()
	st := newStore(t, Options{})
	refs := []string{"@", "@2", "@99", "@0", "@x", "", "zz", "A", "../x"}
	for i := range 40 {
		id := fmt.Sprintf("%c%c%06d", 'a'+i%7, 'a'+i%3, i)
		addEmpty(t, st, fmt.Sprintf("2026-1%d/2026-1%d-01_00-00-%02d_%s", i%2, i%2, i, id))
		refs = append(refs, id, id[:3], id[:2], id[:1], id+"0")
	}
	addEmpty(t, st, "2026-09/2026-09-01_00-00-00_aa000000") // twice
	for _, n := range []int{3, len(refs)} {
		entries, errs := st.FindAll(refs[:n])
		for i, ref := range refs[:n] {
			want, err := st.Find(ref)
			if entries[i] != want || fmt.Sprint(errs[i]) != fmt.Sprint(err) {
				t.Errorf("%q: got %v, %v; want %v, %v", ref, entries[i], errs[i], want, err)
			}
		}
	}
	write(t, filepath.Join(st.dir, "2027-01"), "a file")
	_, errs := st.FindAll(append(refs, "@", "nothing"))
	if len(errs) != len(refs)+2 || errs[0] == nil || errs[len(refs)+1] == nil || errs[14] != nil {
		t.Errorf("%v", errs)
	}
}

func TestForks(t *testing.T) {
	st := newStore(t, Options{Now: clock()})
	old := addUsed(t, st, "aaaaaaaa", start.AddDate(-1, 0, 0), start)
	e, other := save(t, st, "q1", "a1"), save(t, st, "q2", "a2")
	first, err := st.Copy(e, 0, "")
	must(t, err)
	_, err = st.Copy(other, 0, "")
	must(t, err)
	second, err := st.Copy(e, 1, "x")
	must(t, err)
	addEmpty(t, st, "2026-11/damaged_00000000")
	must(t, os.Symlink(e.Path, filepath.Join(st.dir, "2026-11", "link_00000001.jsonl")))
	continueTurn(t, st, old) // it is listed before the copies, though it began long before
	must(t, st.Trash().Take(e))
	forks, err := st.Forks(context.Background(), trashed(t, st)[0].Entry)
	if err != nil || !slices.Equal(forks, []Entry{second, first}) {
		t.Errorf("%v %v", forks, err)
	}
}

// failedAsk makes a session of a prompt that got no answer.
func failedAsk(t testing.TB, st *Store, why chat.Why) Entry {
	t.Helper()
	w, err := st.Create(user("q"))
	must(t, err)
	must(t, w.Fail(why, "HOST does not accept the API key (401)"))
	return w.entry
}

func TestNumberedPutsFailedAsksLast(t *testing.T) {
	st := newStore(t, Options{Now: clock()})
	if _, err := st.Find("@"); err == nil {
		t.Error("an empty store has a session")
	}
	wrong := failedAsk(t, st, "404")
	if e, err := st.Find("@"); err != nil || e != wrong {
		t.Errorf("@ is %v, %v; there is no other session", e, err)
	}
	first, second := save(t, st, "q1", "a1"), save(t, st, "q2", "a2")
	last := []Entry{wrong}
	for _, why := range []chat.Why{"no-key", "401", "404"} {
		last = slices.Insert(last, 0, failedAsk(t, st, why))
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
	want := append([]Entry{named, asking.entry, first, second}, last...)
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
		if got, err := find("@9"); err == nil {
			t.Errorf("@9 is %v", got)
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
	for range maxLooks {
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

// New IDs are longer than those of an older oax, which stay: by its whole ID or the beginning
// of it such a session is found, also if a new ID begins like it.
func TestFindShortAndLongIDs(t *testing.T) {
	st := newStore(t, Options{})
	e := save(t, st, "q", "a")
	if len(e.ID) != 12 {
		t.Errorf("ID %s", e.ID)
	}
	addEmpty(t, st, "2026-10/2026-10-21_00-00-00_abc00001", "2026-10/2026-10-22_00-00-00_abc00001zzzz", "2026-10/2026-10-23_00-00-00_abc0000")
	for ref, want := range map[string]string{
		e.ID: e.ID, e.ID[:11]: e.ID, "abc00001": "abc00001", "abc00001z": "abc00001zzzz", "abc00001zzzz": "abc00001zzzz",
	} {
		got, err := st.Find(ref)
		all, errs := st.FindAll(slices.Repeat([]string{ref}, 20))
		if err != nil || got.ID != want || errs[0] != nil || all[0].ID != want {
			t.Errorf("Find(%s): %v, %v; FindAll: %v, %v", ref, got.ID, err, all[0].ID, errs[0])
		}
	}
	if _, err := st.Find("abc0000"); err == nil {
		t.Error("an ID of 7 characters counts")
	}
}
