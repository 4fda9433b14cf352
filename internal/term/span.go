package term

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// TimeError says that a text is no time.
type TimeError struct{ Text string }

func (e *TimeError) Error() string { return fmt.Sprintf("not a time: %q", e.Text) }

// ParseSpan returns the span of time that a person means by text, in the time zone of
// now, without its end. It is a moment some time ago (12h, 2d, 3w, 6mo, 1y), which is
// empty; a day (today, yesterday, monday, 2026-11-21), a month (2026-11), a year (2026);
// or a minute (2026-11-21 23:45, 23:45). A weekday is the last one, which may be today; a
// time of day is the last one, too. The error is a *TimeError.
func ParseSpan(text string, now time.Time) (begin, end time.Time, err error) {
	word := strings.ToLower(strings.TrimSpace(text))
	if at, ok := ago(word, now); ok {
		return at, at, nil
	}
	if days, ok := daysBack(word, now.Weekday()); ok {
		year, month, day := now.Date()
		return midnight(year, month, day-days, now), midnight(year, month, day-days+1, now), nil
	}
	if begin, end, ok := calendar(word, now); ok {
		return begin, end, nil
	}
	return begin, end, &TimeError{text}
}

// ago reads how long before now a moment is: 90m, 2d.
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

// calendar reads a date or a time of day. ParseTime reads February 31 as March 3, so the
// time must give the same text again.
func calendar(word string, now time.Time) (begin, end time.Time, ok bool) {
	for _, pattern := range []string{"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dt%H:%M", "%Y-%m", "%Y", "%H:%M"} {
		t, err := ParseTime(word, pattern)
		if err != nil || FormatTime(t, pattern) != word {
			continue
		}
		year, month, day := t.Date()
		switch pattern {
		case "%Y":
			return midnight(year, 1, 1, now), midnight(year+1, 1, 1, now), true
		case "%Y-%m":
			return midnight(year, month, 1, now), midnight(year, month+1, 1, now), true
		case "%Y-%m-%d":
			return midnight(year, month, day, now), midnight(year, month, day+1, now), true
		case "%H:%M":
			begin = lastAt(t.Hour(), t.Minute(), now)
		default:
			begin = time.Date(year, month, day, t.Hour(), t.Minute(), 0, 0, now.Location())
		}
		return begin, begin.Add(time.Minute), true
	}
	return begin, end, false
}

// midnight returns the beginning of a day.
func midnight(year int, month time.Month, day int, now time.Time) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, now.Location())
}

// lastAt returns the last time at which the clock showed so many hours and minutes.
func lastAt(hour, minute int, now time.Time) time.Time {
	year, month, day := now.Date()
	at := time.Date(year, month, day, hour, minute, 0, 0, now.Location())
	if at.After(now) {
		at = time.Date(year, month, day-1, hour, minute, 0, 0, now.Location())
	}
	return at
}
