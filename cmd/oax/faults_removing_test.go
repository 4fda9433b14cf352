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
)

// removing are faults of taking sessions away and bringing them back (E, F, G).
var removing = []fault{
	{row: "E27", what: "rm without a terminal", test: func(t *testing.T) {
		h := remembers(t)
		before := h.tree()
		for _, args := range [][]string{{"rm", "@"}, {"rm", "--older-than", "2099-01-01"}, {"rm", "--purge", "@"}} {
			cmd := h.command(args...)
			cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no /dev/tty
			mustNotAsk(t, h.finish(cmd))
		}
		h.env["CI"] = "true"
		c := h.at(h.command("rm", "@"))
		if r := c.end(); r.code != 2 || c.shown() != needsYes {
			t.Errorf("%+v: %s", r, c.shown())
		}
		h.checkTree(before)
	}},
	{row: "F26", what: "rm asks, and No is the default", test: func(t *testing.T) {
		h := remembers(t)
		h.config("[display]\ntime = \"%F\"\n")
		before := h.tree()
		for _, keys := range []string{"\n", "n\n", "nonsense\n", "\x04"} {
			c := h.at(h.command("rm", "@2", "@4"))
			c.shows("Remove these 2 sessions? [y/N] ")
			for _, part := range []string{"2026-11-21  1 turn  並行処理と並列処理の違いを教えてください\n", "2026-11-21  1 turn  かな漢字変換の仕組み\n"} {
				if !strings.Contains(c.shown(), part) {
					t.Errorf("%q is not in %s", part, c.shown())
				}
			}
			c.press(keys)
			if r := c.end(); r.code != 1 || !strings.HasSuffix(c.shown(), "\noax: nothing was changed\n") {
				t.Errorf("%q: %+v: %s", keys, r, c.shown())
			}
		}
		h.checkTree(before)
		c := h.at(h.command("rm", "@"))
		c.shows("[y/N] ")
		c.press("\x03")
		diedOf(t, c.end(), syscall.SIGINT)
		h.checkTree(before)
	}},
	{row: "F26", what: "yes, and it can be undone", test: func(t *testing.T) {
		h := remembers(t)
		before := h.files()
		c := h.at(h.command("rm", "@"))
		c.shows("Remove this session? [y/N] ")
		c.press("y\n")
		if r := c.end(); r.code != 0 || !strings.HasSuffix(c.shown(), "\noax: removed 1 session\nhint: oax rm --undo brings back what was removed last\n") {
			t.Errorf("%+v: %s", r, c.shown())
		}
		if n := len(h.paths()); n != len(chats)-1 {
			t.Errorf("%d sessions are left", n)
		}
		if r := h.run("rm", "--undo"); r.code != 0 || r.stderr != "oax: brought back 1 session\n" {
			t.Errorf("%+v", r)
		}
		if after := h.files(); !maps.Equal(before, after) {
			t.Errorf("before %v, after %v", before, after)
		}
	}},
	{row: "F26", what: "the IDs come through a pipe", test: func(t *testing.T) {
		h := remembers(t)
		cmd := h.command("rm", "-")
		cmd.Stdin = strings.NewReader("@\n@2\n")
		c := h.at(cmd)
		c.shows("Remove these 2 sessions? [y/N] ")
		c.press("yes\n")
		if r := c.end(); r.code != 0 || len(h.paths()) != len(chats)-2 {
			t.Errorf("%+v: %s", r, c.shown())
		}
	}},
	{row: "F26", what: "the trash keeps for 30 days", elsewhere: "internal/session TestExpire"},
	{row: "F27", what: "removed again", test: func(t *testing.T) {
		h := remembers(t)
		id := idOf(h.paths()[0])
		if r := h.run("rm", "-y", id); r.code != 0 {
			t.Fatalf("%+v", r)
		}
		before := h.tree()
		if r := h.run("rm", "-y", id); r.code != 1 || r.stderr != "oax: no session "+id+"\nhint: it is in the trash: oax rm --undo "+id+"\n" {
			t.Errorf("%+v", r)
		}
		if r := h.run("rm", "-y", "--force", id); r != (result{}) {
			t.Errorf("%+v", r)
		}
		h.checkTree(before)
	}},
	{row: "F28", what: "--dry-run changes nothing", test: func(t *testing.T) {
		h := remembers(t)
		if r := h.run("rm", "-y", "@3", "@4"); r.code != 0 {
			t.Fatalf("%+v", r)
		}
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
		if r := h.run("q"); r.code != 0 {
			t.Fatalf("%+v", r)
		}
		run := h.start(h.command("-c", "wait"), "one")
		says := fmt.Sprintf("oax: session %s is open in another oax (PID %d)\n", idOf(h.paths()[0]), run.cmd.Process.Pid)
		for _, args := range [][]string{{"rm", "-y", "@"}, {"rm", "--purge", "-y", "@"}} {
			if r := h.run(args...); r.code != 1 || r.stderr != says+"hint: try again when it is done\n" {
				t.Errorf("%+v, want %s", r, says)
			}
		}
		if r := h.run("mv", "@", "given"); r != (result{}) {
			t.Errorf("%+v", r)
		}
		if r := h.run("cp"); r.code != 0 || !strings.Contains(r.stderr, "is open in another oax; what is being answered there is not copied") {
			t.Errorf("%+v", r)
		}
		close(gate.open)
		run.wait()
		h.checkChats("q q | a whole | q wait | ? given | a one of two", "q q | a whole | q wait | ? given")
	}},
	{row: "F30", what: "a session is a symbolic link", test: func(t *testing.T) {
		h := remembers(t)
		path := h.paths()[0]
		victim := filepath.Join(h.dir, "victim")
		write(t, victim, text(t, path))
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(victim, path); err != nil {
			t.Fatal(err)
		}
		before := h.tree()
		for _, args := range []string{"rm -y ID", "rm -y --purge ID", "mv ID title", "cp ID"} {
			r := h.run(strings.Fields(strings.ReplaceAll(args, "ID", idOf(path)))...)
			if r.code != 7 || r.stdout != "" || r.stderr != "oax: "+path+" is a symbolic link; refused\n" {
				t.Errorf("oax %s: %+v", args, r)
			}
		}
		h.checkTree(before)
		if r := h.run("rm", "-y", idOf(path), "@"); r.code != 7 || len(h.paths()) != len(chats)-1 {
			t.Errorf("with another: %+v", r)
		}
	}},
	{row: "F7", what: "rm on a read-only file system", test: func(t *testing.T) {
		h := remembers(t)
		id := idOf(h.paths()[len(chats)-1])
		for _, command := range []struct{ args, do string }{{"rm -y @ @2", "remove"}, {"rm -y --purge @ @2", "purge"}, {"mv @ title", "rename"}, {"cp", "copy"}} {
			r := h.finish(h.readOnly(h.store(), strings.Fields(command.args)...))
			if r.code != 7 || r.stdout != "" || r.stderr != "oax: cannot "+command.do+" session "+id+": read-only file system\n" {
				t.Errorf("oax %s: %+v", command.args, r)
			}
		}
	}},
	{row: "F7", what: "rm on a full disk", test: func(t *testing.T) {
		h := remembers(t)
		id := idOf(h.paths()[len(chats)-1])
		r := h.injected("", "mkdirat:error=ENOSPC", "rm", "-y", "@", "@2")
		if r.code != 7 || r.stderr != "oax: cannot remove session "+id+": no space left\nhint: oax rm --purge removes for good, which needs none\n" {
			t.Errorf("%+v", r)
		}
		if len(h.paths()) != len(chats) {
			t.Error("something is gone")
		}
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
		c.shows(fmt.Sprintf(" of %d sessions 0 s", many))
		c.press("\x03")
		diedOf(t, c.end(), syscall.SIGINT)
		taken := many - len(h.paths())
		says := fmt.Sprintf("\noax: stopped; removed %d of %d sessions\nhint: oax rm --undo brings back what was removed last\n", taken, many)
		if taken < 2 || taken > many-2 || !strings.HasSuffix(c.shown(), says) {
			t.Errorf("%d were taken: %q", taken, c.shown())
		}
		if r := h.run("rm", "--undo"); r.code != 0 || len(h.paths()) != many {
			t.Errorf("%+v, %d sessions", r, len(h.paths()))
		}
	}},
	{row: "G20", what: "a secret in a prompt is purged", test: purged},
}

