package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The key is found wherever it could get to: in what a run prints, also one that is
// killed, and in every place that a home has for files.
func TestCanaryIsFound(t *testing.T) {
	t.Parallel()
	planted := &testing.T{} // what has no business in the result of this test
	h := newHome(t)
	leaks := *h
	leaks.t = planted
	cmd := h.command()
	cmd.Path, cmd.Args = "/bin/sh", []string{"sh", "-c", `echo "$OPENAI_API_KEY"; exec sleep 60`}
	printed, r := leaks.killed(cmd, moment{after: len(canary)})
	if !strings.Contains(printed, canary) || r.code != 137 || !planted.Failed() {
		t.Errorf("printed %q, %+v; the test of it failed: %v", printed, r, planted.Failed())
	}

	places := []string{
		h.store() + "/2026-11/a_k3f9q2ab.jsonl", h.store() + "/2026-11/a_k3f9q2ab.torn", h.store() + "/2026-11/.tmp-k3f9q2ab",
		h.store() + "/open/2026-11_k3f9q2ab.part", h.store() + "/trash/x/2026-11/a_k3f9q2ab.jsonl",
		h.env["TMPDIR"] + "/oax-k3f9q2ab-1.txt", h.env["XDG_CACHE_HOME"] + "/oax/models", h.dir + "/.local/state/oax/crash-1.txt",
	}
	h.config(canary)
	h.write("other", "nothing")
	before := strings.Repeat("x", 256<<10-len(canary)/2) // so that the key is in two pieces of what is read
	for _, place := range places {
		must(t, os.MkdirAll(filepath.Dir(place), 0o700))
		write(t, place, before+canary+" y")
	}
	slices.Sort(places)
	if found := h.withKey(); !slices.Equal(slices.Sorted(slices.Values(found)), places) {
		t.Errorf("found only in %v", found)
	}
	shell(t, `rm -rf "$1"/* "$1"/.local`, h.dir)
}
