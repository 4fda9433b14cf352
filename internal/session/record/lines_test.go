package record

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"oax/internal/session/disk"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// From both ends of a file, the lines are the same.
func FuzzLinesBackward(f *testing.F) {
	f.Add([]byte(sample), 3)
	f.Add([]byte("\n\n a"), 300_000)
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte, long int) {
		path := filepath.Join(dir, fmt.Sprint(os.Getpid()))
		long = min(max(long, 0), 1<<20)
		must(t, os.WriteFile(path, []byte(string(data)+string(make([]byte, long))+"\n"+string(data)), 0o600))
		file, err := disk.Open(path)
		must(t, err)
		defer file.Close()
		var forward []Line
		must(t, eachLine(bufio.NewReader(file), func(l Line) error { forward = append(forward, l); return nil }))
		size, _, err := disk.End(file)
		must(t, err)
		lines := Backward{File: file, At: size}
		for i := len(forward) - 1; i >= 0; i-- {
			l, ok := lines.Next()
			if want := forward[i]; !ok || l.At != want.At || l.Size != want.Size || l.Complete != want.Complete {
				t.Fatalf("line %d: %v %d %d %v, want %d %d %v", i, ok, l.At, l.Size, l.Complete, want.At, want.Size, want.Complete)
			}
			got, err := l.Whole(file)
			must(t, err)
			if want := make([]byte, l.Size); len(want) > 0 {
				_, err := file.ReadAt(want, l.At)
				must(t, err)
				if string(got) != string(want) {
					t.Fatalf("line %d differs", i)
				}
			}
		}
		if _, ok := lines.Next(); ok {
			t.Fatal("there are more")
		}
	})
}
