package session

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"oax/internal/session/record"
)

// addUsed makes a session that began at one time and was used at another.
func addUsed(t testing.TB, st *Store, id string, began, used time.Time) Entry {
	t.Helper()
	e := Entry{id, st.pathOf(began, id)}
	data, err := record.EncodeMessages(used, []record.Record{record.NewHeader(id, began, nil)}, user("question"), record.Message{Message: answer("answer")})
	must(t, err)
	write(t, e.Path, string(data))
	return e
}

// listed returns the IDs of the sessions that a filter wants.
func listed(t testing.TB, st *Store, f Filter) []string {
	t.Helper()
	var ids []string
	for e, err := range st.List(f) {
		must(t, err)
		ids = append(ids, e.ID)
	}
	return ids
}

// truth returns the IDs of all sessions in the order that their records give, read without
// any help of the package.
func truth(t testing.TB, st *Store) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(st.dir, "*-*", "*.jsonl"))
	must(t, err)
	type session struct {
		id   string
		used time.Time
	}
	var all []session
	for _, path := range paths {
		s := session{id: record.IDOf(filepath.Base(path))}
		for line := range bytes.Lines([]byte(read(t, path))) {
			if r, ok := record.Decode(line); ok && r.Kind != record.KindTitle && r.Time.After(s.used) {
				s.used = r.Time
			}
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b session) int { return b.used.Compare(a.used) })
	var ids []string
	for _, s := range all {
		ids = append(ids, s.id)
	}
	return ids
}

func checkOrder(t testing.TB, st *Store, when string) {
	t.Helper()
	want := truth(t, st)
	for _, how := range []string{"once", "again"} {
		if got := listed(t, st, Filter{}); !slices.Equal(got, want) {
			t.Errorf("%s, %s:\n got %v\nwant %v", when, how, short(got), short(want))
		}
	}
	if e, err := st.Find("@"); err != nil || e.ID != want[0] {
		t.Errorf("%s: @ is %v, %v; want %s", when, e, err, want[0])
	}
}

// cachePath returns the path of the cache, which there is.
func cachePath(t testing.TB, st *Store) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(st.dir, "cache", "uses-*"))
	must(t, err)
	if len(paths) != 1 {
		t.Fatalf("%d caches", len(paths))
	}
	return paths[0]
}

func short(ids []string) []string { return ids[:min(len(ids), 10)] }

// continueTurn adds a prompt and an answer to a session.
func continueTurn(t testing.TB, st *Store, e Entry) {
	t.Helper()
	w, err := st.Continue(e, user("more"))
	must(t, err)
	must(t, w.Finish(answer("yes")))
}

// copyTree copies a store as cp -r does: all modification times are new.
func copyTree(t testing.TB, from, to string) {
	t.Helper()
	must(t, os.CopyFS(to, os.DirFS(from)))
}

// aYear makes sessions over a year, each used an hour after it began, and returns them, the
// oldest first.
func aYear(t testing.TB, st *Store, n int, from time.Time) (all []Entry) {
	t.Helper()
	for i := range n {
		began := from.Add(time.Duration(i) * 365 * 24 * time.Hour / time.Duration(n))
		all = append(all, addUsed(t, st, fmt.Sprintf("y%07d", i), began, began.Add(time.Hour)))
	}
	return all
}

func TestUsedLast(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC()
	st := newStore(t, Options{})
	all := aYear(t, st, 100, now.AddDate(-1, 0, 0))
	checkOrder(t, st, "at first")
	continueTurn(t, st, all[0])
	checkOrder(t, st, "the oldest continued")
	fresh := save(t, st, "q", "a")
	checkOrder(t, st, "a new one")
	continueTurn(t, st, all[50])
	checkOrder(t, st, "an old one again")
	must(t, st.Retitle(all[7], "a title is no use"))
	checkOrder(t, st, "a title")
	w, err := st.Continue(all[3], user("still being answered"))
	must(t, err)
	checkOrder(t, st, "an answer still comes")
	must(t, w.Fail("401", "no"))
	checkOrder(t, st, "a failed prompt")
	must(t, st.Trash().Take(fresh))
	checkOrder(t, st, "one removed")
	_, err = st.Trash().Restore(trashed(t, st)[0])
	must(t, err)
	checkOrder(t, st, "brought back")
	_, err = st.Copy(all[20], 0, "")
	must(t, err)
	checkOrder(t, st, "a copy")

	recent := listed(t, st, Filter{Since: time.Now().Add(-time.Minute)})
	if want := truth(t, st)[:5]; !slices.Equal(recent, want) {
		t.Errorf("since a minute: %v, want %v", recent, want)
	}
	older := listed(t, st, Filter{Until: now.AddDate(0, 0, -30)})
	for _, e := range []Entry{all[0], all[3], all[50], all[99]} {
		if slices.Contains(older, e.ID) {
			t.Errorf("%s is older than 30 days", e.ID)
		}
	}
	if len(older) != 91-3 && len(older) != 92-3 {
		t.Errorf("%d are older than 30 days", len(older))
	}
	if got := listed(t, st, Filter{Since: time.Now().Add(-time.Minute), Among: []Entry{all[0], all[1]}}); !slices.Equal(got, []string{all[0].ID}) {
		t.Errorf("of two: %v", got)
	}
}

