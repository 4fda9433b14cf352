package cli

import (
	"fmt"
	"time"

	"oax/internal/term"

	"github.com/itchyny/timefmt-go"
)

// defaultTime is how times look unless the configuration says otherwise.
const defaultTime = "%F %R"

// clock formats a time as the configuration says, in the person's time zone.
func (env *Env) clock(t time.Time) string {
	if env.config != nil && env.config.TimeFormat != "" {
		return formatTime(t, env.config.TimeFormat)
	}
	return formatTime(t, defaultTime)
}

func formatTime(t time.Time, pattern string) string {
	if t.IsZero() {
		return "-"
	}
	return term.Line(timefmt.Format(t.Local(), pattern))
}

// relative is when something was as a person says it: 3m ago, 5h ago, yesterday,
// Tue 14:30, 12 Nov, 12 Nov 2025. It is at most eleven columns wide; both times are
// to be in the person's zone.
func relative(at, now time.Time) string {
	const clearlyToday = 12 * time.Hour // at one in the morning, ten in the evening is 3h ago
	passed, days := now.Sub(at), daysBetween(at, now)
	switch {
	case passed < -time.Minute: // a clock is wrong
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

// daysBetween returns how many midnights have passed, whatever length the days had.
func daysBetween(at, now time.Time) int {
	day := func(t time.Time) time.Time {
		year, month, day := t.Date()
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	}
	return int(day(now).Sub(day(at)) / (24 * time.Hour))
}
