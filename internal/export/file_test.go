package export

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"oax/internal/report"
)

func prints(text string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, text); return err }
}

func TestToFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	if err := ToFile(context.Background(), path, false, prints("one")); err != nil {
		t.Fatal(err)
	}
	checkFile(t, path, "one", 0o600)
	err := ToFile(context.Background(), path, false, prints("two"))
	if r := report.Of(err); r == nil || r.What != path+" exists (use --force)" || r.Code != report.ExitUsage {
		t.Errorf("without force: %+v", r)
	}
	checkFile(t, path, "one", 0o600)
	if err := ToFile(context.Background(), path, true, prints("two")); err != nil {
		t.Error(err)
	}
	checkFile(t, path, "two", 0o600)
}

func checkFile(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != text {
		t.Errorf("%s holds %q, %v; want %q", path, got, err, text)
	}
	if info, err := os.Lstat(path); err != nil || info.Mode() != mode {
		t.Errorf("%s has mode %v, want %v", path, info.Mode(), mode)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".oax-*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// An error of what is printed is returned as it is, and the old file stays whole.
func TestToFileFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	if err := os.WriteFile(path, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	unreadable := errors.New("unreadable")
	err := ToFile(context.Background(), path, true, func(w io.Writer) error {
		io.WriteString(w, "half")
		return unreadable
	})
	if !errors.Is(err, unreadable) {
		t.Error(err)
	}
	checkFile(t, path, "old", 0o640)
	dir := filepath.Dir(path)
	for name, code := range map[string]int{dir: report.ExitDisk, filepath.Join(path, "x"): report.ExitDisk, filepath.Join(dir, "no", "x"): report.ExitDisk} {
		if r := report.Of(ToFile(context.Background(), name, true, prints("x"))); r == nil || r.Code != code {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
