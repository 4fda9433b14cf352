package main

import (
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
	files := map[string]string{"config/oax/config.toml": canary, "other": "nothing"}
	for _, place := range places {
		name, _ := filepath.Rel(h.dir, place)
		shell(t, `mkdir -p "$(dirname "$1")" && echo "x $2 y" > "$1"`, place, canary)
		files[name] = h.files()[name]
	}
	if found := withKey(files); len(found) != len(places) || slices.Contains(found, "config/oax/config.toml") {
		t.Errorf("found only in %v", found)
	}
	shell(t, `rm -rf "$1"/* "$1"/.local`, h.dir)
}
