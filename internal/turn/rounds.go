package turn

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"oax/internal/chat"
	"oax/internal/openai"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/session/history"
	"oax/internal/session/record"
	"oax/internal/tools"
)

// Tool rounds: the calls that an answer asks for are run, and their results are sent, until
// an answer asks for none.
//
// A call is on the disk before its tool starts, and its result before it is sent. A call
// whose record cannot be written does not run. The session stays locked all the time, so
// whatever ends the process, what it leaves says which calls ran, which may have run and
// which did not. Every call has one result: of its tool, or that it was not run and why.

const (
	// MaxRounds is how many answers in a row can ask for tools.
	MaxRounds = 10
	// maxParallel is how many calls of an answer run at once, if all of them are allowed.
	maxParallel = 4
)

// Rounds are the tools of a turn, and who allows their calls.
type Rounds struct {
	Tools   *tools.Set
	Allow   []string          // patterns (tools.Matches) of the names of tools that need no question
	Person  Person            // is asked, if there is one
	Session *session.Session  // that goes on: what was allowed there counts; may be nil
	Asked   chat.Endpoint     // that gets the requests
	Log     *report.Writer    // is told what becomes of each call
	Waiting func(what string) // shows which calls run; see report.Writer.Spins
	// Answer sends a request, saves and prints the answer; round counts from 1.
	Answer func(ctx context.Context, r openai.Request, s Saver, round int) Result
	// Output returns what prints the end of a turn that ends between two answers.
	Output func() *Printer
	Events func(Event) // is told what becomes of each call too, one event at a time; may be nil
	Retry  Retry       // of a prompt that is asked again
	Now    func() time.Time
}

// Retry are the calls that were recorded when a prompt was asked before. They are not run
// again unless Rerun is set; Replay sends their results.
type Retry struct {
	Earlier       []history.Call
	Rerun, Replay bool
}

// Offer returns the tools that go with a request. It shows the waiting line while servers
// start. The errors are those of tools.Offer.
func Offer(ctx context.Context, offer *tools.Offer, log *report.Writer, o report.SpinOptions) ([]chat.ToolDefinition, error) {
	defer log.Spin("asking for the tools", o).Stop()
	return offer.Definitions(ctx)
}

// Event is what becomes of a call. Of Start, Progress and Result one is set.
type Event struct {
	Tool     string // as a person names it
	Call     chat.ToolCall
	Start    *record.Start   // it starts
	Progress string          // foreign text: what a server says meanwhile
	Result   *record.Message // it has ended, or is not run
}

// recorder is a Saver that can keep calls of tools, as a session.Writer does.
type recorder interface {
	Saver
	Turn() string
	FinishCalls(chat.Message) error
	Record(record.Message) (record.Message, error)
	Keep(output string) string
	Next() error
}

// roundSaver is the Saver of one answer. It leaves the session open if the calls of the answer
// are to run.
type roundSaver struct {
	recorder
	goesOn bool // the answer is saved, and its calls are next
}

func (s *roundSaver) Finish(m chat.Message) error {
	if len(m.ToolCalls) == 0 || m.State != chat.Complete {
		return s.recorder.Finish(m)
	}
	err := s.FinishCalls(m)
	s.goesOn = err == nil
	return err
}

func (s *roundSaver) Close() error {
	if s.goesOn {
		return nil
	}
	return s.recorder.Close()
}

// Run sends the request and runs what the answers ask for. The Result is that of the last
// answer, with what came before it in Before.
func (r Rounds) Run(ctx context.Context, request openai.Request, saver Saver) Result {
	recorder, records := saver.(recorder)
	if !records { // what cannot be recorded does not run
		return r.Answer(ctx, request, saver, 0)
	}
	defer r.Waiting("")
	run := &rounds{
		Rounds: r, recorder: recorder, asks: r.Person.CanAsk(), granted: r.Session.Grants(), started: r.Session.Starts(),
		lines: callLines(r.Log, r.Waiting),
	}
	for round := 1; ; round++ {
		s := &roundSaver{recorder: recorder}
		turn := recorder.Turn()
		result := r.Answer(ctx, request, s, round)
		result.Turn, result.Before = turn, run.before
		if errors.Is(result.SaveErr, errHung) || !s.goesOn {
			return result
		}
		if result.Err != nil || result.SaveErr != nil {
			recorder.Close()
			return result
		}
		asks := result.Message
		run.before = append(run.before, record.Message{Message: asks, Profile: r.Asked.Profile, Turn: turn, Time: r.Now()})
		results, err := run.calls(ctx, asks.ToolCalls)
		if err == nil {
			err = recorder.Next()
		}
		if err != nil {
			return run.end(ctx, result, err)
		}
		asks.Asked = r.Asked
		request.Messages = append(append(slices.Clip(request.Messages), asks), results...)
	}
}

// rounds are the rounds of a turn that is running. One goroutine uses it; those of the calls
// that run use only Tools and show.
type rounds struct {
	Rounds
	recorder recorder
	asks     bool             // a person can be asked
	hung     bool             // the disk does not answer; the recorder is left to itself
	before   []record.Message // what was said and done before the answer that is next
	granted  []record.Start   // what the person allowed for the whole session
	started  []record.Start   // the calls that were allowed in the session before

	showing sync.Mutex
	lines   func(Event) // on standard error
}

