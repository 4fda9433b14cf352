package term

import (
	"testing"
	"time"
)

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
