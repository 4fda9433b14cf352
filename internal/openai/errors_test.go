package openai

import (
	"math"
	"net/http"
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 21, 23, 45, 12, 0, time.UTC)
	for _, tt := range []struct {
		milliseconds, seconds string
		want                  time.Duration
	}{
		{"", "", 0},
		{"", "2", 2 * time.Second},
		{"", " 0.25 ", 250 * time.Millisecond},
		{"1500", "", 1500 * time.Millisecond},
		{"1500", "30", 1500 * time.Millisecond},
		{"soon", "30", 30 * time.Second},
		{"", "Sat, 21 Nov 2026 23:45:42 GMT", 30 * time.Second},
		{"", "Saturday, 21-Nov-26 23:45:42 GMT", 30 * time.Second},
		{"", "Sat, 21 Nov 2026 23:45:11 GMT", 0},
		{"", "Sat, 21 Nov 2026", 0},
		{"", "soon", 0},
		{"", "0", 0},
		{"", "-5", 0},
		{"-5", "", 0},
		{"", "NaN", 0},
		{"", "1e9", 1e9 * time.Second},
		{"", "1e300", math.MaxInt64},
	} {
		header := http.Header{"Retry-After-Ms": {tt.milliseconds}, "Retry-After": {tt.seconds}}
		if got := retryAfter(header, now); got != tt.want {
			t.Errorf("%q, %q: %v, want %v", tt.milliseconds, tt.seconds, got, tt.want)
		}
	}
}

func TestWait(t *testing.T) {
	for try, most := range map[int]time.Duration{1: firstWait, 2: 2 * firstWait, 5: maxWait, 9: maxWait} {
		for range 100 {
			if got := new(Error).wait(try); got > most || got < most*3/4 {
				t.Errorf("before retry %d: %v, want at most a quarter less than %v", try, got, most)
			}
		}
	}
	asked := &Error{RetryAfter: 3 * time.Second}
	if got := asked.wait(1); got != asked.RetryAfter {
		t.Errorf("%v, want what was asked for", got)
	}
}

func TestRetries(t *testing.T) {
	for _, tt := range []struct {
		err  Error
		want int
	}{
		{Error{Kind: BadStatus, Status: 429, RetryAfter: longestWait}, 2},
		{Error{Kind: BadStatus, Status: 429, RetryAfter: longestWait + 1}, 0},
		{Error{Kind: BadStatus, Status: 400}, 0},
		{Error{Kind: BadStatus, Status: 400, shouldRetry: "true"}, 2},
		{Error{Kind: BadStatus, Status: 503, shouldRetry: "false"}, 0},
		{Error{Kind: BadStatus, Status: 501}, 0},
		{Error{Kind: NoCredit, Status: 429}, 0},
		{Error{Kind: Refused}, 2},
		{Error{Kind: Refused, local: true}, 0},
		{Error{Kind: NoReply}, 1},
		{Error{Kind: ResetBeforeReply}, 1},
		{Error{Kind: ReplyTimeout}, 0},
		{Error{Kind: NoHost}, 0},
		{Error{Kind: ServiceError, Status: 200, Message: "the engine is overloaded"}, 2},
		{Error{Kind: ServiceError, Status: 200, Message: "no such model"}, 0},
		{Error{Kind: ResetLate, Status: 200}, 0},
	} {
		if got := tt.err.retries(); got != tt.want {
			t.Errorf("%s %d: %d retries, want %d", tt.err.Kind, tt.err.Status, got, tt.want)
		}
	}
}
