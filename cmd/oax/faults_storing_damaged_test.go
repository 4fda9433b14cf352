package main

import (
	"fmt"
	"os"
	"path/filepath"
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
		for cut := last + 1; cut < len(whole)-1; cut += 5 {
			tornAt(h, path, whole[:cut], whole[:last])
		}
		write(t, path, whole[:len(whole)-1]) // only the newline is missing
		r := h.run("cat", "--last")
		if r.stdout != "a" || r.stderr != "" || text(t, path) != whole[:len(whole)-1] {
			t.Errorf("%+v", r)
		}
	}},
	{row: "F11", what: "a turn torn at every size of a file", test: func(t *testing.T) {
		for size := 100; size < 1100; size += 67 {
			words := []string{"one ", strings.Repeat("two", 100), " three"}
			h, script := asks(t, demo.Stream(demo.Answer(words...)...))
			r := h.finish(h.under(h.command("hi"), "prlimit", fmt.Sprint("--fsize=", size)))
			whole := strings.Join(words, "") + "\n"
			sent := len(script.Requests()) > 0
			if sent != (r.stdout == whole) || !sent && r.stdout != "" || r.code != 7 && (r.code != 0 || !sent) {
				t.Errorf("%d bytes: sent %v, %+v", size, sent, r)
			}
			if next := h.run("cat"); next.code > 1 || strings.Contains(next.stderr, "damaged") || strings.Contains(next.stderr, "dropped") {
				t.Errorf("%d bytes: %+v", size, next)
			}
			h.chats() // every line is whole
		}
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
		r := h.run("-c", "more")
		if r.code != 0 || r.stdout != "b\n" || !strings.Contains(r.stderr, ": dropped an unfinished record of 4096 bytes") {
			t.Errorf("%+v", r)
		}
		h.checkChats("q q | a a | q more | a b")
	}},
	{row: "F14", what: "a flipped bit in the middle", test: func(t *testing.T) {
		h, _, path := began(t)
		whole := text(t, path)
		start := strings.Index(whole, "\n") + 1
		damaged := whole[:start] + "[" + whole[start+1:]
		write(t, path, damaged)
		r := h.run("cat")
		if r.code != 0 || !strings.HasSuffix(r.stdout, "\na\n") || r.stderr != "oax: session "+idOf(path)+": record 2 is damaged (kept as is)\n" {
			t.Errorf("%+v", r)
		}
		if text(t, path) != damaged {
			t.Error("the file was changed")
		}
	}},
	{row: "F14", what: "every bit of it", elsewhere: "internal/session TestParseFlippedBytes"},
	{row: "F15", what: "an empty file", test: func(t *testing.T) {
		h, _, path := began(t)
		write(t, path, "")
		if r := h.run("ls"); r.code != 0 || !strings.HasPrefix(r.stdout, idOf(path)) || !strings.HasSuffix(r.stdout, "\tdamaged\n") || r.stderr != "" {
			t.Errorf("%+v", r)
		}
		r := h.run("cat")
		if r.code != 0 || r.stdout != "" || r.stderr != "oax: session "+idOf(path)+": the file has no header; it is damaged (kept as is)\n" {
			t.Errorf("%+v", r)
		}
		if text(t, path) != "" {
			t.Error("the file was changed")
		}
	}},
	{row: "F16", what: "a newer format", test: func(t *testing.T) {
		h, script, path := began(t)
		newer := strings.Replace(text(t, path), `"version":1`, `"version":2`, 1)
		write(t, path, newer)
		says := "oax: session " + idOf(path) + " was written by a newer oax; opened read-only\n"
		if r := h.run("cat"); r.code != 0 || r.stderr != says || !strings.HasSuffix(r.stdout, "\na\n") {
			t.Errorf("%+v", r)
		}
		for _, args := range [][]string{{"-c", "more"}, {"retry"}} {
			if r := h.run(args...); r.code != 2 || r.stderr != says || r.stdout != "" {
				t.Errorf("%v: %+v", args, r)
			}
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
		if r := h.run("-c", "more"); r.code != 0 || r.stdout != "b\n" || r.stderr != "" {
			t.Errorf("%+v", r)
		}
		if !strings.HasPrefix(text(t, path), unknown) {
			t.Error("what was there was changed")
		}
		if r := h.run("cat"); r.code != 0 || r.stderr != "" || strings.Count(r.stdout, "---") != 4 {
			t.Errorf("%+v", r)
		}
	}},
	{row: "F30", what: "a session swapped for a symbolic link", test: func(t *testing.T) {
		h, script, path := began(t)
		victim := filepath.Join(h.dir, "victim")
		if err := os.Rename(path, victim); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(victim, path); err != nil {
			t.Fatal(err)
		}
		before := text(t, victim)
		for _, args := range [][]string{{"cat"}, {"-c", "more"}, {"retry"}} {
			if r := h.run(args...); r.code != 7 || r.stdout != "" || r.stderr != "oax: "+path+" is a symbolic link; refused\n" {
				t.Errorf("%v: %+v", args, r)
			}
		}
		if text(t, victim) != before || len(script.Requests()) != 1 || len(h.parts()) > 0 {
			t.Error("something was sent, or written")
		}
	}},
	{row: "F33", what: "temporary files of killed runs", test: func(t *testing.T) {
		h, _, path := began(t)
		old, young := filepath.Join(filepath.Dir(path), ".tmp-k3f9q2ab"), filepath.Join(filepath.Dir(path), ".tmp-k3f9q2ac")
		write(t, old, `{"kind":"sess`)
		write(t, young, `{"kind":"sess`)
		yesterday := time.Now().Add(-25 * time.Hour)
		if err := os.Chtimes(old, yesterday, yesterday); err != nil {
			t.Fatal(err)
		}
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
	says := fmt.Sprintf("oax: session %s: dropped an unfinished record of %d bytes (kept in %s)\n",
		idOf(path), len(torn)-len(kept), filepath.Base(aside))
	first, second := h.run("cat"), h.run("cat")
	if first.code != 0 || first.stderr != says || !strings.Contains(first.stdout, "\nq\n") {
		h.t.Errorf("cut at %d: %+v, want %q", len(torn), first, says)
	}
	if second.stderr != "" || second.stdout != first.stdout {
		h.t.Errorf("cut at %d, the second time: %+v", len(torn), second)
	}
	if text(h.t, path) != kept || text(h.t, aside) != torn[len(kept):] {
		h.t.Errorf("cut at %d: left %q, kept %q", len(torn), text(h.t, path), text(h.t, aside))
	}
}
