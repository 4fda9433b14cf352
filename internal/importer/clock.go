package importer

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
)

// earliest is before any program there is of this kind.
const earliest = 2010

// sane returns t if a chat can have been at that time, else zero.
func (s *scan) sane(t time.Time) time.Time {
	if t.Year() < earliest || t.After(s.now.Add(24*time.Hour)) {
		return time.Time{}
	}
	return t
}

// first returns the first time that is one, and now if there is none.
func (s *scan) first(times ...time.Time) time.Time {
	for _, t := range times {
		if t = s.sane(t); !t.IsZero() {
			return t
		}
	}
	return s.now
}

// begun returns when a chat began: at the time of its first message, if there is
// one, or else at one of other times.
func (s *scan) begun(messages []Message, others ...time.Time) time.Time {
	for _, m := range messages {
		if t := s.sane(m.Time); !t.IsZero() {
			return t
		}
	}
	return s.first(others...)
}

// timeOf reads a time as JSON has it: a text, or seconds, or milliseconds since 1970.
func (s *scan) timeOf(raw json.RawMessage) time.Time {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		text = string(raw)
	}
	return s.sane(parseTime(strings.TrimSpace(text)))
}

// parseTime reads a time in any of the forms that are met. Without a zone it is UTC.
func parseTime(text string) time.Time {
	for _, layout := range []string{
		time.RFC3339Nano, "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999",
		"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999 -0700 MST",
	} {
		if t, err := time.Parse(layout, text); err == nil {
			return t
		}
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(seconds) || math.Abs(seconds) > 1e15 {
		return time.Time{}
	}
	if seconds > 1e11 {
		seconds /= 1000
	}
	whole, fraction := math.Modf(seconds)
	return time.Unix(int64(whole), int64(fraction*1e9)).UTC()
}
