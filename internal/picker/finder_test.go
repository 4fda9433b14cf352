//go:build unix

package picker_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

var titles = []string{
	"How does a channel work?", "Rust borrow checker, at length", "並行処理と並列処理の違いを教えてください",
	"go test -race is slow", "かな漢字変換の仕組み", "Rust iterators", "Plan a week in Kyoto",
}

// items returns n items for the program, the newest first.
func items(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "s%03d\t11-%02d  %s\n", i, 30-i%30, titles[i%len(titles)])
	}
	return b.String()
}

// finder opens a terminal in which the program offers 60 items.
func finder(t *testing.T, columns, rows int, env string) *terminal {
	t.Helper()
	s := open(t, columns, rows, "until [ -s items ]; do :; done; env "+env+" "+pick+" items")
	write(t, s.dir+"/items", items(60))
	return s
}

var sizes = []struct{ columns, rows int }{{80, 24}, {40, 12}}

func TestFinder(t *testing.T) {
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d", size.columns, size.rows), func(t *testing.T) {
			t.Parallel()
			s := finder(t, size.columns, size.rows, "LANG=ja_JP.UTF-8 RUNEWIDTH_EASTASIAN=1 DEBUG=1 LINES=99 COLUMNS=99")
			lines := strings.Split(s.shows("60/60"), "\n")
			if newest := lines[size.rows-3]; !strings.HasPrefix(newest, ">  11-30") {
				t.Errorf("above the prompt: %q", newest)
			}
			s.shows("--- s000") // the preview of the newest
			framed(t, s.shows("並行"), size.columns)
			s.keys("並行")
			s.shows("並行 ")
			s.until("only what matches", func(screen string) bool { return !strings.Contains(screen, "60/60") })
			s.shows("--- s002")
			s.keys("Enter")
			s.shows("end: chose s002")
			s.sane()
		})
	}
}

// framed wants every row of the preview between two bars in the right columns,
// with nothing cut by the finder: it was wrapped.
func framed(t *testing.T, screen string, columns int) {
	t.Helper()
	rows := strings.Split(strings.TrimRight(screen, "\n"), "\n")
	for _, row := range rows[1 : len(rows)-1] {
		_, inside, ok := strings.Cut(row, "│")
		inside, bar := strings.CutSuffix(inside, "│")
		if !ok || !bar || strings.Contains(inside, "..") {
			t.Errorf("row of the preview: %q", row)
		}
	}
	if top := rows[0]; !strings.HasSuffix(top, frameTop(columns)) {
		t.Errorf("top of the preview: %q", top)
	}
}

func TestFinderPutsTheNewestOfEqualsFirst(t *testing.T) {
	t.Parallel()
	s := finder(t, 80, 24, "PICK_QUERY=rust")
	rows := strings.Split(s.shows("17/60"), "\n")
	for i, want := range []string{">  11-29  Rust borrow", "   11-25  Rust iterators", "   11-22  Rust borrow"} {
		if got := rows[24-3-i]; !strings.HasPrefix(got, want) {
			t.Errorf("%d above the prompt: %q, want %q", i+1, got, want)
		}
	}
	s.keys("Enter")
	s.shows("end: chose s001")
}

func TestFinderCancelled(t *testing.T) {
	for _, key := range []string{"Escape", "C-c"} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			s := finder(t, 80, 24, "PICK_QUERY=並行") // not ASCII: left out
			s.shows("60/60")
			s.keys("zzz", "BSpace", "BSpace", key)
			s.shows("end: nothing was chosen")
			s.sane()
		})
	}
}

func TestFinderResized(t *testing.T) {
	t.Parallel()
	s := finder(t, 80, 24, "")
	s.shows("60/60")
	for _, size := range []struct{ columns, rows int }{{40, 12}, {120, 40}, {3, 2}, {80, 24}} {
		s.tmux("resize-window", "-x", fmt.Sprint(size.columns), "-y", fmt.Sprint(size.rows))
		s.until("frame", func(screen string) bool {
			top, _, _ := strings.Cut(screen, "\n")
			return size.columns == 3 || strings.HasSuffix(top, frameTop(size.columns)) &&
				strings.Count(screen, "│\n") == size.rows-2 && strings.Contains(screen, "--- s000")
		})
	}
	s.keys("Enter")
	s.shows("end: chose s000")
	s.sane()
}

func frameTop(columns int) string { return "┌" + strings.Repeat("─", columns/2-2) + "┐" }

func TestFinderShowsWhatIsSought(t *testing.T) {
	t.Parallel()
	s := finder(t, 80, 24, "PICK_SOUGHT='LAST 言葉'")
	screen := s.shows("the last 言葉")
	if !strings.Contains(screen, "LAST 言葉>") || !strings.Contains(screen, " 60/60") {
		t.Errorf("on the screen:\n%s", screen)
	}
	s.keys("rust")
	s.shows("LAST 言葉> rust")
	s.shows("17/60")
	s.keys("Enter")
	s.shows("end: chose s001")
	s.sane()
}

