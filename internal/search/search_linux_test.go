package search

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"oax/internal/session"
	"oax/internal/session/disk"
)

// What is no file is refused, whatever it is, and a line of a gigabyte is skipped.
func TestSearchAmongWhatIsNoSession(t *testing.T) {
	st := newStore(t)
	all := spread(t, st, 7, time.Hour)
	for i, make := range []func(path string) error{
		func(path string) error { return syscall.Mkfifo(path, 0o600) },
		func(path string) error { return os.Mkdir(path, 0o700) },
		func(path string) error { return syscall.Mknod(path, syscall.S_IFCHR|0o600, 1<<8|5) }, // /dev/zero
		func(path string) error { return syscall.Mknod(path, syscall.S_IFCHR|0o600, 1<<8|8) }, // /dev/random
	} {
		must(t, os.Remove(all[i].Path))
		if err := make(all[i].Path); err != nil {
			t.Log(err) // one needs to be root
			must(t, os.Mkdir(all[i].Path, 0o700))
		}
	}
	data, err := os.ReadFile(all[4].Path)
	must(t, err)
	must(t, os.Truncate(all[4].Path, 1<<28))
	f, err := os.OpenFile(all[4].Path, os.O_WRONLY|os.O_APPEND, 0)
	must(t, err)
	_, err = f.WriteString("\n" + string(data))
	must(t, errors.Join(err, f.Close()))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	refused, found, notes := 0, 0, ""
	for f, err := range Sessions(context.Background(), st.List(session.Filter{}), Query{Pattern: pattern("number")}) {
		notRegular, is := errors.AsType[*disk.FileError](err)
		switch {
		case err == nil:
			found += len(f.Hits)
			notes += strings.Join(f.Notes, "")
		case is && notRegular.What == disk.NotRegular:
			refused++
		default:
			t.Error(err)
		}
	}
	runtime.ReadMemStats(&after)
	if refused != 4 || found != 4 || notes != "record 3 is damaged (kept as is)" {
		t.Errorf("%d refused, %d hits, %q", refused, found, notes)
	}
	// Under the race detector pools forget, so more is allocated; the line has 256 MiB.
	if mib := (after.TotalAlloc - before.TotalAlloc) >> 20; mib > 128 {
		t.Errorf("%d MiB", mib)
	}
}