func (r *rounds) show(e Event) {
	r.showing.Lock()
	defer r.showing.Unlock()
	r.lines(e)
	if r.Events != nil {
		r.Events(e)
	}
}

// end returns the result of a turn that ends between two answers: by a signal, or because
// something could not be saved.
func (r *rounds) end(ctx context.Context, last Result, err error) Result {
	ending := report.Ending{Nothing: true, Cause: err}
	if save, ok := errors.AsType[*session.SaveError](err); ok {
		ending.SaveErr, ending.Cause, ending.Session = save, context.Cause(ctx), save.ID
	}
	var notes []string
	if !r.hung {
		r.recorder.Close()
		ending.Session, notes = r.recorder.ID(), r.recorder.Notes()
	}
	t := newEnd(Options{Saver: Unsaved{}, Output: r.Output()})
	defer t.close()
	why := t.show(ctx, End{Session: ending.Session, Err: report.Answer(ending)}, ending)
	return Result{Before: r.before, Err: why, SaveErr: ending.SaveErr, Times: last.Times, Notes: notes}
}

// call is a call while it is decided on and run.
type call struct {
	chat.ToolCall
	tool  *tools.Tool // nil: there is none
	start record.Start
	done  record.Result // Status is empty until the call has ended or is not to run
	text  string        // what the model gets
}

// name returns what a person calls the tool.
func (c *call) name() string {
	if c.tool != nil {
		return c.tool.Name
	}
	return c.Name
}

// calls decides on the calls of an answer and runs those that are allowed. It returns their
// results in the order of the calls. The error is the cause of ctx or a SaveError. Each call
// that was started has ended then.
func (r *rounds) calls(ctx context.Context, asked []chat.ToolCall) ([]chat.Message, error) {
	all, atOnce := make([]*call, len(asked)), maxParallel
	for i, c := range asked {
		all[i] = &call{ToolCall: c, tool: r.Tools.Lookup(c.Name)}
		if r.decide(ctx, all[i]); all[i].done.Status != "" {
			atOnce = 1
		}
	}
	var failed error
	ended, running := make(chan *call), 0
	wait := func(limit int) {
		for ; running > limit; running-- {
			failed = cmp.Or(failed, r.keep(ctx, <-ended))
		}
	}
	for _, c := range all {
		if c.done.Status == "" {
			wait(atOnce - 1)
		}
		switch {
		case failed != nil:
		case c.done.Status != "":
			failed = r.keep(ctx, c)
		case ctx.Err() != nil:
			c.skip(record.NotRun, "stopped")
			failed = r.keep(ctx, c)
		default:
			if failed = r.record(ctx, c.record()); failed == nil {
				running++
				go func() {
					r.run(ctx, c)
					ended <- c
				}()
			}
		}
	}
	wait(0)
	if failed == nil && ctx.Err() != nil {
		failed = context.Cause(ctx)
	}
	var results []chat.Message
	for _, c := range all {
		results = append(results, c.result())
	}
	return results, failed
}

// run runs a call that is recorded.
func (r *rounds) run(ctx context.Context, c *call) {
	r.show(Event{Tool: c.name(), Call: c.ToolCall, Start: &c.start})
	out := r.Tools.Run(ctx, c.tool, c.ToolCall, func(text string) {
		r.show(Event{Tool: c.name(), Call: c.ToolCall, Progress: text})
	})
	c.text = out.Text
	c.done = record.Result{
		Status: record.Ran, Exit: out.Exit, Bytes: out.Bytes, Truncated: out.Truncated, File: out.File,
		Took: out.Took.Milliseconds(),
	}
	switch {
	case out.Failed && ctx.Err() != nil:
		c.done.Status = record.Stopped
	case out.Failed:
		c.done.Status = record.Failed
	}
}

// keep records the result of a call, and tells it.
func (r *rounds) keep(ctx context.Context, c *call) error {
	if c.done.File != "" && !r.hung {
		c.done.File = r.recorder.Keep(c.done.File)
	}
	m := record.Message{Message: c.result(), Result: &c.done}
	err := r.record(ctx, m)
	r.show(Event{Tool: c.name(), Call: c.ToolCall, Result: &m})
	return err
}

// record records a call or its result. Once ctx has ended it does not wait long for a disk
// that does not answer.
func (r *rounds) record(ctx context.Context, m record.Message) error {
	if r.hung {
		return errHung
	}
	saved, err := awaitSaver(ctx, r.recorder.ID(), func() (record.Message, error) { return r.recorder.Record(m) })
	if err == nil {
		r.before = append(r.before, saved)
	}
	r.hung = errors.Is(err, errHung)
	return err
}

// record returns the record of a call before it starts.
func (c *call) record() record.Message {
	m := record.Message{Start: &c.start}
	m.Role, m.ToolCallID, m.Name, m.Text = record.Called, c.ID, c.Name, c.Arguments
	return m
}

// result returns what the model gets.
func (c *call) result() chat.Message {
	return chat.Message{Role: chat.Tool, ToolCallID: c.ID, Name: c.Name, Text: c.text}
}

// skip makes a call one that does not run, for a reason in a few words.
func (c *call) skip(status record.Status, reason string) {
	c.done = record.Result{Status: status, Reason: reason}
	c.text = "This call was not run: " + reason + "."
}
