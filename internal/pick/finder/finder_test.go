//go:build unix

package finder_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestFinder(t *testing.T) {
	for _, size := range []struct{ columns, rows int }{{80, 24}, {40, 12}} {
		t.Run(fmt.Sprintf("%dx%d", size.columns, size.rows), func(t *testing.T) {
			t.Parallel()
			s := open(t, size.columns, size.rows, "LANG=ja_JP.UTF-8 RUNEWIDTH_EASTASIAN=1 DEBUG=1 LINES=99 COLUMNS=99 $choose")
			s.shows("60/60")
			s.until("the newest above the prompt", func(screen string) bool { // they come one by one
				return strings.HasPrefix(strings.Split(screen, "\n")[size.rows-3], ">  11-30")
			})
			s.shows("--- s000") // the preview of the newest
			checkFrame(t, s.shows("並行"), size.columns)
			s.keys("並行")
			s.shows("並行 ")
			s.until("only what matches", func(screen string) bool { return !strings.Contains(screen, "60/60") })
			s.shows("--- s002")
			s.keys("Enter")
			s.shows("end: chose s002")
			s.checkRestored()
		})
	}
}

// checkFrame wants every row of the preview between two bars in the right columns, and
// nothing cut by the finder, since the text was wrapped before.
func checkFrame(t *testing.T, screen string, columns int) {
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

func frameTop(columns int) string { return "┌" + strings.Repeat("─", columns/2-2) + "┐" }

// The query is there from the start, and of equal matches the newest comes first.
func TestFinderQuery(t *testing.T) {
	t.Parallel()
	s := open(t, 80, 24, "QUERY=rust $choose")
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
	t.Parallel()
	// The query is not ASCII, and so ignored.
	s := open(t, 80, 24, "QUERY=並行 $choose; until [ -e again ]; do sleep 0.01; done; clear; QUERY=並行 $choose")
	for _, key := range []string{"Escape", "C-c"} {
		s.shows("60/60")
		s.keys("zzz", "BSpace", "BSpace", key)
		s.shows("end: nothing was chosen")
		s.checkRestored()
		s.write("again", "")
	}
}

// The frame and the preview follow the size of the window. In a window of fewer than five
// columns the finder drops the query and may then have the oldest item selected, so
// afterwards either end of the list is right. Whether the finder saw that size is up to
// the scheduler.
func TestFinderResized(t *testing.T) {
	t.Parallel()
	s := open(t, 80, 24, "$choose")
	s.shows("60/60")
	selected := "s000"
	for _, size := range []struct{ columns, rows int }{{40, 12}, {120, 40}, {3, 2}, {80, 24}} {
		s.resize(size.columns, size.rows)
		if size.columns == 3 {
			s.shows(">")
			continue
		}
		screen := s.until("frame", func(screen string) bool {
			top, _, _ := strings.Cut(screen, "\n")
			return strings.HasSuffix(top, frameTop(size.columns)) &&
				strings.Count(screen, "│\n") == size.rows-2 && strings.Contains(screen, "--- s0")
		})
		_, heading, _ := strings.Cut(screen, "--- ")
		selected = heading[:4]
		if selected != "s000" && (size.rows != 24 || selected != "s059") {
			t.Errorf("in %d columns %s is selected", size.columns, selected)
		}
	}
	s.keys("Enter")
	s.shows("end: chose " + selected)
	s.checkRestored()
}

func TestFinderShowsWhatIsSought(t *testing.T) {
	t.Parallel()
	s := open(t, 80, 24, "SOUGHT='LAST 言葉' $choose")
	screen := s.shows("the last 言葉")
	if !strings.Contains(screen, "LAST 言葉>") || !strings.Contains(screen, " 60/60") {
		t.Errorf("on the screen:\n%s", screen)
	}
	s.keys("rust")
	s.shows("LAST 言葉> rust")
	s.shows("17/60")
	s.keys("Enter")
	s.shows("end: chose s001")
	s.checkRestored()
}

// Where nothing matches, Page Up puts the finder before the first item. It must not be
// there any more when something matches again.
func TestFinderPageUpWithoutMatch(t *testing.T) {
	t.Parallel()
	s := open(t, 80, 24, "$choose")
	s.shows("60/60")
	s.keys("x")
	s.shows(" 0/60")
	s.keys("PPage", "PPage", "BSpace")
	s.shows("60/60")
	s.keys("Up", "Up", "Enter")
	s.shows("end: chose s002")
	if starts := s.read("starts"); starts != "x" {
		t.Errorf("the finder was started %d times", len(starts))
	}
}

// The finder is known to panic in its own goroutine, and in that of its timer, where it
// draws a preview.
func TestFinderCrashes(t *testing.T) {
	for name, c := range map[string]struct {
		env  string
		keys []string // until a crash
		list bool     // it crashes whenever it can
	}{
		"in the preview":        {"PANIC_AT=s001", []string{"Up"}, true},
		"at once":               {"PANIC_AT=s000", nil, true},
		"no program":            {"CHILD=/nonexistent", nil, true},
		"silent program":        {"CHILD=/bin/true", nil, true},
		"page up, line deleted": {"", []string{"x", "PPage", "C-u"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, 80, 24, c.env+" $choose")
			for start := 1; c.keys != nil && start <= 3; start++ {
				s.until("start", func(string) bool { return len(s.read("starts")) == start })
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
				s.checkRestored()
				s.keys("3", "Enter")
			}
			screen := s.shows("end: chose s002")
			if strings.Contains(screen, "goroutine 1") {
				t.Errorf("stack on the screen:\n%s", screen)
			}
			s.checkRestored()
		})
	}
}

