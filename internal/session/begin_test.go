package session

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestBeginning(t *testing.T) {
	st := newStore(t, Options{})
	beginning := func(ref string) (ids []string) {
		for e := range st.Beginning(ref) {
			ids = append(ids, e.ID)
			if filepath.Base(e.Path) == "" || idOf(filepath.Base(e.Path)) != e.ID {
				t.Errorf("%s is at %s", e.ID, e.Path)
			}
		}
		return ids
	}
	if ids := beginning(""); ids != nil {
		t.Errorf("a store that is not there has %v", ids)
	}
	place(t, st,
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
	for range st.Beginning("a") {
		break
	}
}

// What a dead process left stays where it is.
func TestBeginningOnlyReads(t *testing.T) {
	st := newStore(t, Options{Now: clock()})
	save(t, st, "q", "a")
	temp := filepath.Join(st.dir, "2026-11", tempPrefix+"ab000001")
	write(t, temp, "x")
	long := start.Add(-48 * time.Hour)
	must(t, os.Chtimes(temp, long, long))
	for range st.Beginning("") {
	}
	if _, err := os.Lstat(temp); err != nil {
		t.Error(err)
	}
	for range st.Newest() {
	}
	if _, err := os.Lstat(temp); err == nil {
		t.Error("the leftover is one that Newest does not remove either")
	}
}
