package session

import (
	"errors"
	"fmt"
	"strings"

	"oax/internal/session/disk"
)

// BadIDError says that a reference cannot be a session ID. Nothing was looked up.
type BadIDError struct{ Ref string }

func (e *BadIDError) Error() string { return fmt.Sprintf("not a session id: %q", e.Ref) }

// NotFoundError says that a reference names no session.
type NotFoundError struct{ Ref string }

func (e *NotFoundError) Error() string { return fmt.Sprintf("no session %s", e.Ref) }

// AmbiguousError says that the IDs of several sessions begin with a reference. IDs
// are the newest of them, at most five.
// Files are their names in the store, since several files can have one ID.
type AmbiguousError struct {
	Ref        string
	IDs, Files []string
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%s begins several session ids: %s", e.Ref, strings.Join(e.IDs, " "))
}

// BusyError says that another process is writing to the session. PID is 0 if
// that process did not say who it is.
type BusyError struct {
	ID  string
	PID int
}

func (e *BusyError) Error() string {
	return fmt.Sprintf("session %s is open in another process (PID %d)", e.ID, e.PID)
}

// NewerError says that a session has a format this program can read and must not write.
type NewerError struct {
	ID      string
	Version int
}

func (e *NewerError) Error() string {
	return fmt.Sprintf("session %s was written by a newer oax (format %d)", e.ID, e.Version)
}

// CopyError says why a copy of a session was not merged. It is left as it is.
type CopyError struct {
	Path string
	Err  error
}

func (e *CopyError) Error() string { return fmt.Sprintf("cannot merge %s: %v", e.Path, e.Err) }

// Unwrap returns why.
func (e *CopyError) Unwrap() error { return e.Err }

// SaveError says what of a turn could not be saved. Stage is "prompt" (nothing of
// the turn is saved), "answer" (not all of the answer is), "call" (a call of a tool, which
// therefore does not run), "result" (of a call), "next" (nothing of the answer that
// follows the results can be) or "sync" (written, but the disk did not confirm it).
// Rescued is the path of a copy of the answer elsewhere, or empty. Err is the operating
// system's error.
type SaveError struct {
	Stage, Dir, ID, Rescued string
	Err                     error
}

func (e *SaveError) Error() string {
	return fmt.Sprintf("cannot save the %s in %s: %v", e.Stage, e.Dir, e.Err)
}

// Unwrap returns the operating system's error.
func (e *SaveError) Unwrap() error { return e.Err }

// cannotSave makes a SaveError of err, unless err is an error of this package.
func (st *Store) cannotSave(stage, id string, err error) error {
	for _, own := range []any{new(*NotFoundError), new(*BusyError), new(*NewerError), new(*disk.FileError), new(*SaveError)} {
		if errors.As(err, own) {
			return err
		}
	}
	return &SaveError{Stage: stage, Dir: st.dir, ID: id, Err: err}
}
