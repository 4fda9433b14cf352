package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oax/internal/demo"
)

// A disk has room for nothing more, for a page more, and so on to where the whole turn
// fits on it. What was not sent is not saved; of what was, all is printed, and as much
// of it saved as there is room for.
func TestTortureFullDisk(t *testing.T) {
	t.Parallel()
	const most = 36 << 10
	answer := strings.Repeat(strings.Repeat("word ", 19)+"end.\n", 80) // two pages
	for _, args := range [][]string{{"hi"}, {"-c", "hi"}} {
		h, script := scripted(t, demo.Stream(demo.Answer(strings.SplitAfter(answer, "\n")[:80]...)...))
		fitted := false
		for room := 0; room <= most; room += 4096 * every(t, 3) {
			run := h.withStore(room)
			run.remember("q", "a")
			requests := len(script.Requests())
			cmd, unmount := run.smallDisk("64k", room, append([]string{"--raw"}, args...)...)
			r := run.finish(cmd)
			unmount()
			fitted = run.checkFull(fmt.Sprintf("oax %v, room %d", args, room), r, len(script.Requests()) > requests, answer)
			if r.code != 0 {
				tortured.add("full disks", 1)
			}
		}
		if !fitted {
			t.Errorf("oax %v: even %d bytes were too few", args, most)
		}
	}
}

// checkFull wants what a run on a full disk has said and left to be right, and
// reports whether its turn fitted.
func (h *home) checkFull(what string, r result, sent bool, answer string) bool {
	h.t.Helper()
	const rest = "oax: disk full: the rest of this answer is not saved\nsaved: a copy of the answer in "
	copied := ""
	switch {
	case r.code == 0 && r.stdout == answer && r.stderr == "":
	case r.code == 7 && !sent && r.stdout == "" && r.stderr == "oax: disk full: cannot save your prompt in "+h.store()+"\nhint: free space, or --no-save\n":
	case r.code == 7 && sent && r.stdout == answer && strings.HasPrefix(r.stderr, rest):
		copied = text(h.t, strings.TrimSpace(strings.TrimPrefix(r.stderr, rest)))
	default:
		h.t.Errorf("%s: sent %v, exit %d, %d bytes, %q", what, sent, r.code, len(r.stdout), r.stderr)
	}
	if r.code == 7 && sent && copied != answer {
		h.t.Errorf("%s: %q is no copy of the answer", what, copied)
	}
	next := h.run("ls")
	if next.code != 0 || next.stderr != "" && !recoveredOne(next.stderr) {
		h.t.Errorf("%s: the next run says %+v", what, next)
	}
	chats := strings.Join(h.chats(), " | ")
	turn, isBehind := strings.CutPrefix(chats, "q q | a a")
	turn = strings.TrimSuffix(turn, " disk")
	const asked = " | q hi | "
	whole := asked + "a " + strings.TrimSpace(answer)
	cut := strings.HasPrefix(whole, turn) && len(turn) > len(asked) || turn == asked+"error no word of the answer could be saved"
	if !isBehind || len(h.journals()) > 0 || r.code == 0 && turn != whole || !sent && turn != "" || sent && !cut {
		h.t.Errorf("%s: sent %v, left %v, on disk %q", what, sent, h.journals(), chats)
	}
	return r.code == 0
}

// A store, or a directory in it, is on a read-only file system: nothing is changed,
// nothing is sent that could not be saved, and all can still be read.
func TestTortureReadOnly(t *testing.T) {
	t.Parallel()
	h, script, path := began(t)
	id := idOf(path)
	h.mkStore("open")
	before := h.everything()
	requests := len(script.Requests())
	for n, dir := range []string{"..", ".", "open", filepath.Base(filepath.Dir(path))} {
		commands := [][]string{{"hi"}, {"-c", "hi"}, {"retry"}, {"mv", id, "new"}, {"cp", id}, {"rm", "-y", id}}
		if dir == "open" { // where the last three write nothing
			commands = commands[:3]
		}
		if dir == filepath.Base(filepath.Dir(path)) { // nothing can be moved out of a mount
			commands = commands[:5]
		}
		for i, args := range commands {
			if !torture && (i+n)%3 > 0 {
				continue
			}
			tortured.add("read-only stores", 1)
			r := h.finish(h.readOnly(h.mkStore(dir), args...))
			if r.code != 7 || r.stdout != "" || !strings.Contains(r.stderr, "read-only file system") {
				t.Errorf("oax %v, %s: %+v", args, dir, r)
			}
			if now := h.everything(); !slices.Equal(now, before) || len(script.Requests()) != requests {
				t.Errorf("oax %v, %s: %d requests; changed to %q", args, dir, len(script.Requests())-requests, now)
				before = now
			}
		}
		for _, args := range portion(t, [][]string{{"ls"}, {"cat", "--last"}, {"grep", "a"}}, 1) {
			if r := h.finish(h.readOnly(h.mkStore(dir), args...)); r.code != 0 || r.stderr != "" || r.stdout == "" {
				t.Errorf("oax %v, %s: %+v", args, dir, r)
			}
		}
	}
}

// everything returns the files in the store and what is in them, but for the cache, which
// any command may write.
func (h *home) everything() []string {
	var all []string
	filepath.WalkDir(h.store(), func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.IsDir() && entry.Name() == "cache" {
			return filepath.SkipDir
		}
		if err == nil && entry.Type().IsRegular() {
			path += ": " + text(h.t, path)
		}
		all = append(all, path)
		return nil
	})
	return all
}

// A directory of the store belongs to another user.
func TestTortureAnothersStore(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 && os.Getenv("OAX_CI") == "" {
		t.Skip("only root can make what is another's")
	}
	h, script, path := began(t)
	h.mkStore("open")
	month := filepath.Base(filepath.Dir(path))
	before := h.everything()
	for n, dir := range []string{"..", ".", "open", month} {
		for i, args := range [][]string{{"hi"}, {"-c", "hi"}, {"retry"}} {
			if !torture && (i+n)%2 > 0 {
				continue
			}
			cmd := h.nobody(args...)
			for _, d := range []string{"..", ".", "open", month}[n:] {
				must(t, os.Chown(h.mkStore(d), 0, 0))
			}
			if args[0] != "hi" && dir == month {
				must(t, os.Chown(path, 0, 0))
			}
			r := h.finish(cmd)
			if r.code != 7 || r.stdout != "" || !strings.Contains(r.stderr, "belongs to root\nhint: sudo chown -R $USER ") && !strings.Contains(r.stderr, "permission denied") {
				t.Errorf("oax %v, %s: %+v", args, dir, r)
			}
			if now := h.everything(); !slices.Equal(now, before) || len(script.Requests()) != 1 {
				t.Errorf("oax %v, %s: %d requests; changed to %q", args, dir, len(script.Requests())-1, now)
			}
			tortured.add("stores of another's", 1)
		}
	}
	if r := h.run("cat", "--last"); r.code != 0 || r.stdout != "a\n" && r.stdout != "a" {
		t.Errorf("%+v", r)
	}
}
