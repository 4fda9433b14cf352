package term

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/itchyny/timefmt-go"
)

// defaultTime is the pattern of Clock that needs no configuration.
const defaultTime = "%F %R"

// FormatTime formats a time by a pattern of strftime(3), in the time's own zone.
func FormatTime(t time.Time, pattern string) string { return timefmt.Format(t, pattern) }

// ParseTime reads a time that FormatTime wrote, as UTC. The error is timefmt's.
func ParseTime(text, pattern string) (time.Time, error) { return timefmt.Parse(text, pattern) }

// Clock returns a time in the local zone as one line of visible text, by a pattern of
// strftime(3); an empty pattern is "%F %R". A time that is zero is "-".
func Clock(t time.Time, pattern string) string {
	if t.IsZero() {
		return "-"
	}
	return Line(FormatTime(t.Local(), cmp.Or(pattern, defaultTime)))
}

// Relative returns when something was, as a person says it: 3m ago, 5h ago, yesterday,
// Tue 14:30, 12 Nov, 12 Nov 2025. It takes at most eleven columns. Both times must be in
// the person's zone.
func Relative(at, now time.Time) string {
	const clearlyToday = 12 * time.Hour // at one in the morning, ten in the evening is 3h ago
	passed, days := now.Sub(at), daysBetween(at, now)
	switch {
	case passed < -time.Minute: // one of the clocks is not right
	case passed < time.Minute:
		return "just now"
	case passed < time.Hour:
		return fmt.Sprintf("%dm ago", passed/time.Minute)
	case days == 0 || passed < clearlyToday:
		return fmt.Sprintf("%dh ago", passed/time.Hour)
	case days == 1:
		return "yesterday"
	case days < 7:
		return at.Format("Mon 15:04")
	}
	if at.Year() == now.Year() {
		return at.Format("2 Jan")
	}
	return at.Format("2 Jan 2006")
}

// daysBetween returns the number of midnights between two times, however long the days
// were.
func daysBetween(at, now time.Time) int {
	day := func(t time.Time) time.Time {
		year, month, day := t.Date()
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	}
	return int(day(now).Sub(day(at)) / (24 * time.Hour))
}

// Age returns how long ago a time was, in at most three characters: now, 5m, 3h, 12d,
// 20w, 2y, or ? for a time that is zero.
func Age(at, now time.Time) string {
	const day = 24 * time.Hour
	passed := now.Sub(at)
	switch {
	case at.IsZero():
		return "?"
	case passed < time.Minute:
		return "now"
	case passed < time.Hour:
		return fmt.Sprintf("%dm", passed/time.Minute)
	case passed < day:
		return fmt.Sprintf("%dh", passed/time.Hour)
	case passed < 100*day:
		return fmt.Sprintf("%dd", passed/day)
	case passed < 2*365*day:
		return fmt.Sprintf("%dw", min(passed/(7*day), 99))
	}
	return fmt.Sprintf("%dy", passed/(365*day))
}

// Duration returns a duration in milliseconds below 100 ms, in seconds to three digits
// below 10 minutes, else in whole minutes.
func Duration(d time.Duration) string {
	switch {
	case d >= 10*time.Minute:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d == 0 || d >= 100*time.Millisecond:
		return fmt.Sprintf("%.3g s", d.Seconds())
	case d >= 10*time.Millisecond:
		return fmt.Sprintf("%.0f ms", d.Seconds()*1000)
	}
	return fmt.Sprintf("%.1f ms", d.Seconds()*1000)
}

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

// lastAt returns the last time before now at which the clock showed hour and minute.
func lastAt(hour, minute int, now time.Time) time.Time {
	year, month, day := now.Date()
	at := time.Date(year, month, day, hour, minute, 0, 0, now.Location())
	if at.After(now) {
		at = time.Date(year, month, day-1, hour, minute, 0, 0, now.Location())
	}
	return at
}
