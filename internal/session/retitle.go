package session

import (
	"oax/internal/session/disk"
	"oax/internal/session/record"
)

// Retitle gives a session a title; with an empty one the first prompt is the title again.
// It adds one record, also to a session that another process has open.
// The error is a BusyError, NewerError, NotFoundError, FileError or that of the system.
func (st *Store) Retitle(e Entry, title string) error {
	f, err := openSession(e, disk.ForAppend)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, ended, _ := disk.End(f); !ended {
		_, _ = st.mend(e) // if that fails, the title begins on a line of its own
	}
	data, err := record.Encode(record.NewTitle(st.now(), title))
	if err != nil {
		return err
	}
	if err := st.appendTo(f, e.Path, data); err != nil {
		return notFound(e, err)
	}
	return f.Sync()
}
