package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"syscall"
	"time"

	"oax/internal/chat"
	"oax/internal/openai"
	"oax/internal/session"
	"oax/internal/term"
)

// turn is one request and its answer, from the saved prompt to the saved answer.
type turn struct {
	env     *Env
	keep    keeper
	client  *openai.Client
	request openai.Request

	out     *printer
	form    output
	answer  chat.Turn
	message chat.Message // the answer, once it has ended
	outErr  error        // met by standard output, other than a reader that went away
	diskErr error        // met by the journal
	hung    bool         // the disk does not answer; the keeper is left behind
	times   stats
	thinks  bool // reasoning has come, and is not shown

	cost func(chat.Message) string // in words; empty if it is not known
}

// run returns nil if the whole answer was received, saved and shown.
func (t *turn) run(ctx context.Context) error {
	defer func() {
		if !t.hung {
			t.keep.Close()
		}
	}()
	defer t.keepIfCrashed()
	boundMemory(t.request.Messages)
	synced := make(chan error, 1)
	go func() { synced <- t.keep.Sync() }()
	t.out = newPrinter(t.env.Stdout, func(to io.Writer) output {
		t.form = t.env.fitted(t.env.newOutput(to))
		return t.form
	})

	t.env.Caught() // from here on a signal is not to end the process at once
	t.times.sent = t.env.Now()
	t.env.waits = t.env.wait(t.request.Model)
	defer t.env.waits.stop()
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
		stream.Close()
		if t.answer.Len() > longAnswer { // what it held makes room for the answer's line
			debug.FreeOSMemory()
		}
	}
	return t.end(ctx, err)
}

// keepIfCrashed saves what has come of the answer if the program panics.
func (t *turn) keepIfCrashed() {
	if p := recover(); p != nil {
		_ = t.keep.Finish(t.answer.End(chat.Crash))
		panic(p)
	}
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
	for piece := range delta.Pieces() {
		t.answer.Add(piece)
		if err := t.keep.Journal(piece); err != nil && t.diskErr == nil {
			t.diskErr = err
		}
		t.arrived(piece)
		t.out.show(&t.answer, piece)
	}
	return t.checkOutput(t.out.failed())
}

// arrived notes the time, and ends the waiting once there is something to see.
func (t *turn) arrived(delta *chat.Delta) {
	t.times.last = t.env.Now()
	switch {
	case len(delta.Text)+len(delta.Refusal) > 0, len(delta.Reasoning) > 0 && t.env.flags.Reasoning:
		t.env.waits.stop()
		if t.times.first.IsZero() {
			t.times.first = t.times.last
		}
	case len(delta.Reasoning) > 0 && !t.thinks:
		t.thinks = true
		t.env.waits.say("thinking")
	}
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
	t.env.waits.stop()
	message := t.answer.End(why(cause))
	t.message = message
	r := t.verdict(cause, message)
	saveErr := t.saveInTime(ctx, message, cause, r)
	if stop, ok := errors.AsType[Interrupted](context.Cause(ctx)); ok && r == nil {
		r = &report{kind: "stopped", signal: stop.Signal, code: exitNothing}
	}
	r = t.withDisk(r, saveErr)
	if !t.answered() {
		message = chat.Message{}
	}
	r, err := t.flush(ctx, message, r)
	t.env.flags.log.ended(t.message, t.keep.ID(), r)
	if err != nil && t.checkOutput(err) != nil && r == nil {
		r = t.verdict(gone{err}, message)
	}
	if t.outErr != nil && (r == nil || r.signal == nil) {
		r = &report{what: "cannot write output: " + plainError(t.outErr), code: exitDisk, kind: "output", saved: t.saved("")}
	}
	for _, note := range slices.Concat(t.form.notes(), t.keep.Notes()) {
		t.env.said.note(note)
	}
	if t.env.flags.Stats && t.answered() {
		t.env.said.line(t.times.line(message.Usage, t.cost(message)))
	}
	if r == nil {
		return nil
	}
	return r
}

// flush waits until the output is written with its end: as long as it takes, but after
// a signal only as long as a reader that reads would need.
func (t *turn) flush(ctx context.Context, message chat.Message, r *report) (*report, error) {
	if ctx.Err() != nil {
		short, cancel := context.WithTimeout(context.WithoutCancel(ctx), 100*time.Millisecond)
		defer cancel()
		ctx = short
	}
	r = t.out.end(ctx, message, t.keep.ID(), r)
	return r, t.out.Close(ctx)
}

// answered reports whether there is an answer, if only an empty one.
func (t *turn) answered() bool { return !t.answer.Nothing() || t.answer.Finished() }

// savePatience is how long a signal waits for the disk.
const savePatience = 2 * time.Second

// saveInTime saves. A signal waits for that, but not for ever: what a disk that hangs
// may not have taken is still in the journal.
func (t *turn) saveInTime(ctx context.Context, message chat.Message, cause error, r *report) error {
	done := make(chan error, 1)
	go func() { done <- t.save(message, cause, r) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(savePatience):
		t.hung = true
		return &session.SaveError{Stage: "sync", ID: t.keep.ID(), Err: errors.New("the disk does not answer")}
	}
}

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

// retryNotice tells a person what is being waited for, and a log of rate limits only.
func (env *Env) retryNotice(r openai.Retry) {
	env.waits.stop() // the notice takes its line
	defer func() { env.waits = env.wait(env.waits.word()) }()
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
