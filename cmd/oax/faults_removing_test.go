package main

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// removing are faults of taking sessions away and bringing them back (E, F, G).
var removing = []fault{
	{row: "E27", what: "rm without a terminal", test: func(t *testing.T) {
		h := remembers(t)
		before := h.tree()
		for _, args := range [][]string{{"rm", "@"}, {"rm", "--older-than", "2099-01-01"}, {"rm", "--purge", "@"}} {
			cmd := h.command(args...)
			cmd.SysProcAttr = withoutTerminal() // no /dev/tty
			h.checkRun(h.finish(cmd), want{code: 2})
		}
		h.env["CI"] = "true"
		c := h.at(h.command("rm", "@"))
		h.checkRun(c.endSilent(), want{code: 2})
		h.checkTree(before)
	}},
	{row: "F26", what: "rm asks, and No is the default", test: func(t *testing.T) {
		h := remembers(t)
		h.config("[display]\ntime = \"%F\"\n")
		before := h.tree()
		for _, keys := range []string{"\n", "n\n", "nonsense\n", "\x04"} {
			c := h.at(h.command("rm", "@2", "@4"))
			c.replies("[y/N] ", keys)
			h.checkRun(c.endSilent(), want{code: 1})
		}
		h.checkTree(before)
		c := h.at(h.command("rm", "@"))
		c.replies("[y/N] ", "\x03")
		diedOf(t, c.end(), syscall.SIGINT)
		h.checkTree(before)
	}},
	{row: "F26", what: "yes, and it can be undone", test: func(t *testing.T) {
		h := remembers(t)
		h.config("[display]\ntime = \"%F\"\n")
		before := h.files()
		c := h.at(h.command("rm", "@"))
		c.replies("[y/N] ", "y\n")
		h.checkRun(c.endSilent(), want{notes: true})
		equal(t, "sessions left", len(h.paths()), len(chats)-1)
		h.checkRun(h.run("rm", "--undo"), want{notes: true})
		if after := h.files(); !maps.Equal(before, after) {
			t.Errorf("before %v, after %v", before, after)
		}
	}},
	{row: "F26", what: "the IDs come through a pipe", test: func(t *testing.T) {
		h := remembers(t)
		cmd := h.command("rm", "-")
		cmd.Stdin = strings.NewReader("@\n@2\n")
		c := h.at(cmd)
		c.replies("[y/N] ", "yes\n")
		if r := c.end(); r.code != 0 || len(h.paths()) != len(chats)-2 {
			t.Errorf("%+v: %s", r, c.shown())
		}
	}},
	{row: "F26", what: "the trash keeps for 30 days", test: trashExpires},
	{row: "F27", what: "removed again", test: func(t *testing.T) {
		h := remembers(t)
		id := idOf(h.paths()[0])
		h.succeeds("rm", "-y", id)
		before := h.tree()
		h.checkRun(h.run("rm", "-y", id), want{code: 1})
		h.checkRun(h.run("rm", "-y", "--force", id), want{})
		h.checkTree(before)
	}},
	{row: "F28", what: "--dry-run changes nothing", test: func(t *testing.T) {
		h := remembers(t)
		h.succeeds("rm", "-y", "@3", "@4")
		before := h.tree()
		for args, lines := range map[string]int{
			"rm @ @2": 2, "rm --older-than 2099-01-01": 3, "rm --undo": 2, "rm --purge": 2, "rm --purge @": 1, "rm --yes --json @": 1,
			"rm --force @ zz": 1, "rm --older-than 2001-01-01": 0, "rm --purge --older-than 2099-01-01": 3,
		} {
			r := h.run(append(strings.Fields(args), "--dry-run")...)
			if r.code != 0 || strings.Count(r.stdout, "\n") != lines {
				t.Errorf("oax %s --dry-run: %+v", args, r)
			}
			h.checkTree(before)
		}
	}},
	{row: "F25", what: "rm of a session that is open", test: func(t *testing.T) {
		h, gate := halted(t, "one", " of two")
		h.succeeds("q")
		run := h.start(h.command("-c", "wait"), "one")
		for _, args := range [][]string{{"rm", "-y", "@"}, {"rm", "--purge", "-y", "@"}} {
			r := h.run(args...)
			h.checkRun(r, want{code: 1})
			if pid := fmt.Sprintf("PID %d)", run.cmd.Process.Pid); !strings.Contains(r.stderr, pid) {
				t.Errorf("%q, want %s", r.stderr, pid)
			}
		}
		h.checkRun(h.run("mv", "@", "given"), want{})
		r := h.run("cp")
		h.checkRun(r, want{stdout: r.stdout, notes: true})
		close(gate.open)
		run.wait()
		h.checkChats("q q | a whole | q wait | ? given | a one of two", "q q | a whole | q wait | ? given")
	}},
	{row: "F30", what: "a session is a symbolic link", test: func(t *testing.T) {
		h := remembers(t)
		path := h.paths()[0]
		victim := filepath.Join(h.dir, "victim")
		write(t, victim, text(t, path))
		must(t, os.Remove(path))
		must(t, os.Symlink(victim, path))
		before := h.tree()
		for _, args := range []string{"rm -y ID", "rm -y --purge ID", "mv ID title", "cp ID"} {
			h.checkRun(h.run(strings.Fields(strings.ReplaceAll(args, "ID", idOf(path)))...), want{code: 7})
		}
		h.checkTree(before)
		if r := h.run("rm", "-y", idOf(path), "@"); r.code != 7 || len(h.paths()) != len(chats)-1 {
			t.Errorf("with another: %+v", r)
		}
	}},
	{row: "F7", what: "rm on a read-only file system", test: func(t *testing.T) {
		h := remembers(t)
		for _, args := range []string{"rm -y @ @2", "rm -y --purge @ @2", "mv @ title", "cp"} {
			h.checkRun(h.finish(h.readOnly(h.store(), strings.Fields(args)...)), want{code: 7})
		}
	}},
	{row: "F7", what: "rm on a full disk", test: func(t *testing.T) {
		h := remembers(t)
		h.checkRun(h.injected("", "mkdirat:error=ENOSPC", "rm", "-y", "@", "@2"), want{code: 7})
		equal(t, "sessions", len(h.paths()), len(chats))
	}},
	{row: "E1", what: "Ctrl-C while many are removed", test: func(t *testing.T) {
		const many = 300
		h := newHome(t)
		h.mkStore("2026-01")
		for i := range many {
			name := fmt.Sprintf("2026-01/2026-01-01_00-%02d-%02d_0000%04d.jsonl", i/60, i%60, i)
			write(t, filepath.Join(h.store(), name), `{"kind":"session","version":1,"id":"x","time":"2026-01-01T00:00:00Z"}`+"\n")
		}
		cmd := h.under(h.command("rm", "-y", "--older-than", "2026-02"), "strace", "-D", "-f", "-qq", "-o", "/dev/null",
			"-e", "trace=renameat", "-e", "inject=renameat:delay_enter=10ms")
		c := h.at(cmd)
		c.shows(fmt.Sprintf(" of %d sessions ", many))
		c.press("\x03")
		diedOf(t, c.end(), syscall.SIGINT)
		taken := many - len(h.paths())
		if taken < 2 || taken > many-2 || !strings.Contains(c.shown(), fmt.Sprintf("%d of %d sessions\n", taken, many)) {
			t.Errorf("%d were taken: %q", taken, c.shown())
		}
		if r := h.run("rm", "--undo"); r.code != 0 || len(h.paths()) != many {
			t.Errorf("%+v, %d sessions", r, len(h.paths()))
		}
	}},
	{row: "G20", what: "a secret in a prompt is purged", test: purged},
}

