package report

import (
	"fmt"
	"sync"
	"time"

	"oax/internal/term"
)

// SpinOptions say whether and how the waiting line is drawn.
type SpinOptions struct {
	Getenv func(string) string
	Now    func() time.Time // nil: time.Now
	Off    bool             // never draw it
}

// Spinner is the line on a terminal that says what the program waits for, and for how
// long. It leaves no trace: what the Writer prints meanwhile takes its place, and it is
// drawn again below. A nil Spinner does nothing.
type Spinner struct {
	to    *Writer
	now   func() time.Time
	since time.Time

	mu   sync.Mutex // of what
	what string

	stop  sync.Once
	end   chan struct{} // closed when the line has to go
	ended chan struct{} // closed when it is gone
}

const (
	spinDelay = 300 * time.Millisecond // a quick answer needs no such line
	spinTick  = 100 * time.Millisecond
	eraseLine = "\r\x1b[K"
)

// Spin begins to show the waiting line. It returns nil if no person watches standard
// error, or the terminal cannot take the line back.
func (w *Writer) Spin(what string, o SpinOptions) *Spinner {
	if w.quiet || o.Off || !term.IsTerminal(w.to) || !term.MovesCursor(o.Getenv("TERM"), o.Getenv) {
		return nil
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Spinner{
		to: w, now: o.Now, since: o.Now(), what: what,
		end: make(chan struct{}), ended: make(chan struct{}),
	}
	go s.run()
	return s
}

// Spins returns a function that shows a waiting line with what it is given, changes what
// the line says, and takes the line away where that is empty. Any goroutine may call it.
func (w *Writer) Spins(o SpinOptions) func(what string) {
	var mu sync.Mutex
	var s *Spinner
	return func(what string) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case what == "":
			s.Stop()
			s = nil
		case s == nil:
			s = w.Spin(what, o)
		default:
			s.Say(what)
		}
	}
}

// Say changes what the line says.
func (s *Spinner) Say(what string) {
	if s != nil {
		s.mu.Lock()
		s.what = what
		s.mu.Unlock()
	}
}

// Stop erases the line. It does not wait for a terminal that is held with Ctrl-S. Only the
// first call does anything.
func (s *Spinner) Stop() {
	if s == nil {
		return
	}
	s.stop.Do(func() {
		close(s.end)
		select {
		case <-s.ended:
		case <-time.After(spinTick):
		}
	})
}

func (s *Spinner) run() {
	defer close(s.ended)
	next := time.NewTimer(spinDelay)
	defer next.Stop()
	for frame := 0; ; frame++ {
		select {
		case <-s.end:
			s.to.Error(&Error{}) // erases the line
			return
		case <-next.C:
			s.draw(frame)
			next.Reset(spinTick)
		}
	}
}

func (s *Spinner) draw(frame int) {
	s.mu.Lock()
	what := s.what
	s.mu.Unlock()
	frames := []rune("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")
	columns, _ := term.Size(s.to.to)
	line := fmt.Sprintf("%c %s %d s", frames[frame%len(frames)], what, int(s.now().Sub(s.since).Seconds()))
	s.to.mu.Lock()
	defer s.to.mu.Unlock()
	s.to.to.WriteString("\r" + term.Cut(term.Line(line), columns-1) + "\x1b[K")
	s.to.drawn = true
}
