package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Whatever keys are pressed in the picker, it ends with a choice or without one,
// and leaves the terminal as it was.
func TestRecallSurvivesRandomKeys(t *testing.T) {
	t.Parallel()
	const windows = 4
	runs := reduced(t, "runs", 16, windows)
	if torture {
		runs = 200
	}
	for n := range windows {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			randomRecalls(t, runs/windows, newChance(t))
		})
	}
}

// randomRecalls picks at one terminal again and again.
func randomRecalls(t *testing.T, runs int, random *chance) {
	h := remembers(t)
	size := one(random, screens[:])
	// A key that found the picker gone already must not be there for the next one.
	w := h.window(size.columns, size.rows, fmt.Sprintf(`trap : INT; before=$(stty -g)
		for i in {1..%d}; do "$OAX" -r; code=$?
			[ "$before" = "$(stty -g)" ] && state=sane || state=spoilt; echo "$code $state" >end.$i
			until [ -e go.$i ]; do sleep 0.01; done; clear
			stty -icanon min 0 time 0; dd bs=4096 count=1 >/dev/null 2>&1; stty "$before"
		done`, runs))
	lists := 0
	for i := 1; i <= runs; i++ {
		w.shows("5/5")
		keys := randomKeys(random)
		w.keys(keys...)
		end, screen := w.leave(filepath.Join(h.dir, fmt.Sprint("end.", i)))
		if strings.Contains(screen, "number, 1 to 5") {
			lists++
		}
		if code, state, _ := strings.Cut(end, " "); state != "sane\n" || code != "0" && code != "130" {
			t.Errorf("it ended with %q", end)
		}
		w.checkNormal()
		if t.Failed() {
			t.Fatalf("run %d, keys %q", i, keys)
		}
		write(t, filepath.Join(h.dir, fmt.Sprint("go.", i)), "")
	}
	t.Logf("%d runs, %d of them ended in the numbered list", runs, lists)
}

// randomKeys are heavy on those that the finder is known not to bear.
func randomKeys(random *chance) []string {
	all := strings.Fields("PPage PPage PPage BSpace BSpace BSpace qqq qqq Tab x 並 r u Space Up Down NPage Home End C-u C-w Delete F1 M-x")
	keys := make([]string, 10+random.below(30))
	for i := range keys {
		keys[i] = one(random, all)
	}
	if random.below(4) == 0 {
		keys = append(keys, "Enter")
	}
	return keys
}

// leave presses keys that end the picker, the numbered list and the prompt, until
// the end is in a file. It returns that and the screen.
func (w *window) leave(file string) (end, screen string) {
	w.t.Helper()
	eventually(w.t, "it ends", func() bool {
		text, err := os.ReadFile(file)
		if end = string(text); err == nil && strings.HasSuffix(end, "\n") {
			return true
		}
		w.keys("C-u", "C-d")
		time.Sleep(20 * time.Millisecond)
		return false
	})
	return end, w.screen()
}

// checkNormal looks for the traces of a crash and of a terminal that was left in
// another state than stty can tell.
func (w *window) checkNormal() {
	w.t.Helper()
	const modes = "#{alternate_on} #{cursor_flag} #{wrap_flag} #{keypad_flag} #{keypad_cursor_flag} #{mouse_any_flag}"
	eventually(w.t, "the terminal is in its normal modes", func() bool {
		return strings.TrimSpace(w.tmux("display-message", "-p", modes)) == "0 1 1 0 0 0"
	})
	screen := w.screen()
	holdsNone(w.t, screen, "goroutine 1", "panic", "runtime error", "│")
}
