package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"oax/internal/demo"
)

// toolRounds are the faults of calls of tools within a turn.
var toolRounds = []fault{
	{row: "H12", what: "nobody can be asked", test: func(t *testing.T) {
		h := offeringToFail(t, asking(`note {"n":1}`), done)
		h.checkRun(h.run("-m", "m", "-T", "note", "hi"), want{stdout: "done\n", notes: true})
		h.endsWith(`"status":"refused"`, "")
	}},
	{row: "H13", what: "calls that cannot run", test: func(t *testing.T) {
		h := offeringToFail(t, asking(`note {"n":`, `note []`, "functions.look {}", "note \"\x1b[2J\"", `look {"n":"\ud800"}`), done)
		h.checkRun(h.run("-m", "m", "-T", "note", "-T", "look", "--allow", "*", "hi"), want{stdout: "done\n", notes: true})
		if h.noted() != "" || strings.Count(h.lines(), `"status":"refused"`) < 4 {
			t.Errorf("noted %q; %s", h.noted(), h.lines())
		}
	}},
	{row: "H14", what: "calls of an answer that is cut", test: func(t *testing.T) {
		call := demo.Send(demo.CallChunk(0, "c0", "note", "{}"))
		for _, reply := range []demo.Exchange{
			demo.Stream(call, demo.Send(demo.Finish("length")), demo.Send(demo.Done())),
			demo.Stream(call, demo.Send(demo.Finish("tool_calls")), demo.Send(demo.Usage(3, 7)), demo.Send(demo.Done())),
			demo.Stream(call, demo.FIN()),
		} {
			h := offeringToFail(t, reply)
			h.checkRun(h.run("-m", "m", "-T", "note", "--allow", "note", "--max-tokens", "7", "hi"), want{code: 3})
			h.endsWith(`"state":"incomplete"`, "")
		}
	}},
	{row: "H15", what: "a model that asks for tools for ever", test: func(t *testing.T) {
		h := offeringToFail(t, asking(`look {}`))
		h.checkRun(h.run("-m", "m", "-T", "look", "hi"), want{code: 3})
		equal(t, "calls", strings.Count(h.lines(), `"kind":"call"`), 9)
	}},
	{row: "H16", what: "Ctrl-C while a tool runs", test: func(t *testing.T) {
		h := offeringToFail(t, asking(`wait {}`, `note {"n":1}`), done)
		run := h.start(h.command("-m", "m", "-T", "wait", "-T", "note", "--allow", "wait", "hi"), "")
		eventually(t, "the tool runs", func() bool { return h.noted() != "" })
		r := run.ends(os.Interrupt)
		h.checkRun(r, want{code: 130})
		diedOf(t, r, syscall.SIGINT)
		h.endsWith(`"status":"stopped"`, "waits\n")
		h.awaitTools()
		h.checkRun(h.run("-c", "go", "on"), want{stdout: "done\n"})
	}},
	{row: "H17", what: "killed while a tool runs", test: func(t *testing.T) {
		h := offeringToFail(t, asking(`wait {}`, `look {}`), done)
		cmd := h.command("-m", "m", "-T", "wait", "-T", "look", "--allow", "*", "hi")
		start(t, cmd)
		eventually(t, "the tool runs", func() bool { return h.noted() != "" && strings.Contains(h.lines(), `"status":"ran"`) })
		cmd.Process.Kill()
		cmd.Wait()
		h.endTools()
		h.checkRun(h.run("-c", "-T", "wait", "go", "on"), want{stdout: "done\n", notes: true})
		equal(t, "noted", h.noted(), "waits\n")
	}},
	{row: "H18", what: "the record of a call cannot be written", test: func(t *testing.T) {
		args := []string{"-m", "m", "-T", "note", "--allow", "note", "hi"}
		h := offeringToFail(t, asking(`note {"n":1}`), done)
		h.run(args...)
		before, _, _ := strings.Cut(h.lines(), `{"kind":"call"`)
		h = offeringToFail(t, asking(`note {"n":1}`), done)
		limit := fmt.Sprintf("--fsize=%d", len(before)+50) // times differ in length
		r := h.finish(h.under(h.command(args...), "prlimit", limit))
		h.checkRun(r, want{code: 7})
		h.endsWith(`"tool_calls"`, "")
		holdsNone(t, h.lines(), `"kind":"call"`)
	}},
	{row: "H19", what: "asked again", test: func(t *testing.T) {
		call := asking(`note {"n":1}`)
		h := offeringToFail(t, call, done, call, done, call, done)
		h.run("-m", "m", "-T", "note", "--allow", "note", "hi")
		h.checkRun(h.run("retry", "-T", "note", "--allow", "note"), want{stdout: "done\n", notes: true})
		h.checkRun(h.run("retry", "-T", "note", "--allow", "note", "--replay"), want{stdout: "done\n", notes: true})
		h.endsWith(`"status":"replayed"`, "c0 {\"n\":1}\n")
	}},
	{row: "H20", what: "without a record", test: func(t *testing.T) {
		h := offeringToFail(t, asking(`note {"n":1}`))
		h.checkRun(h.run("-m", "m", "-T", "note", "--allow", "note", "--no-save", "hi"), want{code: 2})
		equal(t, "noted", h.noted(), "")
	}},
	{row: "H24", what: "arguments of 1 MB", test: func(t *testing.T) {
		h := offeringToFail(t, asking(`note {"a":"`+strings.Repeat("x", 1<<20)+`"}`), done)
		c := h.at(h.command("-m", "m", "-T", "note", "hi"))
		c.shows("\nall this is one call of note, which runs sh -c ")
		c.replies(runIt, "n\n")
		r := c.end()
		asks, _, _ := strings.Cut(c.shown(), runIt)
		if asks = strings.ReplaceAll(asks, "\n    ", ""); r.code != 0 || !strings.Contains(asks, strings.Repeat("x", 1<<20)) {
			t.Errorf("exit %d after %d bytes", r.code, len(asks))
		}
		h.endsWith(`"status":"refused"`, "")
	}},
	{row: "H25", what: "two calls of one ID", test: func(t *testing.T) {
		head := func(index int, arguments string) demo.Step {
			return demo.Send(demo.CallChunk(index, "c0", "note", arguments+"\n"))
		}
		h := offeringToFail(t, demo.Stream(head(0, `{"n":1}`), head(1, `{"n":2}`), demo.Send(demo.Finish("tool_calls"))), done)
		h.checkRun(h.run("-m", "m", "-T", "note", "--allow", "note", "--quiet", "hi"), want{stdout: "done\n"}) // they run at once
		lines := strings.Split(h.noted(), "\n")
		slices.Sort(lines)
		if want := "\nc0 {\"n\":1}\ncall_1 {\"n\":2}"; strings.Join(lines, "\n") != want {
			t.Errorf("noted %q", h.noted())
		}
	}},
}

// offeringToFail is offering, with a tool that waits.
func offeringToFail(t *testing.T, exchanges ...demo.Exchange) *home {
	t.Helper()
	h, _ := offering(t, exchanges...)
	h.config(text(t, filepath.Join(h.env["XDG_CONFIG_HOME"], "oax", "config.toml")) + `[tools.wait]
command = ["sh", "-c", 'echo waits >> "$HOME/noted"; exec sleep 100']
schema = "any.json"
`)
	h.varies = append(h.varies, regexp.MustCompile(`\d+\.\d\d s\b`))
	return h
}

// endsWith wants a text in the session, and these lines in the file that note appends to.
func (h *home) endsWith(text, noted string) {
	h.t.Helper()
	if !strings.Contains(h.lines(), text) || h.noted() != noted {
		h.t.Errorf("noted %q; there is %s", h.noted(), h.lines())
	}
}

// endTools ends the tools of the home that a killed process left.
func (h *home) endTools() {
	for _, pid := range h.descendants() {
		_ = signalTo(pid, syscall.SIGKILL)
	}
	h.awaitTools()
}