// trashExpires removes a session, and another one 30 days later: the first is purged.
func trashExpires(t *testing.T) {
	h := remembers(t)
	first := idOf(h.paths()[0])
	h.checkRun(h.run("rm", "-y", first), want{notes: true})
	removals, _ := filepath.Glob(filepath.Join(h.store(), "trash", "*"))
	if len(removals) != 1 {
		t.Fatalf("%d removals", len(removals))
	}
	for age, kept := range map[time.Duration]bool{29 * 24 * time.Hour: true, 31 * 24 * time.Hour: false} {
		before := time.Now().Add(-age).UTC().Format("2006-01-02_15-04-05")
		dated := filepath.Join(h.store(), "trash", before+filepath.Base(removals[0])[len(before):])
		shell(t, `cp -a "$1" "$2"; mv "$1"/trash/* "$3"`, h.store(), h.store()+".keep", dated)
		h.run("rm", "-y", "@")
		if _, err := os.Stat(dated); (err == nil) != kept {
			t.Errorf("after %v: %v", age, err)
		}
		shell(t, `rm -rf "$1" && mv "$2" "$1"`, h.store(), h.store()+".keep")
	}
}

// tree is every name in the home and what is behind it.
func (h *home) tree() map[string]string {
	tree := h.files()
	filepath.WalkDir(h.dir, func(path string, entry fs.DirEntry, err error) error {
		if entry.Name() == "cache" && filepath.Dir(path) == h.store() {
			return filepath.SkipDir
		}
		if err == nil && !entry.Type().IsRegular() {
			link, _ := os.Readlink(path)
			tree[path] = entry.Type().String() + link
		}
		return nil
	})
	return tree
}

func (h *home) checkTree(before map[string]string) {
	h.t.Helper()
	if after := h.tree(); !maps.Equal(before, after) {
		h.t.Errorf("the tree was changed: before\n%q\nafter\n%q", slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(after)))
	}
}

// purged puts a secret everywhere a prompt can get to and looks for it afterwards.
func purged(t *testing.T) {
	const secret = "the password is hunter2"
	for _, where := range []string{"store", "trash"} {
		h, gate := halted(t, "one", " of two")
		h.run("something else")
		run := h.start(h.command("wait", secret), "one")
		run.ends(syscall.SIGKILL)
		path := h.paths()[1]
		id := idOf(path)
		h.known = append(h.known, id)
		close(gate.open)
		h.succeeds("mv", id, secret)
		write(t, strings.TrimSuffix(path, ".jsonl")+".torn", secret)
		write(t, filepath.Join(h.env["TMPDIR"], "oax-"+id+"-1.txt"), secret)
		if where == "trash" {
			h.succeeds("rm", "-y", id)
		}
		h.checkRun(h.run("rm", "--purge", "-y", id), want{notes: true})
		for name, text := range h.files() {
			if strings.Contains(text, "hunter2") {
				t.Errorf("%s: it is in %s", where, name)
			}
		}
		h.checkChats("q something else | a whole")
	}
}
