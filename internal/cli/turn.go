package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"

	"oax/internal/chat"
	"oax/internal/openai"
	"oax/internal/session"
	"oax/internal/term"
)

// keeper is where a turn is saved: a session's writer, or nothing.
type keeper interface {
	ID() string
	Sync() error
	Journal(*chat.Delta) error
	Finish(chat.Message) error
	Fail(why chat.Why, text string) error
	Close() error
	Notes() []string
}

// turn is one request and its answer, from the saved prompt to the saved answer.
type turn struct {
	env     *Env
	keep    keeper
	client  *openai.Client
	request openai.Request

	out     *printer
	form    output
	answer  chat.Turn
	outErr  error // met by standard output, other than a reader that went away
	diskErr error // met by the journal
}

// run returns nil if the whole answer was received, saved and shown.
func (t *turn) run(ctx context.Context) error {
	defer t.keep.Close()
	synced := make(chan error, 1)
	go func() { synced <- t.keep.Sync() }()
	t.out = newPrinter(t.env.Stdout)
	t.form = t.env.newOutput(t.out)

	stream, err := t.client.Stream(ctx, t.request)
	if err == nil {
		defer stream.Close()
	}
	// What is on the screen is on the disk, and so must be what it answers.
	if syncErr := <-synced; syncErr != nil {
		t.diskErr = syncErr
	}
	if err == nil {
		err = t.receive(ctx, stream)
	}
	return t.end(ctx, err)
}

