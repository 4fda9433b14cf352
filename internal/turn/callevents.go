package turn

import (
	"io"
	"slices"
	"strings"

	"oax/internal/report"
	"oax/internal/session/record"
	"oax/internal/term"
)

// What is told of calls while they run.

// callLines returns what tells of calls on standard error: a line for each that has ended or
// was not run, and meanwhile the waiting line with the names of those that run, and with what
// a server says of its progress.
func callLines(log *report.Writer, waiting func(what string)) func(Event) {
	var running []string // IDs of calls
	what := map[string]string{}
	return func(e Event) {
		switch {
		case e.Start != nil:
			running, what[e.Call.ID] = append(running, e.Call.ID), e.Tool
		case e.Result == nil && slices.Contains(running, e.Call.ID):
			what[e.Call.ID] = e.Tool + ": " + e.Progress
		case e.Result != nil:
			running = slices.DeleteFunc(running, func(id string) bool { return id == e.Call.ID })
			if e.Result.Result.Status != record.Ran || !log.Quiet() {
				log.Error(report.Call(e.Tool, e.Call.Arguments, *e.Result.Result))
			}
		}
		var now []string
		for _, id := range running {
			now = append(now, what[id])
		}
		waiting(strings.Join(now, ", "))
	}
}

// callObject is what --json has of a call: that it starts, with who allowed it, or its result.
type callObject struct {
	Type      string `json:"type"` // call or result
	ID        string `json:"id"`
	Tool      string `json:"tool"`
	Arguments string `json:"arguments,omitempty"`
	*record.Start
	*record.Result
	Output *string `json:"output,omitempty"` // what the model gets
}

// CallObjects returns a function for Rounds.Events that writes what --json has of calls: an
// object for each call that starts and for each result, one a line. On a terminal, characters
// that it would obey or hide are escaped.
func CallObjects(out io.Writer, terminal bool) func(Event) {
	return func(e Event) {
		o := callObject{ID: e.Call.ID, Tool: e.Tool}
		switch {
		case e.Start != nil:
			o.Type, o.Arguments, o.Start = "call", e.Call.Arguments, e.Start
		case e.Result != nil:
			o.Type, o.Result, o.Output = "result", e.Result.Result, &e.Result.Text
		default:
			return
		}
		if line, err := term.JSONLine(o, terminal); err == nil {
			_, _ = io.WriteString(out, line) // the next answer meets the same error
		}
	}
}
