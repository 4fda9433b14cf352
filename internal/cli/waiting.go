package cli

import (
	"fmt"
	"os"
	"time"

	"oax/internal/term"
)

// waiting is the line on a terminal that says what is being waited for. It goes
// without a trace.
type waiting struct {
	what  string
	to    *os.File
	now   func() time.Time
	since time.Time
	says  chan string   // what the line says from now on
	end   chan struct{} // closed when it has to go
	gone  chan struct{} // closed when it is gone
}

const (
	waitPatience = 300 * time.Millisecond // a quick answer needs no such line
	waitTick     = 100 * time.Millisecond
	eraseLine    = "\r\x1b[K"
)

// wait shows the line on standard error, if a person watches that.
func (env *Env) wait(what string) *waiting {
	if env.said.quiet || env.flags.JSON || !term.IsTerminal(env.Stderr) || !term.MovesCursor(env.getenv("TERM"), env.getenv) {
		return nil
	}
	w := &waiting{
		what: what, to: env.Stderr, now: env.Now, since: env.Now(),
		says: make(chan string), end: make(chan struct{}), gone: make(chan struct{}),
	}
	go w.run(what)
	return w
}

// word returns what the line said at first.
func (w *waiting) word() string {
	if w == nil {
		return ""
	}
	return w.what
}

// say changes what the line says.
func (w *waiting) say(what string) {
	if w == nil {
		return
	}
	select {
	case w.says <- what:
	case <-w.gone:
	case <-time.After(waitTick): // a terminal that is held holds up nothing
	}
}

// stop makes the line go. Only the first call does anything.
func (w *waiting) stop() {
	if w == nil {
		return
	}
	select {
	case <-w.end:
		return
	default:
		close(w.end)
	}
	select {
	case <-w.gone:
	case <-time.After(waitTick):
	}
}

func (w *waiting) run(what string) {
	defer close(w.gone)
	shown := false
	next := time.After(waitPatience)
	for frame := 0; ; {
		select {
		case <-w.end:
			if shown {
				w.to.WriteString(eraseLine)
			}
			return
		case what = <-w.says:
		case <-next:
			shown = true
			frame++
			w.draw(frame, what)
			next = time.After(waitTick)
		}
	}
}

func (w *waiting) draw(frame int, what string) {
	frames := []rune("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")
	columns, _ := term.Size(w.to)
	line := fmt.Sprintf("%c %s %d s", frames[frame%len(frames)], what, int(w.now().Sub(w.since).Seconds()))
	w.to.WriteString("\r" + term.Cut(term.Line(line), columns-1) + "\x1b[K")
}
