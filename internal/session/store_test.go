package session

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"oax/internal/session/record"
)

func long(n int, s string) string { return strings.Repeat(s, n) }

func TestNamesAreUTC(t *testing.T) {
	east := time.FixedZone("", 9*3600)
	st := newStore(t, Options{Now: func() time.Time { return time.Date(2026, 12, 1, 8, 0, 0, 0, east) }})
	e := save(t, st, "q", "a")
	if !strings.Contains(e.Path, "/2026-11/2026-11-30_23-00-00_"+e.ID+".jsonl") {
		t.Errorf("path %s", e.Path)
	}
	if s := load(t, st, e); !s.Time.Equal(st.now()) {
		t.Errorf("time %v", s.Time)
	}
}

func TestListOfAPrefix(t *testing.T) {
	st := newStore(t, Options{})
	beginning := func(ref string) (ids []string) {
		for e := range st.List(Filter{Prefix: ref}) {
			ids = append(ids, e.ID)
			if filepath.Base(e.Path) == "" || record.IDOf(filepath.Base(e.Path)) != e.ID {
				t.Errorf("%s is at %s", e.ID, e.Path)
			}
		}
		return ids
	}
	if ids := beginning(""); ids != nil {
		t.Errorf("a store that is not there has %v", ids)
	}
	addEmpty(t, st,
		"2026-11/2026-11-21_00-00-00_ab000001", "2026-11/2026-11-21_00-00-01_abc00002",
		"2026-12/2026-12-01_00-00-00_ab000003", "2026-12/2026-12-02_00-00-00_b0000004",
		"other/2027-01-01_00-00-00_ab000005")
	write(t, filepath.Join(st.dir, "2026-11/notes.txt"), "x")
	for ref, want := range map[string][]string{
		"":          {"b0000004", "ab000003", "abc00002", "ab000001"},
		"ab":        {"ab000003", "abc00002", "ab000001"},
		"abc00002":  {"abc00002"},
		"abc000022": nil,
		"@":         nil,
	} {
		if got := beginning(ref); !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", ref, got, want)
		}
	}
	for range st.List(Filter{Prefix: "a"}) {
		break
	}
}

// TestListWithinTime sets every bound at, before and after every session, in a store where an
// earlier oax named every other session by another pattern.
func TestListWithinTime(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "sessions")
	began := []string{"2025-12-31 23:59:59", "2026-01-01 00:00:00", "2026-10-31 12:00:00", "2026-11-01 00:00:00", "2026-11-01 00:00:01", "2026-11-30 10:00:00"}
	times := map[string]time.Time{}
	for i, at := range began {
		now, err := time.Parse(time.DateTime, at)
		must(t, err)
		st := newStore(t, Options{Dir: dir, Now: func() time.Time { return now }})
		e := save(t, st, "q", "a")
		times[e.ID] = now
		if i%2 == 1 {
			must(t, os.Rename(e.Path, filepath.Join(filepath.Dir(e.Path), now.Format("20060102T150405_")+e.ID+record.Extension)))
		}
	}
	st := newStore(t, Options{Dir: dir})
	time.Sleep(2 * time.Second) // lists then go by the cache alone
	listed(t, st, Filter{})
	bounds := []time.Time{{}}
	for _, at := range times {
		bounds = append(bounds, at.Add(-time.Second), at, at.Add(time.Second))
	}
	for _, since := range bounds {
		for _, until := range bounds {
			got := map[string]bool{}
			for e, err := range st.List(Filter{Since: since, Until: until}) {
				must(t, err)
				got[e.ID] = true
			}
			for id, at := range times {
				if want := !at.Before(since) && (until.IsZero() || at.Before(until)); got[id] != want {
					t.Errorf("from %v until %v: %v is in it: %v", since, until, at, got[id])
				}
			}
		}
	}
}

func TestListReadsNoOtherMonth(t *testing.T) {
	now := start
	st := newStore(t, Options{Now: func() time.Time { return now }})
	save(t, st, "old", "a")
	now = start.AddDate(0, 1, 0)
	e := save(t, st, "new", "a")
	write(t, filepath.Join(st.dir, "2026-10"), "no directory") // listing it would be an error
	var ids []string
	for e, err := range st.List(Filter{Since: now.AddDate(0, 0, -2), Until: now.AddDate(0, 0, 2)}) {
		must(t, err)
		ids = append(ids, e.ID)
	}
	if got := strings.Join(ids, " "); got != e.ID {
		t.Errorf("%s, want %s", got, e.ID)
	}
}
