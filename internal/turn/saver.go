package turn

import (
	"context"
	"errors"
	"time"

	"oax/internal/chat"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/term"
)

// Saver is where a turn is saved: a session.Writer, which has the prompt already, or
// Unsaved. Its methods are called in this order: Sync, any number of Journal, then Finish
// or Fail, then Close.
type Saver interface {
	// ID returns the session's ID, which Finish and Fail may change; it is empty if nothing
	// is saved.
	ID() string
	// Sync returns once the prompt is on the disk. The error can be a SaveError with the cause
	// of ctx: nothing else may be called then.
	Sync(ctx context.Context) error
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
func (Unsaved) Sync(context.Context) error  { return nil }
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
	t := newEnd(o)
	defer t.close()
	t.syncErr = t.sync(ctx)
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

// patience returns a context for what waits for the saver: as long as that takes, but once
// ctx has ended only for savePatience. A saver that hangs then is not used any more; what
// the disk may not have taken is still in the journal.
func patience(ctx context.Context) (context.Context, func()) {
	return term.Patience(ctx, savePatience, errHung)
}

// awaitSaver runs what uses the saver of a session, with patience. After a SaveError with
// errHung the saver must not be used any more.
func awaitSaver[value any](ctx context.Context, id string, use func() (value, error)) (value, error) {
	patient, stop := patience(ctx)
	defer stop()
	v, err := term.Await(patient, use)
	if err == errHung {
		err = &session.SaveError{Stage: "sync", ID: id, Err: errHung}
	}
	return v, err
}

// sync waits until the prompt is on the disk.
func (t *turn) sync(ctx context.Context) error {
	patient, stop := patience(ctx)
	defer stop()
	err := t.Saver.Sync(patient)
	t.hung = errors.Is(err, errHung)
	return err
}

// save puts the answer into the session, or the reason why there is none. The error says
// what of the turn is not safe on the disk.
func (t *turn) save(ctx context.Context, m chat.Message, answered bool, e *report.Error) error {
	if t.hung {
		return t.syncErr
	}
	id, err := awaitSaver(ctx, t.id, func() (string, error) {
		var err error
		if answered {
			err = t.Saver.Finish(m)
		} else {
			err = fail(t.Saver, e)
		}
		return t.Saver.ID(), err
	})
	if t.hung = errors.Is(err, errHung); t.hung {
		return err
	}
	if t.id = id; err != nil {
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