func TestTerminals(t *testing.T) {
	t.Parallel()
	s := open(t, 40, 30, `for name in dumb "" unheard-of xterm-unheard-of; do
		TERM=$name $choose
		until [ -e "next$name" ]; do sleep 0.01; done; clear; done`)
	for _, name := range []string{"dumb", "", "unheard-of"} {
		screen := s.shows("number, 1 to 20:")
		if !strings.HasPrefix(screen, " 1  11-30") {
			t.Errorf("TERM=%s: something is above the list:\n%s", name, screen)
		}
		if !strings.Contains(screen, "\n 3  11-28  並行処理と並列処理の違いを教…\n") {
			t.Errorf("TERM=%s: the list is not cut to the terminal:\n%s", name, screen)
		}
		s.keys("Enter")
		s.shows("end: nothing was chosen")
		s.checkRestored()
		s.write("next"+name, "")
		s.until("cleared screen", func(screen string) bool { return !strings.Contains(screen, "end:") })
	}
	s.shows("60/60") // in the finder, although nobody has described this xterm
	s.keys("Escape")
	s.shows("end: nothing was chosen")
	s.checkRestored()
}

// Whatever keys are pressed, the finder or the list ends and leaves the terminal as it
// was. OAX_SEED repeats the keys of a failed run, OAX_CI makes more runs and
// OAX_TORTURE many more.
func TestFinderSurvivesRandomKeys(t *testing.T) {
	t.Parallel()
	runs, seed := 2, uint64(1)
	switch {
	case os.Getenv("OAX_TORTURE") != "":
		runs, seed = 200, uint64(time.Now().UnixNano())
	case os.Getenv("OAX_CI") != "":
		runs = 5
	}
	if n, err := strconv.ParseUint(os.Getenv("OAX_SEED"), 10, 64); err == nil {
		seed = n
	}
	// Keys that came too late for one finder must not be there for the next.
	s := open(t, 60, 16, fmt.Sprintf(`i=0; while [ $i -lt %d ]; do i=$((i+1)); clear; echo here before; $choose >end.$i
		until [ -e go.$i ]; do sleep 0.01; done
		stty -icanon min 0 time 0; dd bs=4096 count=1 >/dev/null 2>&1; stty $(cat before); done`, runs))
	rng := rand.New(rand.NewPCG(seed, 0))
	lists := 0
	for i := 1; i <= runs; i++ {
		s.shows("60/60")
		keys := randomKeys(rng)
		s.keys(keys...)
		end := s.leave(fmt.Sprintf("end.%d", i))
		s.checkRestored()
		screen := s.screen()
		list := strings.Contains(screen, "number, 1 to 20:")
		if list {
			lists++
		}
		if strings.Contains(screen, "│") || !list && !strings.HasPrefix(screen, "here before\n") {
			t.Errorf("not the screen there was before:\n%s", screen)
		}
		if t.Failed() {
			t.Fatalf("run %d, OAX_SEED=%d, keys %q, %s", i, seed, keys, end)
		}
		s.write(fmt.Sprintf("go.%d", i), "")
	}
	t.Logf("%d runs, OAX_SEED=%d, %d starts of the finder, %d runs ended in the numbered list", runs, seed, len(s.read("starts")), lists)
}

func randomKeys(rng *rand.Rand) []string {
	all := strings.Fields("PPage PPage PPage BSpace BSpace BSpace Tab qqq qqq x 並 r u Space Up Down NPage Left Home End C-u C-w Delete F1 M-x")
	keys := make([]string, 20+rng.IntN(20))
	for i := range keys {
		keys[i] = all[rng.IntN(len(all))]
	}
	return keys
}

// leave presses keys that end the finder or the numbered list, until the file tells how
// the program ended.
func (s *terminal) leave(file string) (end string) {
	s.t.Helper()
	s.until("end", func(string) bool {
		if end = s.read(file); end == "" {
			s.keys("C-u", "C-d")
			time.Sleep(15 * time.Millisecond)
			end = s.read(file)
		}
		return end != ""
	})
	return end
}