const needsYes = "oax: needs --yes when not run from a terminal\nhint: oax rm --dry-run shows what would go\n"

func mustNotAsk(t *testing.T, r result) {
	t.Helper()
	if r != (result{stderr: needsYes, code: 2}) {
		t.Errorf("%+v", r)
	}
}

// tree is every name in the home and what is behind it.
func (h *home) tree() map[string]string {
	tree := h.files()
	filepath.WalkDir(h.dir, func(path string, entry fs.DirEntry, err error) error {
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
		run.cmd.Process.Kill()
		run.wait()
		path := h.paths()[1]
		id := idOf(path)
		close(gate.open)
		if r := h.run("mv", id, secret); r.code != 0 {
			t.Fatalf("%+v", r)
		}
		state := filepath.Join(h.dir, ".local", "state", "oax")
		if err := os.MkdirAll(state, 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(state, "draft.txt"), "wait "+secret)
		write(t, filepath.Join(state, "message-1.md"), "wait "+secret+"\n\n--- and more")
		write(t, filepath.Join(state, "message-2.md"), "not this one")
		write(t, strings.TrimSuffix(path, ".jsonl")+".torn", secret)
		write(t, filepath.Join(h.env["TMPDIR"], "oax-"+id+"-1.txt"), secret)
		if where == "trash" {
			if r := h.run("rm", "-y", id); r.code != 0 {
				t.Fatalf("%+v", r)
			}
		}
		if r := h.run("rm", "--purge", "-y", id[:7]); r.code != 0 || r.stderr != "oax: purged 1 session\n" {
			t.Errorf("%+v", r)
		}
		for name, text := range h.files() {
			if strings.Contains(text, "hunter2") {
				t.Errorf("%s: it is in %s", where, name)
			}
		}
		if _, err := os.Stat(filepath.Join(state, "message-2.md")); err != nil {
			t.Error(err)
		}
		h.checkChats("q something else | a whole")
	}
}
