package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"oax/internal/chat"
	"oax/internal/demo"
	"oax/internal/session"
	"oax/internal/session/record"
)

// every returns the step of a sweep: 1 under torture, step in CI, and three times step in a
// plain go test.
func every(t *testing.T, step int) int {
	switch {
	case torture:
		return 1
	case thorough():
		return step
	}
	leavesOut(t, "steps of sweeps", 2)
	return 3 * step
}

// steps returns the numbers from one to another, less that one, that are a step apart.
func steps(from, to, step int) (all []int) {
	for n := from; n < to; n += step {
		all = append(all, n)
	}
	return all
}

// remembersSeveral returns a home with one session of several turns, and its file.
func remembersSeveral(t *testing.T, answer ...string) (*home, *demo.Scripted, string) {
	t.Helper()
	h, script := scripted(t, demo.Stream(demo.Answer(answer...)...))
	at := time.Date(2026, 11, 21, 23, 45, 12, 0, time.UTC)
	store := h.openStore(func() time.Time { at = at.Add(time.Minute); return at })
	prompt := func(text string) record.Message {
		return record.Message{Message: chat.Message{Role: chat.User, Text: text, Model: "m1"}}
	}
	w, err := store.Create(record.Message{Message: chat.Message{Role: chat.System, Text: "簡潔に"}}, prompt("空は\nなぜ \"青い\"\\?"))
	must(t, err)
	e := session.Entry{ID: w.ID(), Path: w.Path()}
	for _, err := range []error{
		w.Finish(chat.Message{Role: chat.Assistant, Text: "散乱\t\x1b[31m 😀", Reasoning: "波長…", FinishReason: "stop", State: chat.Complete}),
		store.Retitle(e, "空の色"),
	} {
		must(t, err)
	}
	write(t, e.Path, text(t, e.Path)+`{"kind":"branch","role":7,"text":["x"]}`+"\n")
	if w, err = store.Continue(e, prompt("two?")); err == nil {
		err = w.Finish(chat.Message{Role: chat.Assistant, Text: "夕方は", State: chat.Incomplete, Why: chat.Reset})
	}
	must(t, err)
	return h, script, e.Path
}

// A session cut at any byte is listed, shown and goes on. What was cut is kept, which
// is said once.
func TestTortureTornFile(t *testing.T) {
	t.Parallel()
	h, _, path := remembersSeveral(t, "vier")
	whole := text(t, path)
	aside := strings.TrimSuffix(path, ".jsonl") + ".torn"
	step := every(t, 171)
	sweep(t, "torn files", 1, steps(1+step/2, len(whole)+1, step), func(cut int) {
		tortured.add("cuts", 1)
		write(t, path, whole[:cut])
		os.Remove(aside)
		kept := whole[:strings.LastIndexByte(whole[:cut], '\n')+1]
		if strings.HasPrefix(whole[cut:], "\n") {
			kept = whole[:cut]
		}
		says := ""
		if cut > len(kept) {
			says = fmt.Sprintf("oax: session %s: dropped an unfinished record of %d bytes (kept in %s)\n", idOf(path), cut-len(kept), filepath.Base(aside))
		}
		ls, cat := h.run("ls"), result{}
		if cut%2 == 0 {
			cat = h.run("cat", "--json")
		}
		headless := "oax: session " + idOf(path) + ": the file has no header; it is damaged (kept as is)\n"
		more := h.run("-c", "four?")
		notes := strings.ReplaceAll(ls.stderr+cat.stderr+more.stderr, headless, "")
		if ls.code+cat.code+more.code != 0 || !strings.HasPrefix(ls.stdout, idOf(path)) || more.stdout != "vier\n" || notes != says {
			t.Errorf("cut at %d: ls %+v, cat %+v, -c %+v; want %q", cut, ls, cat, more, says)
		}
		now := text(t, path)
		if !strings.HasPrefix(now, kept) || says != "" && text(t, aside) != whole[len(kept):cut] {
			t.Errorf("cut at %d: %q of it is left", cut, now)
		}
		turn := strings.TrimPrefix(now[min(len(kept), len(now)):], "\n")
		if got := transcript(t, turn); got != "q four? | a vier" {
			t.Errorf("cut at %d: the turn is %q", cut, got)
		}
		last := h.run("cat")
		if strings.Count(last.stdout, "\n--- ") < strings.Count(kept, `"role"`)-strings.Count(kept, `"branch"`) || strings.ReplaceAll(last.stderr, headless, "") != "" {
			t.Errorf("cut at %d, after all: %+v", cut, last)
		}
	})
}

