package main

import (
	"testing"

	"oax/internal/demo"
)

// beforeSending are the faults that are found before a request is sent (A).
var beforeSending = []fault{
	{row: "A1", what: "unknown flag", test: func(t *testing.T) {
		h, script := asks(t)
		h.check(h.run("--modle", "x", "hi"), want{
			stderr: []string{"oax: unknown flag --modle\nhint: did you mean --model? See oax --help\n"}, code: 2,
		})
		if n := len(script.Requests()); n > 0 {
			t.Errorf("%d requests were sent", n)
		}
	}},
	{row: "A2", what: "prompt begins with a dash", test: func(t *testing.T) {
		h, _ := asks(t, demo.Stream(demo.Answer("yes")...))
		h.check(h.run("--", "-v what is this"), want{stdout: "yes\n", prompt: "-v what is this", answer: "yes"})
	}},
}
