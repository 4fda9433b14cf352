package turn

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"slices"

	"oax/internal/chat"
	"oax/internal/config"
	"oax/internal/report"
	"oax/internal/session/history"
	"oax/internal/session/record"
	"oax/internal/tools"
)

// Who allows a call of a tool. The order of what decides:
//
//   - a call of a tool that is not offered, or whose arguments do not fit its schema, never
//     runs, and nobody is asked;
//   - nor does a call that was recorded when the prompt was asked before (retry), unless the
//     person wants that;
//   - approve = "never" in the configuration refuses, whatever else is said;
//   - approve = "always" or a pattern of --allow allows;
//   - then a person is asked, unless they have said always before, in this session and of
//     this tool. Where nobody can be asked the call is refused.

// Question asks whether a call may run.
type Question struct {
	Tool    *tools.Tool
	Call    chat.ToolCall
	Allowed int  // how many calls of this tool were allowed in this session before
	Again   bool // the same call was recorded when the prompt was asked before
}

// Reply is what a person says to a Question.
type Reply int

// The replies.
const (
	No Reply = iota
	Yes
	Always // in this session, of this tool
)

// decide finds out whether a call runs.
func (r *rounds) decide(ctx context.Context, c *call) {
	if c.tool == nil {
		c.skip(record.Refused, "there is no such tool")
		return
	}
	if err := c.tool.Check(c.Arguments); err != nil {
		c.skip(record.Refused, err.Error())
		return
	}
	c.start = record.Start{Tool: c.tool.Name, Argv: c.tool.Argv, Server: c.tool.Server}
	earlier := r.recordedBefore(c)
	if earlier != nil && !r.Retry.Rerun {
		r.skipRecorded(c, earlier.Result)
		return
	}
	switch pattern := r.allowedBy(c.tool.Name); {
	case c.tool.Approve == config.ApproveNever:
		c.skip(record.Refused, "the configuration does not allow it")
	case c.tool.Approve == config.ApproveAlways:
		c.start.By = record.ByConfig
	case pattern != "":
		c.start.By, c.start.Allow = record.ByFlag, pattern
	case !r.asks:
		c.skip(record.Refused, report.NobodyAsked)
	case slices.ContainsFunc(r.granted, func(s record.Start) bool { return s.Allows(c.start) }):
		c.start.By = record.ByGrant
	case ctx.Err() != nil:
		c.skip(record.NotRun, "stopped")
	default:
		r.ask(ctx, c, earlier != nil)
	}
	if c.done.Status == "" {
		r.started = append(r.started, c.start)
	}
}

// allowedBy returns the pattern of --allow that allows a tool, or nothing.
func (r *rounds) allowedBy(tool string) string {
	for _, pattern := range r.Allow {
		if tools.Matches(pattern, tool) {
			return pattern
		}
	}
	return ""
}

// ask asks a person.
func (r *rounds) ask(ctx context.Context, c *call, again bool) {
	q := Question{Tool: c.tool, Call: c.ToolCall, Again: again}
	for _, s := range r.started {
		if s.Allows(c.start) {
			q.Allowed++
		}
	}
	reply, err := r.Person.Ask(ctx, q)
	switch {
	case err != nil && ctx.Err() != nil:
		c.skip(record.NotRun, "stopped")
	case err != nil:
		c.skip(record.Refused, report.NobodyAsked)
	case reply == No:
		c.skip(record.Refused, "the user said no")
	case reply == Always:
		c.start.By, c.start.Always = record.ByPerson, r.recorder.ID()
		r.granted = append(r.granted, c.start)
	default:
		c.start.By = record.ByPerson
	}
}

// recordedBefore returns the same call as it was recorded when the prompt was asked before, or
// nil. Where one was recorded several times, each time another one is returned, and the last
// one as often as there are more.
func (r *rounds) recordedBefore(c *call) *history.Call {
	same := func(e history.Call) bool { return e.Name == c.Name && sameJSON(e.ToolCall, c.ToolCall) }
	i := slices.IndexFunc(r.Retry.Earlier, same)
	if i < 0 {
		return nil
	}
	earlier := r.Retry.Earlier[i]
	if slices.ContainsFunc(r.Retry.Earlier[i+1:], same) {
		r.Retry.Earlier = slices.Delete(slices.Clone(r.Retry.Earlier), i, i+1)
	}
	return &earlier
}

// skipRecorded makes a call one that does not run because it was recorded before, with this
// result.
func (r *rounds) skipRecorded(c *call, earlier record.Message) {
	switch {
	case r.Retry.Replay:
		c.done = record.Result{Status: record.Replay, Reason: "the result of an earlier call"}
		c.text = earlier.Text
	case earlier.Result != nil && earlier.Result.Status == record.MayHave:
		c.skip(record.NotRun, "the same call may have run before")
	default:
		c.skip(record.NotRun, "the same call ran before")
	}
}

// sameJSON reports whether two calls have the same arguments, however they are laid out. Numbers
// are compared as they are written: two large ones can be the same float64.
func sameJSON(a, b chat.ToolCall) bool {
	left, valid := a.Input()
	right, validToo := b.Input()
	if !valid || !validToo {
		return bytes.Equal(left, right)
	}
	decode := func(data []byte) (v any) {
		d := json.NewDecoder(bytes.NewReader(data))
		d.UseNumber()
		_ = d.Decode(&v) // it is valid
		return v
	}
	return reflect.DeepEqual(decode(left), decode(right))
}
