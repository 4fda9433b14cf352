package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oax/internal/demo"
)

var storing = slices.Concat(storingWhere, storingFull, storingDamaged, storingUnread, storingShared, storingKilled)

// storingWhere are the faults of the place where sessions are to be (F).
var storingWhere = []fault{
	{row: "F1", what: "first run, umask 000", test: func(t *testing.T) { firstRun(t, "000") }},
	{row: "F1", what: "first run, umask 077", test: func(t *testing.T) { firstRun(t, "077") }},
	{row: "F1", what: "first run, umask 777", test: func(t *testing.T) { firstRun(t, "777") }},
	{row: "F2", what: "data directory not writable", test: func(t *testing.T) { notWritable(t, "..", 0o500) }},
	{row: "F2", what: "store not writable", test: func(t *testing.T) { notWritable(t, ".", 0o500) }},
	{row: "F2", what: "store not to be entered", test: func(t *testing.T) { notWritable(t, ".", 0) }},
	{row: "F2", what: "a store that cannot be read", test: func(t *testing.T) {
		for _, args := range [][]string{{"ls"}, {"cat"}, {"-c", "hi"}, {"retry"}} {
			h, script, _ := began(t)
			cmd := h.nobody(args...)
			must(t, os.Chmod(h.store(), 0))
			r := h.finish(cmd)
			os.Chmod(h.store(), 0o700)
			h.check(r, want{code: 7, prompt: "q", answer: "a"})
			requested(t, script, 1)
		}
	}},
	{row: "F2", what: "read-only file system", test: func(t *testing.T) {
		h, script, path := began(t)
		before := text(t, path)
		r := h.finish(h.readOnly(h.store(), "hi"))
		h.check(r, want{code: 7, prompt: "q", answer: "a"})
		if n := len(script.Requests()); n != 1 || text(t, path) != before {
			t.Errorf("%d requests; the session is %q", n, text(t, path))
		}
		r = h.finish(h.readOnly(h.store(), "cat"))
		if r.code != 0 || r.stderr != "" || !strings.Contains(r.stdout, "\na\n") {
			t.Errorf("reading it: %+v", r)
		}
	}},
	{row: "F2", what: "--no-save goes on", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Stream(demo.Answer("yes")...))
		h.mkStore(".")
		h.check(h.finish(h.readOnly(h.store(), "--no-save", "hi")), want{stdout: "yes\n"})
	}},
}

// firstRun asks under a umask and looks at what was made. Root would be stopped by
// no mode.
func firstRun(t *testing.T, umask string) {
	h, _ := scripted(t, demo.Stream(demo.Answer("yes")...))
	r := h.finish(h.under(h.nobody("hi"), "sh", "-c", "umask "+umask+`; exec "$@"`, "sh"))
	h.check(r, want{stdout: "yes\n", prompt: "hi", answer: "yes"})
	n := 0
	filepath.WalkDir(h.env["XDG_DATA_HOME"], func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			t.Error(err)
			return nil
		}
		mode := os.FileMode(0o600)
		if entry.IsDir() {
			mode = os.ModeDir | 0o700
		}
		if info, err := entry.Info(); err != nil || info.Mode() != mode {
			t.Errorf("%s: %v %v, want %v", path, info.Mode(), err, mode)
		}
		n++
		return nil
	})
	equal(t, "names", n, 6)
}

// mkStore makes a directory of the store, or one above it.
func (h *home) mkStore(rel string) string {
	h.t.Helper()
	dir := filepath.Join(h.store(), rel)
	must(h.t, os.MkdirAll(dir, 0o700))
	return dir
}

// notWritable asks where a directory of the store takes no new names.
func notWritable(t *testing.T, rel string, mode os.FileMode) {
	h, script := scripted(t, demo.Stream(demo.Answer("yes")...))
	dir := h.mkStore(rel)
	cmd := h.nobody("hi")
	must(t, os.Chmod(dir, mode))
	t.Cleanup(func() { os.Chmod(dir, 0o700) })
	r := h.finish(cmd)
	os.Chmod(dir, 0o700)
	h.check(r, want{code: 7})
	requested(t, script, 0)
}
