package prompt

import (
	"os"
	"path/filepath"
	"testing"
)

func TestDraft(t *testing.T) {
	d := Draft{filepath.Join(t.TempDir(), "state", "draft.txt")}
	if got := d.Load(); got != "" {
		t.Errorf("%q", got)
	}
	must(t, d.Save("first\n"))
	must(t, d.Save(" \n")) // a blank text keeps the earlier draft
	if got := d.Load(); got != "first\n" {
		t.Errorf("%q", got)
	}
	must(t, d.Save("second"))
	info, err := os.Stat(d.Path)
	must(t, err)
	if got := d.Load(); got != "second" || info.Mode().Perm() != 0o600 {
		t.Errorf("%q, %v", got, info.Mode())
	}
	d.Remove()
	if names, err := os.ReadDir(filepath.Dir(d.Path)); err != nil || len(names) > 0 || d.Load() != "" {
		t.Errorf("%v, %v", names, err)
	}

	none := Draft{}
	must(t, none.Save("x"))
	none.Remove()
	if none.Load() != "" {
		t.Error("a draft without a file was kept")
	}
	below := Draft{filepath.Join(t.TempDir(), "file", "draft.txt")}
	must(t, os.WriteFile(filepath.Dir(below.Path), nil, 0o600))
	wants(t, "below a file", below.Save("x"), "cannot write "+below.Path+": not a directory", "")
}

// The earlier draft stays, whole, if the new one fails, and nothing else is left.
func TestDraftIsReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	must(t, os.WriteFile(path, []byte("old"), 0o600))
	must(t, Draft{path}.Save("new"))
	if names, _ := os.ReadDir(filepath.Dir(path)); read(t, path) != "new" || len(names) != 1 {
		t.Errorf("%q, %v", read(t, path), names)
	}
	taken := filepath.Join(t.TempDir(), "d")
	must(t, os.MkdirAll(filepath.Join(taken, "full"), 0o700))
	err := Draft{taken}.Save("new")
	if names, _ := os.ReadDir(filepath.Dir(taken)); err == nil || len(names) != 1 {
		t.Errorf("a directory was replaced, or %v", names)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	must(t, err)
	return string(text)
}
