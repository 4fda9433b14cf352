package openai

import (
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// mostRetries follow the first try, unless the kind of error says fewer.
const mostRetries = 2

// retries returns how often a request that failed so is sent again.
func (e *Error) retries() int {
	switch e.Kind {
	case NoReply, ResetBeforeReply:
		return 1
	case Refused:
		if !e.local {
			return mostRetries
		}
	case BadStatus, ServiceError:
		if e.RetryAfter <= longestWait && e.passing() {
			return mostRetries
		}
	}
	return 0
}

// passing reports whether the service may answer the same request later.
func (e *Error) passing() bool {
	switch e.Status {
	case 408, 409, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529:
		return e.shouldRetry != "false"
	case http.StatusOK:
		return e.Busy()
	}
	return e.shouldRetry == "true"
}

// Busy reports whether an error at status 200 speaks of load.
func (e *Error) Busy() bool {
	text := strings.ToLower(e.Code + " " + e.Message)
	for _, word := range []string{"rate limit", "rate_limit", "overload", "429", "503", "529", "too many requests"} {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

const (
	// longestWait is the longest wish of a service that is waited for.
	longestWait = 60 * time.Second
	firstWait   = 500 * time.Millisecond
	mostWait    = 8 * time.Second
)

// wait returns the time before the given retry: what the service asked for, or
// half a second doubled each time, less up to a quarter so that many clients do
// not come back at once.
func (e *Error) wait(try int) time.Duration {
	if e.RetryAfter > 0 {
		return e.RetryAfter
	}
	wait := min(firstWait<<(try-1), mostWait)
	return wait - rand.N(wait/4)
}

// retryAfter returns how long the service wants to be left alone, or 0 if it
// does not say, or not in a way that makes sense. retry-after-ms, in milliseconds,
// goes before Retry-After, in seconds or as a date (RFC 9110, section 10.2.3).
func retryAfter(header http.Header, now time.Time) time.Duration {
	if wait, ok := positive(header.Get("Retry-After-Ms"), time.Millisecond); ok {
		return wait
	}
	value := header.Get("Retry-After")
	if wait, ok := positive(value, time.Second); ok {
		return wait
	}
	if date, err := http.ParseTime(value); err == nil && date.After(now) {
		return date.Sub(now)
	}
	return 0
}

// positive parses a number of units above 0; what a Duration cannot hold is cut.
func positive(value string, unit time.Duration) (time.Duration, bool) {
	number, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || math.IsNaN(number) || number <= 0 {
		return 0, false
	}
	if number > float64(math.MaxInt64/unit) {
		return math.MaxInt64, true
	}
	return time.Duration(number * float64(unit)), true
}
