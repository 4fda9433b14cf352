package session

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestBetween sets every bound at, before and after every session, in a store where an
// earlier oax named every other session by another pattern.
func TestBetween(t *testing.T) {
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
			must(t, os.Rename(e.Path, filepath.Join(filepath.Dir(e.Path), now.Format("20060102T150405_")+e.ID+extension)))
		}
	}
	st := newStore(t, Options{Dir: dir})
	bounds := []time.Time{{}}
	for _, at := range times {
		bounds = append(bounds, at.Add(-time.Second), at, at.Add(time.Second))
	}
	for _, since := range bounds {
		for _, until := range bounds {
			got := map[string]bool{}
			for e, err := range st.Between(since, until) {
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

func TestBetweenListsNoOtherMonth(t *testing.T) {
	now := start
	st := newStore(t, Options{Now: func() time.Time { return now }})
	save(t, st, "old", "a")
	now = start.AddDate(0, 1, 0)
	e := save(t, st, "new", "a")
	write(t, filepath.Join(st.dir, "2026-10"), "no directory") // listing it would be an error
	var ids []string
	for e, err := range st.Between(now.AddDate(0, 0, -2), now.AddDate(0, 0, 2)) {
		must(t, err)
		ids = append(ids, e.ID)
	}
	if got := strings.Join(ids, " "); got != e.ID {
		t.Errorf("%s, want %s", got, e.ID)
	}
}
