package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"oax/internal/demo"
)

// storingDamaged are session files that are not as they were written.
var storingDamaged = []fault{
	{row: "F11", what: "a record torn at every byte", test: func(t *testing.T) {
		h, _, path := began(t)
		whole := text(t, path)
		last := strings.LastIndex(strings.TrimSuffix(whole, "\n"), "\n") + 1
		sweep(t, "torn records", 1, steps(last+1, len(whole)-1, every(t, 17)), func(cut int) {
			tornAt(h, path, whole[:cut], whole[:last])
		})
		write(t, path, whole[:len(whole)-1]) // only the newline is missing
		h.checkRun(h.run("cat", "--last"), want{stdout: "a"})
		equal(t, "the file", text(t, path), whole[:len(whole)-1])
	}},
	{row: "F11", what: "a turn torn at every size of a file", test: func(t *testing.T) {
		sweep(t, "sizes of a file", 1, steps(100, 1100, every(t, 121)), func(size int) {
			words := []string{"one ", strings.Repeat("two", 100), " three"}
			h, script := scripted(t, demo.Stream(demo.Answer(words...)...))
			r := h.finish(h.under(h.command("hi"), "prlimit", fmt.Sprint("--fsize=", size)))
			whole := strings.Join(words, "") + "\n"
			sent := len(script.Requests()) > 0
			if sent != (r.stdout == whole) || !sent && r.stdout != "" || r.code != 7 && (r.code != 0 || !sent) {
				t.Errorf("%d bytes: sent %v, %+v", size, sent, r)
			}
			if next := h.run("ls"); next.code > 1 || strings.Contains(next.stdout, "damaged") {
				t.Errorf("%d bytes: %+v", size, next)
			}
			h.chats() // every line is whole
		})
	}},
	{row: "F12", what: "a tail of zeros", test: func(t *testing.T) {
		h, _, path := began(t)
		whole := text(t, path)
		tornAt(h, path, whole+strings.Repeat("\x00", 4096), whole)
		tornAt(h, path, whole[:len(whole)-9]+strings.Repeat("\x00", 9), whole[:strings.LastIndex(whole[:len(whole)-1], "\n")+1])
	}},
	{row: "F12", what: "a session goes on behind a tail of zeros", test: func(t *testing.T) {
		h, _, path := began(t, demo.Stream(demo.Answer("b")...))
		write(t, path, text(t, path)+strings.Repeat("\x00", 4096))
		h.checkRun(h.run("-c", "more"), want{stdout: "b\n", notes: true})
		h.checkChats("q q | a a | q more | a b")
	}},
	{row: "F14", what: "a flipped bit in the middle", test: func(t *testing.T) {
		h, _, path := began(t)
		whole := text(t, path)
		start := strings.Index(whole, "\n") + 1
		damaged := whole[:start] + "[" + whole[start+1:]
		write(t, path, damaged)
		r := h.run("cat")
		h.checkRun(r, want{stdout: r.stdout, notes: true})
		if !strings.HasSuffix(r.stdout, "\na\n") || text(t, path) != damaged {
			t.Errorf("it shows %q, or the file was changed", r.stdout)
		}
	}},
	{row: "F14", what: "a flipped bit anywhere", test: func(t *testing.T) {
		h, _, path := began(t)
		whole := text(t, path)
		sweep(t, "flipped bits", 1, steps(0, len(whole), every(t, 29)), func(at int) {
			damaged := whole[:at] + string(whole[at]^byte(1<<(at%8))) + whole[at+1:]
			write(t, path, damaged)
			if r := h.run("cat"); r.code > 2 || len(strings.Split(r.stderr, "\n")) > 3 {
				t.Errorf("byte %d: %+v", at, r)
			}
			now := text(t, path)
			if kept, _ := os.ReadFile(strings.TrimSuffix(path, ".jsonl") + ".torn"); now+string(kept) != damaged {
				t.Errorf("byte %d: the file was changed to %q", at, now)
			}
			os.Remove(strings.TrimSuffix(path, ".jsonl") + ".torn")
		})
	}},
	{row: "F15", what: "an empty file", test: func(t *testing.T) {
		h, _, path := began(t)
		write(t, path, "")
		if r := h.run("ls"); r.code != 0 || !strings.HasPrefix(r.stdout, idOf(path)) || !strings.HasSuffix(r.stdout, "\tdamaged\n") || r.stderr != "" {
			t.Errorf("%+v", r)
		}
		h.checkRun(h.run("cat"), want{notes: true})
		equal(t, "the file", text(t, path), "")
	}},
	{row: "F16", what: "a newer format", test: func(t *testing.T) {
		h, script, path := began(t)
		newer := strings.Replace(text(t, path), `"version":1`, `"version":2`, 1)
		write(t, path, newer)
		r := h.run("cat")
		h.checkRun(r, want{stdout: r.stdout, notes: true})
		if !strings.HasSuffix(r.stdout, "\na\n") {
			t.Errorf("it shows %q", r.stdout)
		}
		for _, args := range [][]string{{"-c", "more"}, {"retry"}} {
			h.checkRun(h.run(args...), want{code: 2})
		}
		if text(t, path) != newer || len(script.Requests()) != 1 {
			t.Error("something was sent, or the file was changed")
		}
	}},
	{row: "F17", what: "unknown records and fields", test: func(t *testing.T) {
		h, _, path := began(t, demo.Stream(demo.Answer("b")...))
		lines := strings.SplitAfter(text(t, path), "\n")
		lines[1] = strings.Replace(lines[1], `"kind"`, `"mood":{"good":[1]},"kind"`, 1)
		unknown := lines[0] + `{"kind":"branch","role":7,"text":["x"]}` + "\n" + lines[1] + lines[2]
		write(t, path, unknown)
		h.checkRun(h.run("-c", "more"), want{stdout: "b\n"})
		if !strings.HasPrefix(text(t, path), unknown) {
			t.Error("what was there was changed")
		}
		if r := h.run("cat"); r.code != 0 || r.stderr != "" || strings.Count(r.stdout, "---") != 4 {
			t.Errorf("%+v", r)
		}
	}},
	{row: "F43", what: "a FIFO and a directory in place of sessions", test: func(t *testing.T) {
		h, _, path := began(t)
		fifo, dir := strings.Replace(path, idOf(path), "zzzzzzzx", 1), strings.Replace(path, idOf(path), "zzzzzzzy", 1)
		must(t, errors.Join(mkfifo(fifo), os.Mkdir(dir, 0o700)))
		for command, code := range map[string]int{"ls": 0, "grep q": 7} {
			if r := h.runBuilt(strings.Fields(command)...); r.code != code || !strings.Contains(r.stdout, idOf(path)) {
				t.Errorf("%+v", r)
			}
		}
		for _, id := range []string{"zzzzzzzx", "zzzzzzzy"} {
			for _, args := range [][]string{{"cat", id}, {"--session", id, "more"}, {"mv", id, "title"}, {"cp", id}, {"rm", "-y", id}} {
				h.checkRun(h.runBuilt(args...), want{code: 7})
			}
		}
	}},
	{row: "F43", what: "a line of a gigabyte", test: func(t *testing.T) {
		h, _, path := began(t)
		whole := text(t, path)
		if err := os.Truncate(path, int64(reduced(t, "bytes of a line", 1<<30, 256<<20))); err != nil { // which takes no room
			t.Fatal(err)
		}
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		if err == nil {
			_, err = f.WriteString("\n" + whole)
		}
		if err = errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		r, memory := h.measured(h.command("cat", "--role", "assistant", "--raw"))
		h.checkRun(r, want{stdout: "aa", notes: true})
		if memory == 0 || memory > 100<<20 {
			t.Errorf("%d MiB", memory>>20)
		}
		os.Truncate(path, 0) // or the gigabyte is searched for the key
	}},
	{row: "F44", what: "one ID, two files", test: func(t *testing.T) {
		h, script, path := began(t)
		month := filepath.Join(h.store(), "2020-01")
		must(t, os.Mkdir(month, 0o700))
		write(t, filepath.Join(month, "2020-01-01_00-00-00_"+idOf(path)+".jsonl"), text(t, path))
		before := h.files()
		for _, args := range [][]string{{"cat", idOf(path)}, {"--session", idOf(path), "more"}, {"rm", "-y", idOf(path)}} {
			h.checkRun(h.run(args...), want{code: 2})
		}
		if n := len(script.Requests()); n != 1 || !maps.Equal(before, h.files()) {
			t.Errorf("%d requests, %v", n, h.files())
		}
	}},
	{row: "F30", what: "a session swapped for a symbolic link", test: func(t *testing.T) {
		h, script, path := began(t)
		victim := filepath.Join(h.dir, "victim")
		must(t, os.Rename(path, victim))
		must(t, os.Symlink(victim, path))
		before := text(t, victim)
		for _, args := range [][]string{{"cat"}, {"-c", "more"}, {"retry"}} {
			h.checkRun(h.run(args...), want{code: 7})
		}
		if text(t, victim) != before || len(script.Requests()) != 1 || len(h.journals()) > 0 {
			t.Error("something was sent, or written")
		}
	}},
	{row: "F33", what: "temporary files of killed runs", test: func(t *testing.T) {
		h, _, path := began(t)
		old, young := filepath.Join(filepath.Dir(path), ".tmp-k3f9q2ab"), filepath.Join(filepath.Dir(path), ".tmp-k3f9q2ac")
		write(t, old, `{"kind":"sess`)
		write(t, young, `{"kind":"sess`)
		yesterday := time.Now().Add(-25 * time.Hour)
		must(t, os.Chtimes(old, yesterday, yesterday))
		if r := h.run("ls"); r.code != 0 || r.stderr != "" || strings.Count(r.stdout, "\n") != 1 {
			t.Errorf("%+v", r)
		}
		_, errOld := os.Stat(old)
		_, errYoung := os.Stat(young)
		if !os.IsNotExist(errOld) || errYoung != nil {
			t.Errorf("the old one: %v, the young one: %v", errOld, errYoung)
		}
	}},
}

// tornAt reads a session that was cut: the first time says what was dropped and
// where it is kept, the second nothing.
func tornAt(h *home, path, torn, kept string) {
	h.t.Helper()
	write(h.t, path, torn)
	aside := strings.TrimSuffix(path, ".jsonl") + ".torn"
	os.Remove(aside)
	first, second := h.run("cat"), h.run("cat")
	bytes := fmt.Sprint(" ", len(torn)-len(kept), " bytes ")
	h.varies = []*regexp.Regexp{regexp.MustCompile(bytes)}
	h.checkRun(first, want{stdout: first.stdout, notes: true})
	if !strings.Contains(first.stderr, bytes) || !strings.Contains(first.stdout, "\nq\n") {
		h.t.Errorf("cut at %d: %+v", len(torn), first)
	}
	if second.stderr != "" || second.stdout != first.stdout {
		h.t.Errorf("cut at %d, the second time: %+v", len(torn), second)
	}
	if text(h.t, path) != kept || text(h.t, aside) != torn[len(kept):] {
		h.t.Errorf("cut at %d: left %q, kept %q", len(torn), text(h.t, path), text(h.t, aside))
	}
}