// Where nothing matches, Page Up puts the finder at the place before the first one.
// It must not be there any more when something matches again.
func TestFinderPageUpWithoutMatch(t *testing.T) {
	t.Parallel()
	s := finder(t, 80, 24, "")
	s.shows("60/60")
	s.keys("x")
	s.shows(" 0/60")
	s.keys("PPage", "PPage", "BSpace")
	s.shows("60/60")
	s.keys("Up", "Up", "Enter")
	s.shows("end: chose s002")
	if starts := s.file("starts"); starts != "x" {
		t.Errorf("the finder was started %d times", len(starts))
	}
}

// The finder is known to panic in its own goroutine and in its timer's, where it
// draws a preview.
func TestFinderCrashes(t *testing.T) {
	for name, c := range map[string]struct {
		env  string
		keys []string // until a crash
		list bool     // it crashes whenever it can
	}{
		"in the preview":        {"PICK_PANIC=s001", []string{"Up"}, true},
		"at once":               {"PICK_PANIC=s000", nil, true},
		"no program":            {"PICK_CHILD=/nonexistent", nil, true},
		"a program of no words": {"PICK_CHILD=/bin/true", nil, true},
		"page up, line deleted": {"", []string{"x", "PPage", "C-u"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := finder(t, 80, 24, c.env)
			for start := 1; c.keys != nil && start <= 3; start++ {
				s.until("start", func(string) bool { return len(s.file("starts")) == start })
				s.shows("60/60")
				if start == 2 && !c.list {
					s.keys("Up", "Up", "Enter")
					break
				}
				for _, key := range c.keys {
					s.keys(key)
					if key == "x" {
						s.shows(" 0/60")
					}
				}
			}
			if c.list {
				s.shows("number, 1 to 20:")
				s.sane()
				s.keys("3", "Enter")
			}
			screen := s.shows("end: chose s002")
			if strings.Contains(screen, "goroutine 1") {
				t.Errorf("stack on the screen:\n%s", screen)
			}
			s.sane()
		})
	}
}

func TestNoFinderOnSuchATerminal(t *testing.T) {
	for _, env := range []string{"TERM=dumb", "-u TERM", "TERM=unheard-of"} {
		t.Run(env, func(t *testing.T) {
			t.Parallel()
			s := finder(t, 40, 30, env)
			screen := s.shows("number, 1 to 20:")
			if !strings.HasPrefix(screen, " 1  11-30") {
				t.Errorf("something is above the list:\n%s", screen)
			}
			if !strings.Contains(screen, "\n 3  11-28  並行処理と並列処理の違いを教…\n") {
				t.Errorf("the list is not cut to the terminal:\n%s", screen)
			}
			s.keys("Enter")
			s.shows("end: nothing was chosen")
			s.sane()
		})
	}
}

func TestFinderSurvivesRandomKeys(t *testing.T) {
	t.Parallel()
	const runs = 40
	s := open(t, 60, 16, "until [ -s items ]; do :; done\n"+
		fmt.Sprintf("i=0; while [ $i -lt %d ]; do i=$((i+1)); clear; echo here before; %s items >end.$i; until [ -e go.$i ]; do sleep 0.01; done; done", runs, pick))
	write(t, s.dir+"/items", items(60))
	seed := time.Now().UnixNano()
	rng := rand.New(rand.NewPCG(uint64(seed), 0))
	lists := 0
	for i := 1; i <= runs; i++ {
		s.shows("60/60")
		keys := randomKeys(rng)
		s.keys(keys...)
		end := s.leave(fmt.Sprintf("end.%d", i))
		s.sane()
		screen := s.screen()
		list := strings.Contains(screen, "number, 1 to 20:")
		if list {
			lists++
		}
		if strings.Contains(screen, "│") || !list && !strings.HasPrefix(screen, "here before\n") {
			t.Errorf("not the screen there was before:\n%s", screen)
		}
		if t.Failed() {
			t.Fatalf("run %d, seed %d, keys %q, %s", i, seed, keys, end)
		}
		write(t, s.dir+fmt.Sprintf("/go.%d", i), "")
	}
	t.Logf("%d runs, %d starts of the finder, %d runs ended in the numbered list", runs, len(s.file("starts")), lists)
}

func randomKeys(rng *rand.Rand) []string {
	const choices = "PPage PPage PPage BSpace BSpace BSpace Tab qqq qqq x 並 r u Space Up Down NPage Left Home End C-u C-w Delete F1 M-x"
	all := strings.Fields(choices)
	keys := make([]string, 20+rng.IntN(20))
	for i := range keys {
		keys[i] = all[rng.IntN(len(all))]
	}
	return keys
}

// leave presses keys that end the finder or the numbered list, until the program
// has said how it ended.
func (s *terminal) leave(end string) string {
	s.t.Helper()
	for range 50 {
		s.keys("C-u", "C-d")
		for range 20 {
			if said := s.file(end); said != "" {
				return said
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	s.t.Fatalf("it does not end:\n%s", s.screen())
	return ""
}
