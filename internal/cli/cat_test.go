package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is damaged in a file is noted for the person who reads it.
func TestCatNotesDamage(t *testing.T) {
	h := newHome(t)
	id := h.chat(1, "question", "answer")
	paths, err := filepath.Glob(filepath.Join(h.dir, "data/oax/sessions/*/*_"+id+".jsonl"))
	if err != nil || len(paths) != 1 {
		t.Fatal(paths, err)
	}
	text, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	newer := strings.Replace(string(text), `"version":1`, `"version":99`, 1)
	if err := os.WriteFile(paths[0], []byte(newer+"damaged\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := h.run("cat", "--last")
	if got.stdout != "answer" || strings.Count(got.stderr, "\n") != 2 || !strings.HasPrefix(got.stderr, "oax: session "+id+": ") ||
		!strings.HasSuffix(got.stderr, "oax: session "+id+" was written by a newer oax; opened read-only\n") {
		t.Errorf("%q, standard error: %q", got.stdout, got.stderr)
	}
}