// A file that may not grow beyond any size tears the write that crosses it, at that
// byte: first in the journal, then in the session.
func TestTortureFileSize(t *testing.T) {
	t.Parallel()
	long := strings.SplitAfter(strings.Repeat("word ", 60), " ")
	for _, c := range []struct {
		what   string
		answer []string
		from   func(size int) int
	}{
		{"the journal", long[:60], func(int) int { return 0 }},
		{"the session", []string{"vier ", "\"日本\"\n"}, func(size int) int { return size }},
	} {
		h, script, path := remembersSeveral(t, c.answer...)
		before := text(t, path)
		if c.what == "the journal" { // which is to be longer than the session
			before = before[:strings.Index(before, "\n")+1]
		}
		write(t, path, before)
		h.succeeds("-c", "hi")
		end := len(text(t, path)) + 30
		if c.what == "the journal" {
			end = 2400
		}
		sweep(t, "limits of file sizes", 1, steps(c.from(len(before)), end, every(t, 131)), func(n int) {
			h.limitedTo(n, script, path, before, strings.Join(c.answer, ""))
		})
	}
}

// limitedTo goes on with a session where no file may have more than n bytes.
func (h *home) limitedTo(n int, script *demo.Scripted, path, before, answer string) {
	t := h.t
	t.Helper()
	write(t, path, before)
	requests := len(script.Requests())
	r := h.finish(h.under(h.command("--raw", "-c", "hi"), "prlimit", fmt.Sprint("--fsize=", n)))
	sent := len(script.Requests()) > requests
	copied, isCopied := "", false
	if rest, found := strings.CutPrefix(r.stderr, "oax: the rest of this answer is not saved: file too large\n"); found {
		if copied, isCopied = strings.CutPrefix(rest, "saved: a copy of the answer in "); isCopied {
			copied = text(t, strings.TrimSuffix(copied, "\n"))
		}
	}
	switch {
	case r.code == 0 && sent && r.stdout == answer && r.stderr == "":
	case r.code != 7 || sent != (r.stdout == answer) || !sent && r.stdout != "":
		t.Errorf("%d bytes: sent %v, %+v", n, sent, r)
	case !sent && !strings.HasPrefix(r.stderr, "oax: cannot save "):
		t.Errorf("%d bytes: %q", n, r.stderr)
	}
	if r.code == 7 {
		tortured.add("writes torn", 1)
	}
	next := h.run("ls")
	now := text(t, path)
	turn, isAfter := strings.CutPrefix(now, before)
	saved := strings.TrimPrefix(transcript(t, turn), "q hi | ")
	if !isAfter || len(h.journals()) > 0 || next.code != 0 || next.stderr != "" && !recoveredOne(next.stderr) || strings.Contains(now, "\x00") {
		t.Errorf("%d bytes: %+v, left %v; now %q", n, next, h.journals(), now)
	}
	switch {
	case !sent && turn != "":
		t.Errorf("%d bytes: nothing was sent, and saved %q", n, turn)
	case !sent || saved == "a "+strings.TrimSpace(answer) || copied == answer:
	case len(answer) > n && saved == "error no word of the answer could be saved disk":
	case len(answer) > n && strings.HasPrefix("a "+answer, strings.TrimSuffix(saved, " disk")): // no file can take it
	default:
		t.Errorf("%d bytes: %+v, saved %q, copied %q", n, r, saved, copied)
	}
}
