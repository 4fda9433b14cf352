package session

import (
	"bufio"
	"context"
	"os"
)

// Forks returns the sessions that say they began as a copy of one, be it in the trash
// by now, newest first. It reads the first lines of all that began since that month. A
// session that cannot be read is left out. The error is that of ctx.
func (st *Store) Forks(ctx context.Context, of Entry) ([]Entry, error) {
	var forks []Entry
	in := bufio.NewReader(nil)
	for e, err := range st.Newest() {
		if ctx.Err() != nil {
			return forks, context.Cause(ctx)
		}
		if err == nil && e.month() < of.month() {
			break
		}
		if err == nil && forkOf(e, in) == of.ID {
			forks = append(forks, e)
		}
	}
	return forks, nil
}

// forkOf returns the ID of the session that another one was copied from, or "".
func forkOf(e Entry, in *bufio.Reader) string {
	f, err := openFile(e.Path, os.O_RDONLY)
	if err != nil {
		return ""
	}
	defer f.Close()
	in.Reset(f)
	line, _ := in.ReadSlice('\n')
	header, _ := decode(line)
	if header.ForkOf == nil {
		return ""
	}
	return header.ForkOf.ID
}
