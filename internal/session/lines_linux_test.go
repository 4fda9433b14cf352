package session

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"
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
			if refused, ok := errors.AsType[*FileError](err); !ok || refused.What != NotRegular {
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

// From both ends of a file, the lines are the same.
func FuzzLinesBackward(f *testing.F) {
	f.Add([]byte(fixture), 3)
	f.Add([]byte("\n\n a"), 300_000)
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte, long int) {
		path := filepath.Join(dir, fmt.Sprint(os.Getpid()))
		long = min(max(long, 0), 1<<20)
		write(t, path, string(data)+string(make([]byte, long))+"\n"+string(data))
		file, err := OpenFile(path)
		must(t, err)
		defer file.Close()
		var forward []line
		must(t, eachLine(bufio.NewReader(file), func(l line) error { forward = append(forward, l); return nil }))
		size, _, err := fileEnd(file)
		must(t, err)
		lines := backward{file: file, at: size}
		for i := len(forward) - 1; i >= 0; i-- {
			l, ok := lines.next()
			if want := forward[i]; !ok || l.at != want.at || l.size != want.size || l.complete != want.complete {
				t.Fatalf("line %d: %v %d %d %v, want %d %d %v", i, ok, l.at, l.size, l.complete, want.at, want.size, want.complete)
			}
			got, err := l.whole(file)
			must(t, err)
			if want := make([]byte, l.size); len(want) > 0 {
				_, err := file.ReadAt(want, l.at)
				must(t, err)
				if string(got) != string(want) {
					t.Fatalf("line %d differs", i)
				}
			}
		}
		if _, ok := lines.next(); ok {
			t.Fatal("there are more")
		}
	})
}