// The order is right wherever the store came from and whatever became of the cache.
func TestUsedLastSurvives(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC()
	st := newStore(t, Options{})
	all := aYear(t, st, 60, now.AddDate(-1, 0, 0))
	checkOrder(t, st, "at first")
	continueTurn(t, st, all[0])

	t.Run("no cache", func(t *testing.T) {
		must(t, os.RemoveAll(filepath.Join(st.dir, "cache")))
		checkOrder(t, st, "deleted")
		continueTurn(t, st, all[1])
		checkOrder(t, st, "and then used")
	})
	t.Run("copied", func(t *testing.T) {
		to := newStore(t, Options{})
		copyTree(t, st.dir, to.dir)
		checkOrder(t, to, "copied")
		continueTurn(t, to, Entry{all[2].ID, filepath.Join(to.dir, record.InStore(all[2].Path))})
		checkOrder(t, to, "and then used")
	})
	t.Run("copied while it was in use", func(t *testing.T) {
		to := newStore(t, Options{})
		copyTree(t, st.dir, to.dir)
		checkOrder(t, to, "copied")
		other := newStore(t, Options{})
		copyTree(t, to.dir, other.dir)
		continueTurn(t, other, Entry{all[4].ID, filepath.Join(other.dir, record.InStore(all[4].Path))})
		// As a program for synchronizing does: a new file with the name of the old one.
		path := filepath.Join(to.dir, record.InStore(all[4].Path))
		must(t, os.WriteFile(path+".partial", []byte(read(t, filepath.Join(other.dir, record.InStore(all[4].Path)))), 0o600))
		must(t, os.Rename(path+".partial", path))
		checkOrder(t, to, "one session synchronized")
	})
	t.Run("taken back to an earlier state", func(t *testing.T) {
		before := read(t, all[5].Path)
		continueTurn(t, st, all[5])
		checkOrder(t, st, "used")
		write(t, all[5].Path, before)
		checkOrder(t, st, "restored")
	})
	t.Run("a cache that is no cache", func(t *testing.T) {
		path := cachePath(t, st)
		for _, bad := range []string{"", "\n", "use 1 2\n", "known 0 0 x\n", strings.Repeat("\x00", 1<<20), "use 9 9 " + strings.Repeat("x", 1<<20)} {
			write(t, path, bad)
			checkOrder(t, st, fmt.Sprintf("%.20q", bad))
		}
		must(t, os.Remove(path))
		must(t, os.MkdirAll(filepath.Join(path, "x"), 0o700))
		checkOrder(t, st, "a directory")
		must(t, os.RemoveAll(path))
		must(t, os.RemoveAll(filepath.Dir(path)))
		write(t, filepath.Dir(path), "a file")
		checkOrder(t, st, "a file in place of the directory")
	})
}

// 200 turns at once leave the order right, new sessions and old ones, while others list.
func TestUsedLastByManyAtOnce(t *testing.T) {
	t.Parallel()
	const turns = 200
	dir := newStore(t, Options{}).dir
	all := aYear(t, New(Options{Dir: dir}), turns/2, time.Now().UTC().AddDate(-1, 0, 0))
	var wait sync.WaitGroup
	for i := range turns {
		wait.Go(func() {
			st := New(Options{Dir: dir})
			if i%2 == 0 {
				continueTurn(t, st, all[i/2])
			} else {
				save(t, st, "q", "a")
			}
		})
		if i%20 == 0 {
			wait.Go(func() { listed(t, New(Options{Dir: dir}), Filter{}) })
		}
	}
	wait.Wait()
	checkOrder(t, New(Options{Dir: dir}), "after all")
}

