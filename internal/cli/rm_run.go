package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"oax/internal/session"
)

// removal changes many sessions, one after the other, and says how far it came.
type removal struct {
	env    *Env
	store  *session.Store
	trash  *session.Trash
	do     string // "remove": what is done to them
	did    string // "removed"
	undo   string // what takes it back, if anything does
	goOn   string // what goes on where it was stopped
	done   int
	listed lister // with --json, of what was done

	refused int
	why     []*report // the first of them
	code    int       // the gravest
}

// each does one thing to each session until one cannot be done at all or ctx ends.
// That one session is refused does not keep it from the others.
func (r *removal) each(ctx context.Context, entries []session.Entry, do func(session.Entry) error) error {
	if r.env.flags.JSON {
		r.listed = r.env.lister(r.env.Stdout, nil)
	}
	wait := r.env.wait(r.far(len(entries)))
	said := time.Now()
	var failed error
	for _, entry := range entries {
		if ctx.Err() != nil {
			break
		}
		if failed = r.one(entry, do); failed != nil {
			break
		}
		if time.Since(said) > waitTick {
			wait.say(r.far(len(entries)))
			said = time.Now()
		}
	}
	if err := r.trash.Sync(); err != nil && failed == nil {
		failed = cannot("make it last on the disk", err)
	}
	wait.stop()
	return r.end(ctx, len(entries), failed)
}

// one changes one session. The error is one that the next session would meet too.
func (r *removal) one(entry session.Entry, do func(session.Entry) error) error {
	var summary session.Summary
	if r.listed != nil {
		summary = r.env.summary(r.store, entry)
	}
	if err := do(entry); err != nil {
		why := cannot(r.do+" session "+entry.ID, err)
		if !ofOne(err) {
			return why
		}
		r.refuse(explain(why))
		return nil
	}
	r.done++
	if r.listed != nil {
		if err := r.listed.add(summary); err != nil {
			return outputError(err)
		}
	}
	return nil
}

// ofOne reports whether an error is about one session and not about them all.
func ofOne(err error) bool {
	for _, target := range []any{
		new(*session.BusyError), new(*session.NotFoundError), new(*session.FileError), new(*session.NewerError),
	} {
		if errors.As(err, target) {
			return true
		}
	}
	return errors.Is(err, fs.ErrExist)
}

func (r *removal) refuse(why *report) {
	const most = 10
	r.refused++
	r.code = max(r.code, why.code)
	if len(r.why) < most {
		r.why = append(r.why, why)
	}
}

// end says what was done and what was not.
func (r *removal) end(ctx context.Context, of int, failed error) error {
	hint := ""
	if r.done > 0 && r.undo != "" {
		hint = r.undo
	}
	stopped := ctx.Err() != nil && r.done+r.refused < of
	if of == 1 && r.refused == 1 {
		return r.why[0]
	}
	r.sayRefused()
	switch {
	case stopped:
		end := *explain(context.Cause(ctx))
		end.what, end.hint = "stopped; "+r.far(of), cmp.Or(hint, r.goOn)
		return &end
	case failed != nil:
		end := *explain(failed)
		if r.done > 0 && end.what != "" {
			end.what += "; " + r.far(of)
		}
		return &end
	case r.done > 0:
		r.env.said.note(r.far(of))
		r.env.said.hint(hint)
	}
	if r.refused > 0 {
		return &report{code: r.code, kind: r.why[0].kind}
	}
	return nil
}

func (r *removal) sayRefused() {
	for _, why := range r.why {
		r.env.said.line(why.what)
	}
	if more := r.refused - len(r.why); more > 0 {
		r.env.said.line(fmt.Sprintf("cannot %s %d more", r.do, more))
	}
}

// far is how far it came.
func (r *removal) far(of int) string {
	if r.done == of {
		return r.did + " " + counted(of, "session")
	}
	return fmt.Sprintf("%s %d of %s", r.did, r.done, counted(of, "session"))
}
