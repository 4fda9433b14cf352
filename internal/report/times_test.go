package report

import (
	"testing"
	"time"

	"oax/internal/chat"
)

func TestTimesLine(t *testing.T) {
	at := func(seconds float64) time.Time {
		return time.Unix(1000, 0).Add(time.Duration(seconds * float64(time.Second)))
	}
	whole := Times{at(0), at(0.5), at(2.5)}
	for _, test := range []struct {
		times       Times
		usage, cost string
		want        string
	}{
		{whole, `{"prompt_tokens":1,"completion_tokens":20}`, "", "1 token in, 20 out, 0.50 s to the first, 10 tokens/s"},
		{whole, `{"prompt_tokens":12,"prompt_tokens_details":{"cached_tokens":3},"completion_tokens":20,"completion_tokens_details":{"reasoning_tokens":9}}`, "$0.0100",
			"12 tokens in (3 cached), 20 out (9 reasoning), 0.50 s to the first, 10 tokens/s, $0.0100"},
		{whole, ``, "", "the service sent no usage, 0.50 s to the first"},
		{whole, `[]`, "", "the service sent no usage, 0.50 s to the first"},
		{Times{at(0), at(0.5), at(0.5)}, `{"completion_tokens":2}`, "", "0 tokens in, 2 out, 0.50 s to the first"},
		{Times{Sent: at(0)}, `{"completion_tokens":2}`, "", "0 tokens in, 2 out"},
	} {
		if got := test.times.Line([]byte(test.usage), test.cost); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

// TestTimesOfReasoning: reasoning that nobody sees is part of the output tokens, and so of
// the time that they took.
func TestTimesOfReasoning(t *testing.T) {
	var times Times
	start := time.Unix(1000, 0)
	times.Arrived(&chat.Delta{Model: "m"}, start)
	times.Arrived(&chat.Delta{Reasoning: []byte("r")}, start.Add(1))
	times.Arrived(&chat.Delta{Text: []byte("t")}, start.Add(9))
	if times.First != start.Add(1) || times.Last != start.Add(9) {
		t.Errorf("%+v", times)
	}
}
