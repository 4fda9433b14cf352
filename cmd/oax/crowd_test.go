package main

import (
	"fmt"
	"strings"
	"testing"

	"oax/internal/demo"
)

// 200 runs, 16 at a time, share a store and an endpoint: there must be 200 sessions,
// each with its own prompt and the whole answer.
func TestManyRunsAtOnce(t *testing.T) {
	t.Parallel()
	const runs = 200
	texts := strings.SplitAfter(demo.Text(30), " ")
	h, script := asks(t, demo.Stream(demo.Answer(texts...)...))
	abreast(16, runs, func(n int) {
		if r := h.run("--raw", fmt.Sprint("prompt ", n)); r != (result{stdout: demo.Text(30)}) {
			t.Errorf("run %d: %+v", n, r)
		}
	})
	asked := map[string]bool{}
	for id, records := range h.sessions() {
		if len(records) != 2 || records[1].Text != demo.Text(30) || records[1].State != "complete" {
			t.Errorf("session %s: %+v", id, records)
			continue
		}
		asked[records[0].Text] = true
	}
	if len(asked) != runs || len(script.Requests()) != runs || len(h.parts()) > 0 {
		t.Errorf("%d prompts kept, %d requests made, want %d; left behind: %v", len(asked), len(script.Requests()), runs, h.parts())
	}
}
