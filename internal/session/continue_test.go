package session

import (
	"testing"

	"oax/internal/chat"
)

// A session goes on with the endpoint and the model that it was last asked with, but not
// with those that were refused.
func TestLastAsked(t *testing.T) {
	prompt := func(profile, model string) Message {
		return Message{Message: chat.Message{Role: chat.User, Model: model}, Profile: profile}
	}
	answer := func(model string) Message {
		return Message{Message: chat.Message{Role: chat.Assistant, Model: model}}
	}
	failed := func(why chat.Why) Message { return Message{Message: chat.Message{Role: Error, Why: why}} }
	for name, test := range map[string]struct {
		messages       []Message
		profile, model string
	}{
		"nothing":           {},
		"answered":          {[]Message{prompt("p", "a"), answer("a-2026")}, "p", "a"},
		"another model":     {[]Message{prompt("p", "a"), answer("a"), prompt("q", "b"), answer("b")}, "q", "b"},
		"no answer yet":     {[]Message{prompt("p", "a"), answer("a"), prompt("q", "b")}, "q", "b"},
		"a wrong model":     {[]Message{prompt("p", "a"), answer("a"), prompt("p", "b"), failed("404")}, "p", "a"},
		"two wrong models":  {[]Message{prompt("p", "a"), answer("a"), prompt("p", "b"), failed("404"), prompt("p", "c"), failed("400")}, "p", "a"},
		"no key there":      {[]Message{prompt("", ""), answer("a"), prompt("q", "b"), failed("no-key")}, "", ""},
		"only a wrong one":  {[]Message{prompt("p", "a"), failed("404")}, "p", ""},
		"the network":       {[]Message{prompt("p", "a"), answer("a"), prompt("q", "b"), failed("net")}, "q", "b"},
		"a busy service":    {[]Message{prompt("p", "a"), answer("a"), prompt("q", "b"), failed("429")}, "q", "b"},
		"asked again":       {[]Message{prompt("p", "a"), failed("404"), answer("right")}, "p", "right"},
		"asked again badly": {[]Message{prompt("p", "a"), answer("a"), failed("404")}, "p", "a"},
		"refused, answered": {[]Message{prompt("p", "a"), failed("404"), prompt("p", "b"), answer("b")}, "p", "b"},
	} {
		profile, model := (&Session{Messages: test.messages}).LastAsked()
		if profile != test.profile || model != test.model {
			t.Errorf("%s: %q, %q, want %q, %q", name, profile, model, test.profile, test.model)
		}
	}
	if profile, model := (*Session)(nil).LastAsked(); profile != "" || model != "" {
		t.Errorf("nil: %q, %q", profile, model)
	}
}
