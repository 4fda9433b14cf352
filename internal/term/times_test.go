package term

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
		if got := Relative(at, now); err != nil || got != c.want {
			t.Errorf("Relative(%s) = %q, want %q", c.at, got, c.want)
		}
	}
	later := now.Add(15 * time.Hour)
	if got := Relative(now, later); got != "15h ago" {
		t.Errorf("the same day: %q", got)
	}
}

func TestAge(t *testing.T) {
	now := time.Date(2026, 11, 21, 1, 30, 0, 0, time.UTC)
	for want, passed := range map[string]time.Duration{
		"now": 59 * time.Second, "59m": 59 * time.Minute, "23h": 23 * time.Hour, "99d": 99 * 24 * time.Hour,
		"99w": 700 * 24 * time.Hour, "3y": 3 * 366 * 24 * time.Hour,
	} {
		if got := Age(now.Add(-passed), now); got != want {
			t.Errorf("%v: %q, want %q", passed, got, want)
		}
	}
	if got := Age(time.Time{}, now); got != "?" {
		t.Errorf("no time: %q", got)
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 50 * time.Microsecond: "0.1 ms", 1234 * time.Microsecond: "1.2 ms", 35 * time.Millisecond: "35 ms",
		200 * time.Millisecond: "0.2 s", time.Second: "1 s", 1500 * time.Millisecond: "1.5 s", 300 * time.Second: "300 s",
		10 * time.Minute: "10 min", 90 * time.Minute: "90 min",
	} {
		if got := Duration(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

func TestClock(t *testing.T) {
	at := time.Date(2026, 11, 21, 14, 30, 5, 0, time.Local)
	for pattern, want := range map[string]string{"": "2026-11-21 14:30", "%d.%m.%Y": "21.11.2026", "%H\x1b%M": "14^[30"} {
		if got := Clock(at, pattern); got != want {
			t.Errorf("%q: %q, want %q", pattern, got, want)
		}
	}
	if got := Clock(time.Time{}, ""); got != "-" {
		t.Errorf("no time: %q", got)
	}
}

func TestParseSpan(t *testing.T) {
	zone := time.FixedZone("", 9*3600)
	now := time.Date(2026, 11, 21, 14, 30, 5, 0, zone) // a Saturday
	for _, c := range []struct{ text, begin, end string }{
		{"2d", "2026-11-19 14:30:05", "2026-11-19 14:30:05"},
		{"3w", "2026-10-31 14:30:05", ""},
		{"12h", "2026-11-21 02:30:05", ""},
		{"6mo", "2026-05-21 14:30:05", ""},
		{"1y", "2025-11-21 14:30:05", ""},
		{"90m", "2026-11-21 13:00:05", ""},
		{"today", "2026-11-21 00:00:00", "2026-11-22 00:00:00"},
		{" Yesterday ", "2026-11-20 00:00:00", "2026-11-21 00:00:00"},
		{"saturday", "2026-11-21 00:00:00", "2026-11-22 00:00:00"},
		{"Monday", "2026-11-16 00:00:00", "2026-11-17 00:00:00"},
		{"sun", "2026-11-15 00:00:00", "2026-11-16 00:00:00"},
		{"2026-02-28", "2026-02-28 00:00:00", "2026-03-01 00:00:00"},
		{"2026-11-21 23:45", "2026-11-21 23:45:00", "2026-11-21 23:46:00"},
		{"2026-11-21T23:45", "2026-11-21 23:45:00", "2026-11-21 23:46:00"},
		{"2025-12", "2025-12-01 00:00:00", "2026-01-01 00:00:00"},
		{"2025", "2025-01-01 00:00:00", "2026-01-01 00:00:00"},
		{"14:30", "2026-11-21 14:30:00", "2026-11-21 14:31:00"},
		{"14:31", "2026-11-20 14:31:00", "2026-11-20 14:32:00"},
	} {
		if c.end == "" {
			c.end = c.begin
		}
		begin, end, err := ParseSpan(c.text, now)
		if err != nil || stamp(begin) != c.begin || stamp(end) != c.end {
			t.Errorf("%q: from %s to %s, %v, want %s to %s", c.text, stamp(begin), stamp(end), err, c.begin, c.end)
		}
		if begin.Location() != zone {
			t.Errorf("%q is in %v", c.text, begin.Location())
		}
	}
}

func TestParseSpanRefuses(t *testing.T) {
	for _, text := range []string{
		"", "d", "2", "-2d", "+2d", "2.5d", "99999999d", "2x", "tomorrow", "mo", "2026-02-31", "2026-13",
		"2026-1-5", "25:00", "12:60", "24:00", "2026-11-21 23", "2026-11-21  23:45", "%Y", "\x1b[2J",
	} {
		_, _, err := ParseSpan(text, time.Date(2026, 11, 21, 14, 30, 5, 0, time.UTC))
		if e, ok := err.(*TimeError); !ok || e.Text != text {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestParseSpanWhereMidnightIsMissing(t *testing.T) {
	zone, err := time.LoadLocation("America/Santiago")
	if err != nil {
		t.Fatal(err)
	}
	begin, _, err := ParseSpan("2026-09-06", time.Date(2026, 11, 21, 14, 30, 5, 0, zone))
	if err != nil || begin.Before(time.Date(2026, 9, 5, 22, 59, 0, 0, zone)) {
		t.Errorf("%v, %v", begin, err)
	}
}

func stamp(t time.Time) string { return t.Format(time.DateTime) }
