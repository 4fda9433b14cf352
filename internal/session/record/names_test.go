package record

import (
	"slices"
	"testing"
	"time"
)

func TestIDsSortWithinASecond(t *testing.T) {
	var ids []string
	for i := range 1000 {
		ids = append(ids, NewID(time.Date(2026, 11, 21, 23, 45, 12, 0, time.UTC).Add(time.Duration(i)*time.Millisecond)))
	}
	if !slices.IsSorted(ids) {
		t.Error("IDs of one second are not in the order of time")
	}
	if last := NewID(time.Date(2026, 11, 21, 23, 45, 12, 0, time.UTC).Add(time.Second - 1)); last[:3] != "zzz" || len(last) != idLen || !IsRef(last) {
		t.Errorf("the last ID of a second is %q", last)
	}
	if !slices.IsSorted([]byte(alphabet)) || len(alphabet) != 32 {
		t.Error("the alphabet is not in order")
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
		if got := IDOf(name); got != id {
			t.Errorf("idOf(%q) = %q, want %q", name, got, id)
		}
	}
}
