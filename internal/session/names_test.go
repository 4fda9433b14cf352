package session

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func long(n int, s string) string { return strings.Repeat(s, n) }

func TestIDsSortWithinASecond(t *testing.T) {
	var ids []string
	for i := range 1000 {
		ids = append(ids, newID(start.Add(time.Duration(i)*time.Millisecond)))
	}
	if !slices.IsSorted(ids) {
		t.Error("IDs of one second are not in the order of time")
	}
	if last := newID(start.Add(time.Second - 1)); last[:3] != "zzz" || len(last) != idLen || !isRef(last) {
		t.Errorf("the last ID of a second is %q", last)
	}
	if !slices.IsSorted([]byte(alphabet)) || len(alphabet) != 32 {
		t.Error("the alphabet is not in order")
	}
}

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

func TestIDOfName(t *testing.T) {
	for name, id := range map[string]string{
		"2026_k3f9q2ab.jsonl":      "k3f9q2ab",
		"a_b_oooooooo.jsonl":       "oooooooo",
		"_k3f9q2ab.jsonl":          "k3f9q2ab",
		"2026_k3f9q2ab.torn":       "",
		".tmp-k3f9q2ab":            "",
		"k3f9q2ab.jsonl":           "k3f9q2ab",
		"2026_k3f9q2a.jsonl":       "",
		"2026_k3f9q2a\x1b.jsonl":   "",
		"2026_K3F9Q2AB.jsonl":      "",
		"2026_k3f9q2ab.jsonl.lock": "",
		"":                         "",
	} {
		if got := idOf(name); got != id {
			t.Errorf("idOf(%q) = %q, want %q", name, got, id)
		}
	}
}
