package cli

import (
	"testing"
	"time"
)

func TestRelative(t *testing.T) {
	now := time.Date(2026, 11, 21, 1, 30, 0, 0, time.UTC)
	for _, c := range []struct{ at, want string }{
		{"2026-11-21 01:29:30", "just now"},
		{"2026-11-21 01:30:30", "just now"}, // clocks differ a little
		{"2026-11-21 01:29:00", "1m ago"},
		{"2026-11-21 00:30:01", "59m ago"},
		{"2026-11-21 00:30:00", "1h ago"},
		{"2026-11-20 22:30:00", "3h ago"},
		{"2026-11-20 13:30:00", "yesterday"},
		{"2026-11-20 00:00:00", "yesterday"},
		{"2026-11-19 23:59:59", "Thu 23:59"},
		{"2026-11-15 09:05:00", "Sun 09:05"},
		{"2026-11-14 23:59:59", "14 Nov"},
		{"2026-01-02 00:00:00", "2 Jan"},
		{"2025-12-31 23:59:59", "31 Dec 2025"},
		{"2026-11-22 00:00:00", "22 Nov"},
		{"2031-11-22 00:00:00", "22 Nov 2031"},
	} {
		at, err := time.Parse(time.DateTime, c.at)
		if got := relative(at, now); err != nil || got != c.want {
			t.Errorf("relative(%s) = %q, want %q", c.at, got, c.want)
		}
	}
	later := now.Add(15 * time.Hour)
	if got := relative(now, later); got != "15h ago" {
		t.Errorf("the same day: %q", got)
	}
}
