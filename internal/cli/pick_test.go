package cli

import (
	"testing"
	"time"

	"oax/internal/picker"
	"oax/internal/session"
)

func TestAge(t *testing.T) {
	now := time.Date(2026, 11, 21, 23, 0, 0, 0, time.UTC)
	for passed, want := range map[time.Duration]string{
		-time.Hour: "now", 0: "now", time.Minute: "1m", 59 * time.Minute: "59m", time.Hour: "1h", 23*time.Hour + 59*time.Minute: "23h",
		24 * time.Hour: "1d", 99 * 24 * time.Hour: "99d", 100 * 24 * time.Hour: "14w", 729 * 24 * time.Hour: "99w", 730 * 24 * time.Hour: "2y",
		99 * 365 * 24 * time.Hour: "99y",
	} {
		if got := age(now.Add(-passed), now); got != want {
			t.Errorf("%v ago is %q, want %q", passed, got, want)
		}
	}
	if got := age(time.Time{}, now); got != "?" {
		t.Errorf("no time is %q", got)
	}
}

func TestLabel(t *testing.T) {
	now := time.Date(2026, 11, 21, 23, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		title, opening string
		open           bool
		want           string
	}{
		{"How?", "How?", false, "  2h How?"},
		{"How?", "How?", true, "● 2h How?"},
		{"How does it…", "How does it\nwork?", false, "  2h How does it work?"},
		{"A heading", "## A heading\n\nand more", false, "  2h A heading and more"},
		{"## A heading", "## A heading\n\nand more", false, "  2h A heading and more"},
		{"given", "How does it\nwork?", false, "  2h given  How does it work?"},
		{"a\x1b[31m\nb", "x", false, "  2h a^[[31m b  x"},
		{"", "", false, "  2h "},
		{"並行", "並行処理と並列処理の違いを教えてください。並行処理と並列処理の違いを教えてください。", false,
			"  2h 並行処理と並列処理の違いを教えてください。並行処理と並列処理の…"},
	} {
		g := session.Glance{Title: c.title, Opening: c.opening, Time: now.Add(-2 * time.Hour)}
		if got := label(g, c.open, now); got != c.want {
			t.Errorf("label of %q, %q: %q, want %q", c.title, c.opening, got, c.want)
		}
	}
}

// Of those found, the ones whose title has the words come first, each kind in the
// order it was in.
func TestTitledFirst(t *testing.T) {
	items := []picker.Item{{ID: "1", Label: "other"}, {ID: "2", Label: "Go and Rust"}, {ID: "3", Label: "rust"}, {ID: "4", Label: "RUST, then go"}}
	order := ""
	for _, item := range titledFirst(items, "go rust") {
		order += item.ID
	}
	if order != "2413" {
		t.Errorf("the order is %s", order)
	}
}
