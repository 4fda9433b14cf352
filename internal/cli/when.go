package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/itchyny/timefmt-go"
)

// parseWhen returns the moment that a person means by text, in the time zone of now:
// so long ago (12h, 2d, 3w, 6mo, 1y), or the beginning of a day (today, yesterday,
// monday, 2026-11-21), a month (2026-11), a year (2026) or a minute (2026-11-21 23:45,
// 23:45). A weekday is the last one, which may be today, and a time of day the last
// time it was so late. The error is a report with examples.
func parseWhen(text string, now time.Time) (time.Time, error) {
	begin, _, err := parseSpan(text, now)
	return begin, err
}

// parseUntil returns the end of what parseWhen returns the beginning of: of the day,
// the month, the minute. What was so long ago has no length.
func parseUntil(text string, now time.Time) (time.Time, error) {
	_, end, err := parseSpan(text, now)
	return end, err
}

func parseSpan(text string, now time.Time) (begin, end time.Time, err error) {
	word := strings.ToLower(strings.TrimSpace(text))
	if at, ok := ago(word, now); ok {
		return at, at, nil
	}
	if days, ok := daysBack(word, now.Weekday()); ok {
		year, month, day := now.Date()
		return date(year, month, day-days, now), date(year, month, day-days+1, now), nil
	}
	if begin, end, ok := calendar(word, now); ok {
		return begin, end, nil
	}
	return begin, end, &report{
		what: fmt.Sprintf("not a time: %q", text),
		hint: "2d, 3w, 6mo, 12h, today, yesterday, monday, 2026-11, 2026-11-21, 23:45 or \"2026-11-21 23:45\"",
		code: exitUsage, kind: "usage",
	}
}

// ago returns the moment so long before now.
func ago(word string, now time.Time) (time.Time, bool) {
	number := strings.TrimRight(word, "abcdefghijklmnopqrstuvwxyz")
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return time.Time{}, false
	}
	count := int(n)
	switch word[len(number):] {
	case "m", "min":
		return now.Add(-time.Duration(count) * time.Minute), true
	case "h":
		return now.Add(-time.Duration(count) * time.Hour), true
	case "d":
		return now.AddDate(0, 0, -count), true
	case "w":
		return now.AddDate(0, 0, -7*count), true
	case "mo":
		return now.AddDate(0, -count, 0), true
	case "y":
		return now.AddDate(-count, 0, 0), true
	}
	return time.Time{}, false
}

// daysBack returns how many days before today a day is.
func daysBack(word string, today time.Weekday) (int, bool) {
	switch word {
	case "today":
		return 0, true
	case "yesterday":
		return 1, true
	}
	for day := range time.Weekday(7) {
		if name := strings.ToLower(day.String()); word == name || word == name[:3] {
			return int(today-day+7) % 7, true
		}
	}
	return 0, false
}

// calendar reads a date or a time of day. timefmt takes February 31 for March 3, so
// what it read has to come out again.
func calendar(word string, now time.Time) (begin, end time.Time, ok bool) {
	for _, pattern := range []string{"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dt%H:%M", "%Y-%m", "%Y", "%H:%M"} {
		t, err := timefmt.Parse(word, pattern)
		if err != nil || timefmt.Format(t, pattern) != word {
			continue
		}
		year, month, day := t.Date()
		switch pattern {
		case "%Y":
			return date(year, 1, 1, now), date(year+1, 1, 1, now), true
		case "%Y-%m":
			return date(year, month, 1, now), date(year, month+1, 1, now), true
		case "%Y-%m-%d":
			return date(year, month, day, now), date(year, month, day+1, now), true
		case "%H:%M":
			begin = lastAt(t.Hour(), t.Minute(), now)
		default:
			begin = time.Date(year, month, day, t.Hour(), t.Minute(), 0, 0, now.Location())
		}
		return begin, begin.Add(time.Minute), true
	}
	return begin, end, false
}

// date is the beginning of a day.
func date(year int, month time.Month, day int, now time.Time) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, now.Location())
}

// lastAt returns when it was last so late.
func lastAt(hour, minute int, now time.Time) time.Time {
	year, month, day := now.Date()
	at := time.Date(year, month, day, hour, minute, 0, 0, now.Location())
	if at.After(now) {
		at = time.Date(year, month, day-1, hour, minute, 0, 0, now.Location())
	}
	return at
}
