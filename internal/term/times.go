package term

import (
	"cmp"
	"fmt"
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
