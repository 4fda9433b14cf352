package cli

import (
	"testing"
	"time"

	"oax/internal/openai"
)

// TestExplainStalls holds the words of the limits as they are set, which no test can
// wait for.
func TestExplainStalls(t *testing.T) {
	limits := openai.DefaultLimits()
	for want, failure := range map[string]openai.Error{
		"no data from a.example for 120 s": {Kind: openai.Silence, Limit: limits.Silence},
		"no answer text for 10 min":        {Kind: openai.NoText, Limit: limits.NoEvent},
	} {
		failure.Host = "a.example"
		r := explainService(&failure)
		if r.what != want || r.hint != goOn || r.kind != "stall" || r.code != exitIncomplete {
			t.Errorf("%+v, want %q", *r, want)
		}
	}
}

// TestTimeout: the longest silence a person allows is no shorter for a service that
// sends signs of life.
func TestTimeout(t *testing.T) {
	for timeout, want := range map[time.Duration]openai.Limits{
		0:                {Headers: 300 * time.Second, Silence: 120 * time.Second, NoEvent: 10 * time.Minute},
		time.Second:      {Headers: time.Second, Silence: time.Second, NoEvent: 10 * time.Minute},
		30 * time.Minute: {Headers: 30 * time.Minute, Silence: 30 * time.Minute, NoEvent: 30 * time.Minute},
	} {
		env := &Env{flags: &flags{requestFlags: requestFlags{rareFlags: rareFlags{Timeout: timeout}}}}
		got := env.limits()
		if got.Headers != want.Headers || got.Silence != want.Silence || got.NoEvent != want.NoEvent {
			t.Errorf("--timeout %v: %+v", timeout, got)
		}
	}
}