// receive journals and prints the answer as it comes. The error is why it ended
// before the service ended it.
func (t *turn) receive(ctx context.Context, stream *openai.Stream) error {
	for {
		delta, err := stream.Next(ctx)
		if delta != nil {
			if gone := t.take(delta); gone != nil {
				return gone
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// take saves a delta, then shows it. It returns an error only if nobody reads any
// more: a full disk or a broken output do not end the answer.
func (t *turn) take(delta *chat.Delta) error {
	t.answer.Add(delta)
	if err := t.keep.Journal(delta); err != nil && t.diskErr == nil {
		t.diskErr = err
	}
	t.form.delta(delta)
	return t.checkOutput(t.out.failed())
}

// gone is the end of a turn whose output nobody reads.
type gone struct{ why error }

func (g gone) Error() string { return g.why.Error() }

func (t *turn) checkOutput(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.EIO):
		return gone{err}
	}
	t.outErr = err
	return nil
}

// end saves the answer and says how it went.
func (t *turn) end(ctx context.Context, cause error) error {
	message := t.answer.End(why(cause))
	r := t.verdict(cause, message)
	saveErr := t.save(message, cause, r)
	r = t.withDisk(r, saveErr)
	if !t.answered() {
		message = chat.Message{}
	}
	t.form.end(message, t.keep.ID(), r)
	if err := t.flush(ctx); err != nil && t.checkOutput(err) != nil && r == nil {
		r = t.verdict(gone{err}, message)
	}
	if t.outErr != nil && (r == nil || r.signal == nil) {
		r = &report{what: "cannot write output: " + plainError(t.outErr), code: exitDisk, kind: "output", saved: t.saved("")}
	}
	for _, note := range t.keep.Notes() {
		t.env.said.note(note)
	}
	if r == nil {
		return nil
	}
	return r
}

// flush waits until the output is written: as long as it takes, but after a signal
// only as long as a reader that reads would need.
func (t *turn) flush(ctx context.Context) error {
	if ctx.Err() == nil {
		return t.out.Close(ctx)
	}
	short, cancel := context.WithTimeout(context.WithoutCancel(ctx), 100*time.Millisecond)
	defer cancel()
	return t.out.Close(short)
}

// why returns what ended an answer early, as the session keeps it.
func why(cause error) chat.Why {
	if cause == nil {
		return ""
	}
	if failure, ok := errors.AsType[*openai.Error](cause); ok {
		return failure.Why()
	}
	if g, ok := cause.(gone); ok && errors.Is(g.why, syscall.EPIPE) {
		return chat.Pipe
	}
	return chat.Stopped
}

// answered reports whether there is an answer, if only an empty one.
func (t *turn) answered() bool { return !t.answer.Nothing() || t.answer.Finished() }

// save puts the answer into the session, or the reason that there is none.
func (t *turn) save(message chat.Message, cause error, r *report) error {
	if t.answered() {
		return t.keep.Finish(message)
	}
	kind, what := chat.Cut, ""
	if r != nil {
		kind, what = chat.Why(r.kind), r.what
	}
	return noAnswer(t.keep, kind, what)
}

// noAnswer puts into the session why there is no answer. If there is no room for
// that, why is still what the person needs to know; the next start notes the rest.
func noAnswer(keep keeper, kind chat.Why, what string) error {
	err := keep.Fail(kind, what)
	if save, ok := errors.AsType[*session.SaveError](err); ok && save.Stage == "answer" {
		return nil
	}
	return err
}

// withDisk adds to the verdict what the disk did.
func (t *turn) withDisk(r *report, saveErr error) *report {
	if saveErr == nil && t.diskErr != nil {
		if save, ok := errors.AsType[*session.SaveError](t.diskErr); ok && save.Stage == "sync" {
			saveErr = t.diskErr
		}
	}
	if saveErr == nil {
		return r
	}
	disk := explain(saveErr)
	if r != nil && r.signal != nil {
		disk.signal = r.signal
	}
	return disk
}

// verdict says how the answer ended, disregarding the disk. It is nil for a whole one.
func (t *turn) verdict(cause error, message chat.Message) *report {
	if message.State == chat.Complete && !isStop(cause) {
		return nil
	}
	if g, ok := cause.(gone); ok {
		return &report{kind: string(message.Why), signal: outputSignal(g.why), code: exitNothing}
	}
	if stop, ok := errors.AsType[Interrupted](cause); ok {
		return t.stopped(stop, message)
	}
	if failure, ok := errors.AsType[*openai.Error](cause); ok && !t.answer.Finished() {
		return t.failed(failure)
	}
	return t.incomplete(message)
}

// isStop reports whether the process has to end by a signal, whole answer or not.
func isStop(cause error) bool {
	_, stopped := errors.AsType[Interrupted](cause)
	_, unread := cause.(gone)
	return stopped || unread
}

func (t *turn) stopped(stop Interrupted, message chat.Message) *report {
	r := &report{kind: "stopped", signal: stop.Signal, code: exitNothing}
	switch {
	case t.answer.Nothing():
		r.what, r.newLine = "stopped", true
	case message.State == chat.Complete:
		r.saved = t.saved("")
	default:
		r.saved = t.saved("partial")
	}
	return r
}

// failed words a request or a stream that broke.
func (t *turn) failed(failure *openai.Error) *report {
	r := explainService(failure)
	if t.answer.Nothing() {
		return r
	}
	r.code, r.kind = exitIncomplete, string(failure.Why())
	r.saved = t.saved("partial")
	if r.hint == "" {
		r.hint = goOn
	}
	return r
}

// incomplete words an answer that the service ended, but not as a whole one.
func (t *turn) incomplete(message chat.Message) *report {
	r := &report{kind: string(message.Why), code: exitIncomplete}
	switch message.Why {
	case chat.Length:
		r.what, r.hint = "the answer hit the length limit", `oax -c "go on"`
		if t.env.flags.MaxTokens != nil {
			r.code = 0
		}
	case chat.Failed:
		r.what, r.hint = fmt.Sprintf("the service gave the answer up (%q)", message.FinishReason), goOn
	case chat.Filter:
		r.what = "the service filtered the rest of the answer"
	case chat.Tool:
		r.what = fmt.Sprintf("the model asked for a tool (%q); not supported", message.ToolCalls[0].Name)
	case chat.Empty:
		r.what = "the model sent an empty answer"
		if message.Reasoning != "" {
			r.what = "the model sent reasoning but no answer"
		}
	default:
		r.what, r.hint = "the answer stopped early (connection closed)", goOn
		if !t.answer.Nothing() {
			r.saved = t.saved("partial")
		}
	}
	return r
}

// saved names the session, or is empty if nothing is saved.
func (t *turn) saved(how string) string {
	if t.keep.ID() == "" {
		return ""
	}
	if how != "" {
		how = " (" + how + ")"
	}
	return "session " + t.keep.ID() + how
}

// retryNotice tells a person what is being waited for, and a log of rate limits only.
func (env *Env) retryNotice(r openai.Retry) {
	wait := fmt.Sprintf("retrying in %s (%d/%d)", seconds(r.Wait.Round(100*time.Millisecond)), r.Try, r.Most)
	switch watched := term.IsTerminal(env.Stderr); {
	case r.Cause.Status == 429 && watched:
		env.said.note("rate limited; " + wait + " — Ctrl-C to stop")
	case r.Cause.Status == 429:
		env.said.note("rate limited; " + wait)
	case watched && r.Cause.Status != 0:
		env.said.note(wait)
	}
}

// notKept is the keeper of --no-save.
type notKept struct{}

func (notKept) ID() string                  { return "" }
func (notKept) Sync() error                 { return nil }
func (notKept) Journal(*chat.Delta) error   { return nil }
func (notKept) Finish(chat.Message) error   { return nil }
func (notKept) Fail(chat.Why, string) error { return nil }
func (notKept) Close() error                { return nil }
func (notKept) Notes() []string             { return nil }
