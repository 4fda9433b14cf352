package session

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	"oax/internal/session/disk"
)

// No reader waits for what is no file, or reads it; none holds a line of a gigabyte.
func TestReadersOfWhatIsNoSession(t *testing.T) {
	st := newStore(t, Options{})
	entry := func(i int) Entry {
		began := start.Add(time.Duration(i) * time.Minute)
		id := fmt.Sprintf("aaaaaaa%d", i)
		return Entry{id, st.pathOf(began, id)}
	}
	whole := save(t, st, "question", "answer")
	special := []Entry{entry(1), entry(2), entry(3)}
	must(t, syscall.Mkfifo(special[0].Path, 0o600))
	must(t, os.Mkdir(special[1].Path, 0o700))
	if err := syscall.Mknod(special[2].Path, syscall.S_IFCHR|0o600, 1<<8|5); err != nil { // /dev/zero
		t.Log(err) // one needs to be root
		must(t, os.Mkdir(special[2].Path, 0o700))
	}
	huge := entry(4)
	write(t, huge.Path, read(t, whole.Path))
	must(t, os.Truncate(huge.Path, 1<<30/int64(min(every(4), 4))))
	f, err := os.OpenFile(huge.Path, os.O_WRONLY|os.O_APPEND, 0)
	must(t, err)
	_, err = f.WriteString("\n" + read(t, whole.Path))
	must(t, errors.Join(err, f.Close()))

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if ids := listed(t, st, Filter{}); len(ids) != 5 {
		t.Errorf("listed: %v", ids)
	}
	for _, e := range special {
		_, err := st.Load(e)
		_, failed := st.Summary(e)
		_, unshown := st.Excerpt(e)
		for _, err := range []error{err, failed, unshown, st.Retitle(e, "x"), st.Trash().Take(e), second(st.Copy(e, 0, ""))} {
			if refused, ok := errors.AsType[*disk.FileError](err); !ok || refused.What != disk.NotRegular {
				t.Errorf("%s: %v", e.ID, err)
			}
		}
	}
	if previews := st.Previews(append(special, huge, whole)); len(previews) != 2 {
		t.Errorf("%d previews", len(previews))
	}
	s := load(t, st, huge)
	if len(s.Messages) != 4 || len(s.Notes) != 1 || s.Notes[0] != "record 4 is damaged (kept as is)" {
		t.Errorf("%d messages, %q", len(s.Messages), s.Notes)
	}
	if sum, err := st.Summary(huge); err != nil || sum.Turns != 2 || sum.Title != "question" {
		t.Errorf("%+v, %v", sum, err)
	}
	if messages, err := st.Excerpt(huge, "answer"); err != nil || len(messages) == 0 {
		t.Errorf("%v, %v", messages, err)
	}
	runtime.ReadMemStats(&after)
	if mib := (after.TotalAlloc - before.TotalAlloc) >> 20; mib > 400 {
		t.Errorf("%d MiB", mib)
	}
}

func second[T any](_ T, err error) error { return err }
