package turn

import (
	"context"
	"errors"
	"time"

	"oax/internal/chat"
	"oax/internal/report"
	"oax/internal/session"
)

// Saver is where a turn is saved: a session.Writer, which has the prompt already, or
// Unsaved. Its methods are called in this order: Sync, any number of Journal, then Finish
// or Fail, then Close.
type Saver interface {
	// ID returns the session's ID, which Finish and Fail may change; it is empty if nothing
	// is saved.
	ID() string
	// Sync returns once the prompt is on the disk.
	Sync() error
	// Journal saves a piece of the answer before it is shown.
	Journal(*chat.Delta) error
	// Finish saves and syncs the answer.
	Finish(chat.Message) error
	// Fail saves and syncs why there is no answer.
	Fail(why chat.Why, text string) error
	Close() error
	// Notes returns what there is to tell of the session.
	Notes() []string
}

// Unsaved is the Saver of a turn of which nothing is saved.
type Unsaved struct{}

func (Unsaved) ID() string                  { return "" }
func (Unsaved) Sync() error                 { return nil }
func (Unsaved) Journal(*chat.Delta) error   { return nil }
func (Unsaved) Finish(chat.Message) error   { return nil }
func (Unsaved) Fail(chat.Why, string) error { return nil }
func (Unsaved) Close() error                { return nil }
func (Unsaved) Notes() []string             { return nil }

// Refuse ends a turn whose request cannot be sent, for want of a key for instance. It
// saves why, so that the prompt need not be typed again, prints the end and closes the
// saver. It returns what went wrong, which may be the disk. Of o it uses Saver, Sinks and
// Output.
func Refuse(ctx context.Context, o Options, why *report.Error) *report.Error {
	t := newTurn(o)
	defer t.close()
	if t.Output != nil {
		t.Output.start(t.tape, func(error) {})
	}
	t.tape.Close()
	t.syncErr = t.await(ctx, start(t.Saver.Sync))
	err := t.save(ctx, chat.Message{}, false, why)
	if err != nil {
		why = report.Of(err)
	}
	ending := report.Ending{Nothing: true, Cause: why, Session: t.id, SaveErr: err}
	return t.show(ctx, End{Session: t.id, Err: why}, ending)
}

// savePatience is how long a signal waits for the disk.
const savePatience = 2 * time.Second

// errHung is the error of a disk that does not answer.
var errHung = errors.New("the disk does not answer")

// start runs f in a goroutine of its own. The channel gets what f returns.
func start(f func() error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	return done
}

// await waits for the saver: as long as that takes, but once ctx has ended only for
// savePatience. A saver that hangs then is not used any more; what the disk may not have
// taken is still in the journal.
func (t *turn) await(ctx context.Context, done <-chan error) error {
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
		return &session.SaveError{Stage: "sync", ID: t.id, Err: errHung}
	}
}

// save puts the answer into the session, or the reason why there is none. The error says
// what of the turn is not safe on the disk.
func (t *turn) save(ctx context.Context, m chat.Message, answered bool, e *report.Error) error {
	if t.hung {
		return t.syncErr
	}
	err := t.await(ctx, start(func() error {
		if answered {
			return t.Saver.Finish(m)
		}
		return fail(t.Saver, e)
	}))
	if !t.hung {
		t.id = t.Saver.ID()
	}
	if err != nil {
		return err
	}
	// The answer is whole in the session, whatever the journal met; but what was written
	// and could not be synced may be lost.
	for _, err := range []error{t.syncErr, t.journalErr} {
		if save, ok := errors.AsType[*session.SaveError](err); ok && save.Stage == "sync" {
			return err
		}
	}
	return nil
}

// fail puts into the session why there is no answer. If there is no room for that, why is
// still what the person needs to know; the next start notes the rest.
func fail(s Saver, e *report.Error) error {
	kind, what := chat.Cut, ""
	if e != nil {
		kind, what = chat.Why(e.Kind), e.What
	}
	err := s.Fail(kind, what)
	if save, ok := errors.AsType[*session.SaveError](err); ok && save.Stage == "answer" {
		return nil
	}
	return err
}