// A session that is used while a list makes a new cache is listed where it belongs.
func TestUsedWhileACacheIsMade(t *testing.T) {
	t.Parallel()
	st := newStore(t, Options{})
	all := aYear(t, st, 200, time.Now().UTC().AddDate(-1, 0, 0))
	for i := range 30 {
		must(t, os.RemoveAll(filepath.Join(st.dir, "cache")))
		var list sync.WaitGroup
		list.Go(func() { listed(t, st, Filter{}) })
		continueTurn(t, st, all[i])
		list.Wait()
		checkOrder(t, st, fmt.Sprint("used while list ", i, " was made"))
	}
}

// A cache that is much longer than what is read at once is read as far as needed.
func TestUsedLastOfALongCache(t *testing.T) {
	st := newStore(t, Options{})
	all := aYear(t, st, 30, time.Now().UTC().AddDate(-1, 0, 0))
	checkOrder(t, st, "at first")
	cache, err := os.OpenFile(cachePath(t, st), os.O_WRONLY|os.O_APPEND, 0)
	must(t, err)
	defer cache.Close()
	for i := range 3000 {
		at := time.Now()
		_, err := fmt.Fprintf(cache, "use %d %d 2026-01/2026-01-01_00-00-00_z%07d.jsonl\n", at.UnixNano(), at.UnixNano(), i)
		must(t, err)
		if i%500 == 0 {
			continueTurn(t, st, all[i/500])
		}
	}
	checkOrder(t, st, "of a long cache")
}

// Sessions that an earlier oax named by another pattern have their place too.
func TestUsedLastOfOtherNames(t *testing.T) {
	st := newStore(t, Options{})
	now := time.Now().UTC()
	for i, e := range aYear(t, st, 40, now.AddDate(-1, 0, 0)) {
		if i%3 == 0 {
			must(t, os.Rename(e.Path, filepath.Join(filepath.Dir(e.Path), "chat 7_"+e.ID+record.Extension)))
		}
	}
	checkOrder(t, st, "other names")
}

// A store that is only read stays as it is, and is listed in the right order.
func TestUsedLastReadOnly(t *testing.T) {
	st := newStore(t, Options{})
	all := aYear(t, st, 30, time.Now().UTC().AddDate(-1, 0, 0))
	temp := filepath.Join(filepath.Dir(all[0].Path), tempPrefix+"ab000001")
	write(t, temp, "of a process that died")
	must(t, os.Chtimes(temp, start.AddDate(-1, 0, 0), start.AddDate(-1, 0, 0)))
	continueTurn(t, st, all[0])
	st.ReadOnly = true
	checkOrder(t, st, "read only")
	if _, err := os.Lstat(filepath.Join(st.dir, "cache")); err == nil {
		t.Error("there is a cache")
	}
	if _, err := os.Lstat(temp); err != nil {
		t.Error("something was put right")
	}
}

// FuzzCache checks that no bytes in the cache keep sessions from being listed, each once.
func FuzzCache(f *testing.F) {
	f.Add([]byte("use 1 1 2026-11/2026-11-21_23-45-12_aaaaaaa1.jsonl\nknown 0 0 2026-11=1 \nmade 1 2 2026-11\n"))
	f.Add([]byte("known 0 0 \nuse 9223372036854775807 -9223372036854775808 \nuse 1 1 ../../x\n"))
	st := newStore(f, Options{})
	for i := range 3 {
		addUsed(f, st, fmt.Sprintf("aaaaaaa%d", i), start, start.Add(time.Duration(i)*time.Hour))
	}
	listed(f, st, Filter{})
	path := cachePath(f, st)
	f.Fuzz(func(t *testing.T, cache []byte) {
		write(t, path, string(cache))
		ids := listed(t, st, Filter{})
		slices.Sort(ids)
		if !slices.Equal(ids, []string{"aaaaaaa0", "aaaaaaa1", "aaaaaaa2"}) {
			t.Errorf("%q", ids)
		}
	})
}
