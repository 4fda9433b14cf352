package importer

import (
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// minYear is before the first program of this kind.
const minYear = 2010

// plausible returns t, or zero if no chat can have been at that time.
func (s *scan) plausible(t time.Time) time.Time {
	if t.Year() < minYear || t.After(s.now.Add(24*time.Hour)) {
		return time.Time{}
	}
	return t
}

// firstTime returns the first plausible time, or now.
func (s *scan) firstTime(times ...time.Time) time.Time {
	for _, t := range times {
		if t = s.plausible(t); !t.IsZero() {
			return t
		}
	}
	return s.now
}

// startTime returns when a chat began: the time of its first message that has one, or
// else the first plausible one of the others.
func (s *scan) startTime(messages []Message, others ...time.Time) time.Time {
	for _, m := range messages {
		if t := s.plausible(m.Time); !t.IsZero() {
			return t
		}
	}
	return s.firstTime(others...)
}

// wireTime is the time of a chat or a message as programs name it.
type wireTime struct {
	Time      json.RawMessage `json:"time"`
	CreatedAt json.RawMessage `json:"created_at"`
	Created   json.RawMessage `json:"created"`
}

// timeOf reads the first plausible time of JSON values: a string, or seconds or
// milliseconds since 1970. It returns zero if there is none.
func (s *scan) timeOf(values ...json.RawMessage) time.Time {
	for _, raw := range values {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		if t := s.plausible(parseTime(strings.TrimSpace(text))); !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// parseTime reads a time in any of the forms that programs write, as UTC if it has no
// zone. It returns zero for anything else.
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

// timeInName finds the local time in a file name such as 2023-03-26_17-01-54_title.
// The rest of the name is the title.
func timeInName(name string) (t time.Time, title string) {
	at := regexp.MustCompile(`\d{4}-?\d{2}-?\d{2}(?:[_T ]?\d{2}[-:]?\d{2}[-:]?\d{2})?`).FindStringIndex(name)
	if at == nil {
		return time.Time{}, name
	}
	digits := regexp.MustCompile(`\D`).ReplaceAllString(name[at[0]:at[1]], "")
	t, err := time.ParseInLocation("20060102150405"[:len(digits)], digits, time.Local)
	if err != nil {
		return time.Time{}, name
	}
	return t, strings.Trim(name[:at[0]]+name[at[1]:], "_- ")
}
