package report

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
)

// written returns what use writes to a Writer of a file.
func written(t *testing.T, quiet bool, use func(*Writer)) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "stderr")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	use(NewWriter(f, quiet))
	f.Close()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestWriter(t *testing.T) {
	e := &Error{What: "odd\x1b[2J\nthing", Hint: "oax ls", Saved: "session k3f", NewLine: true}
	use := func(w *Writer) {
		w.Note("a note")
		w.Error(e)
		w.Line(strings.Repeat("x", 3000))
		w.Error(&Error{Saved: "session k3g"})
		w.Error(Silent(1, "nothing"))
	}
	long := "oax: " + strings.Repeat("x", 2000) + "…\n"
	if got, want := written(t, false, use), "oax: a note\noax: odd^[[2J thing\nhint: oax ls\nsaved: session k3f\n"+long+"saved: session k3g\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := written(t, true, use), "oax: odd^[[2J thing\n"+long; got != want {
		t.Errorf("quiet: %q, want %q", got, want)
	}
}

// There is at most one hint a run, whoever gives it and however often.
func TestOneHint(t *testing.T) {
	got := written(t, false, func(w *Writer) {
		w.Hint("")
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				w.Line("CONFIG:7: unknown setting \"modle\"")
				w.Hint("did you mean model?")
				w.Error(&Error{What: "no prompt given", Hint: "oax hi"})
			})
		}
		all.Wait()
	})
	if strings.Count(got, "hint: ") != 1 || strings.Count(got, "oax: ") != 16 {
		t.Error(got)
	}
	if got := written(t, true, func(w *Writer) { w.Hint("x") }); got != "" {
		t.Errorf("quiet: %q", got)
	}
}

// screen is a terminal, and what has been written to it.
type screen struct {
	t         *testing.T
	tty, ptmx *os.File
	text      string
}

func newScreen(t *testing.T) *screen {
	ptmx, tty, err := pty.Open()
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { ptmx.Close(); tty.Close() })
	return &screen{t: t, tty: tty, ptmx: ptmx}
}

// await reads until the text has been written, behind what was read before.
func (s *screen) await(want string) {
	s.t.Helper()
	s.text = ""
	for buf := make([]byte, 1000); !strings.Contains(s.text, want); {
		s.ptmx.SetReadDeadline(time.Now().Add(time.Minute))
		n, err := s.ptmx.Read(buf)
		if s.text += string(buf[:n]); err != nil {
			s.t.Fatalf("no %q in %q: %v", want, s.text, err)
		}
	}
}

func xterm(name string) string {
	if name == "TERM" {
		return "xterm"
	}
	return ""
}

// What is printed takes the place of the waiting line, which comes back below and goes
// without a trace.
func TestSpinner(t *testing.T) {
	s := newScreen(t)
	w := NewWriter(s.tty, false)
	waiting := w.Spin("gpt\x1b[2J", SpinOptions{Getenv: xterm, Now: time.Now})
	s.await("gpt^[[2J 0 s")
	waiting.Say("thinking")
	s.await("thinking 0 s")
	w.Line("rate limited")
	s.await(eraseLine + "oax: rate limited\r\n")
	s.await("thinking 0 s")
	waiting.Stop()
	waiting.Stop()
	w.Line("done")
	s.await("oax: done\r\n")
	if !strings.Contains(s.text, eraseLine+"oax: done") {
		t.Errorf("%q", s.text)
	}
}

// A terminal that is held with Ctrl-S holds up nobody but those who print.
func TestSpinnerOnAHeldTerminal(t *testing.T) {
	s := newScreen(t)
	w := NewWriter(s.tty, false)
	waiting := w.Spin("gpt", SpinOptions{Getenv: xterm})
	s.await("gpt")
	w.mu.Lock() // as a write that blocks does
	defer w.mu.Unlock()
	waiting.Say("thinking")
	waiting.Stop()
}

func TestNoSpinner(t *testing.T) {
	s := newScreen(t)
	dumb := func(string) string { return "dumb" }
	for _, w := range []*Spinner{
		NewWriter(s.tty, true).Spin("x", SpinOptions{Getenv: xterm}),
		NewWriter(s.tty, false).Spin("x", SpinOptions{Getenv: xterm, Off: true}),
		NewWriter(s.tty, false).Spin("x", SpinOptions{Getenv: dumb}),
		NewWriter(os.NewFile(^uintptr(0), "closed"), false).Spin("x", SpinOptions{Getenv: xterm}),
	} {
		if w != nil {
			t.Error("a waiting line")
		}
		w.Say("y")
		w.Stop()
	}
}

// A line break comes first where the terminal has echoed ^C.
func TestNewLine(t *testing.T) {
	s := newScreen(t)
	NewWriter(s.tty, false).Error(Of(Interrupted{os.Interrupt}))
	s.await("\r\noax: stopped\r\n")
}

// Behind text, the line leaves it and the cursor as they are, and what is too long for the
// window is left out.
func TestSpinnerBehindText(t *testing.T) {
	s := newScreen(t)
	if err := pty.Setsize(s.ptmx, &pty.Winsize{Cols: 40, Rows: 10}); err != nil {
		t.Fatal(err)
	}
	w := NewWriter(s.tty, false)
	o := SpinOptions{Getenv: xterm, Now: time.Now, Since: time.Now().Add(-5 * time.Second), Column: 20}
	waiting := w.Spin("gpt", o)
	s.await("\x1b7\x1b[?7l  ⠋ gpt 5 s\x1b[K\x1b[?7h\x1b8")
	w.Line("a note")
	s.await("\x1b[Koax: a note\r\n")
	if strings.Contains(s.text, "\r\x1b[K") {
		t.Errorf("%q", s.text)
	}
	waiting.Stop()
	waiting = w.Spin("a name that is too long", o)
	s.await("  ⠋ 5 s\x1b[K")
	waiting.Stop()
	if o.Column = 33; w.Spin("gpt", o) != nil {
		t.Error("there is a line without room for it")
	}
}

// On a terminal, lines are broken at words.
func TestWriterWraps(t *testing.T) {
	s := newScreen(t)
	for _, c := range []struct {
		columns uint16
		want    string
	}{
		{30, "oax: no key for https://a.b\r\nhint: set OPENAI_API_KEY, or\r\n      key_command in the file;\r\n      今日は天気がいいですね\r\nsaved: session k3f\r\n"},
		{20, "oax: no key for\r\n     https://a.b\r\nhint: set\r\n      OPENAI_API_KEY,\r\n      or key_command\r\n      in the file;\r\n      今日は天気がい\r\n      いですね\r\nsaved: session k3f\r\n"},
		{12, "oax: no key for https://a.b\r\n"},
		{90, "oax: no key for https://a.b\r\nhint: set OPENAI_API_KEY, or key_command in the file; 今日は天気がいいですね\r\nsaved: session k3f\r\n"},
	} {
		if err := pty.Setsize(s.ptmx, &pty.Winsize{Cols: c.columns, Rows: 10}); err != nil {
			t.Fatal(err)
		}
		NewWriter(s.tty, false).Error(&Error{What: "no key for https://a.b", Hint: "set OPENAI_API_KEY, or key_command in the file; 今日は天気がいいですね", Saved: "session k3f"})
		s.await(c.want)
	}
}
