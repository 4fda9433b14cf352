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

	// The waiting began at Since, if it did not begin now: then the line is drawn at once.
	Since time.Time
	// Column is where the line begins: behind text that stays as it is. There must be room
	// for minColumns behind it.
	Column int
}

// Spinner is the line on a terminal that says what the program waits for, and for how
// long. It leaves no trace: what the Writer prints meanwhile takes its place, and it is
// drawn again below. A nil Spinner does nothing.
type Spinner struct {
	to     *Writer
	now    func() time.Time
	since  time.Time
	delay  time.Duration
	column int

	mu   sync.Mutex // of what
	what string

	stop  sync.Once
	end   chan struct{} // closed when the line has to go
	ended chan struct{} // closed when it is gone
}

const (
	spinDelay = 300 * time.Millisecond // a quick answer needs no such line
	spinTick  = 100 * time.Millisecond

	minColumns = 8
)

// What erases the line: all of it, or what is behind the cursor.
const (
	eraseLine = "\r\x1b[K"
	eraseRest = "\x1b[K"
)

// Spin begins to show the waiting line. It returns nil if no person watches standard
// error, the terminal cannot take the line back, or there is no room for it.
func (w *Writer) Spin(what string, o SpinOptions) *Spinner {
	if w.quiet || o.Off || !term.IsTerminal(w.to) || !term.MovesCursor(o.Getenv("TERM"), o.Getenv) {
		return nil
	}
	if columns, _ := term.Size(w.to); columns-o.Column < minColumns && o.Column > 0 {
		return nil
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Spinner{
		to: w, now: o.Now, since: o.Since, what: what, column: o.Column,
		end: make(chan struct{}), ended: make(chan struct{}),
	}
	if s.since.IsZero() {
		s.since, s.delay = o.Now(), spinDelay
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
	next := time.NewTimer(s.delay)
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
	mark, seconds := frames[frame%len(frames)], int(s.now().Sub(s.since).Seconds())
	line := term.Line(fmt.Sprintf("%c %s %d s", mark, what, seconds))
	if s.column > 0 && s.column+3+term.Width(line) > columns {
		line = fmt.Sprintf("%c %d s", mark, seconds)
	}
	text, erase := "\r"+term.Cut(line, columns-1)+eraseRest, eraseLine
	if s.column > 0 { // the cursor returns, and a window that gets narrower meanwhile wraps nothing
		text, erase = "\x1b7\x1b[?7l  "+term.Cut(line, columns-s.column-3)+eraseRest+"\x1b[?7h\x1b8", eraseRest
	}
	s.to.mu.Lock()
	defer s.to.mu.Unlock()
	s.to.to.WriteString(text)
	s.to.erase = erase
}
