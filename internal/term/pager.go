package term

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// Pager holds text back until it is more than fits on a terminal, and then gives it to a
// pager program. If that cannot be started, the text is printed by Close.
type Pager struct {
	ctx           context.Context // of the one run that the Pager lives in
	to            *os.File
	program       *exec.Cmd
	out           io.WriteCloser // of the program, once it runs
	columns, rows int            // of the text that fits
	held          bytes.Buffer
	used          int // rows that the whole lines in held take
	counted       int // bytes of them
}

// ErrPagerLeft says that the person has left the pager: nobody reads on.
var ErrPagerLeft = errors.New("the pager has ended")

// NewPager returns a Pager for the terminal to. The program, which is not started yet,
// must print there.
func NewPager(ctx context.Context, to *os.File, program *exec.Cmd) *Pager {
	columns, rows := Size(to)
	return &Pager{ctx: ctx, to: to, program: program, columns: columns, rows: rows - 1} // the shell's prompt needs one
}

// Write takes text. The error is ErrPagerLeft.
func (p *Pager) Write(b []byte) (int, error) {
	if p.out == nil {
		p.held.Write(b)
		if p.fits() || !p.start() {
			return len(b), nil
		}
		_, err := p.Write(p.held.Bytes())
		return len(b), err
	}
	if _, err := p.out.Write(b); err != nil {
		return 0, ErrPagerLeft
	}
	return len(b), nil
}

// fits counts the rows of the text that came since the last call.
func (p *Pager) fits() bool {
	for p.used <= p.rows {
		line, _, whole := bytes.Cut(p.held.Bytes()[p.counted:], []byte("\n"))
		if !whole {
			return p.used+len(line)/(8*p.columns) <= p.rows
		}
		p.used += 1 + max(Width(string(line))-1, 0)/p.columns
		p.counted += len(line) + 1
	}
	return false
}

// start starts the pager. From then on Ctrl-C is for the pager, not for oax: the pager
// would inherit this if it came before.
func (p *Pager) start() bool {
	out, err := p.program.StdinPipe()
	if err == nil {
		err = p.program.Start()
	}
	if err != nil {
		p.rows = math.MaxInt // all fits
		return false
	}
	signal.Ignore(os.Interrupt)
	p.out = out
	return true
}

// Close prints the text if it fits, even if Ctrl-C has ended the run: it may be what was
// found before that. Else it waits until the person has left the program. The error is the
// cause of the context, or that of the terminal.
func (p *Pager) Close() error {
	if p.out != nil {
		p.out.Close()
		_ = p.program.Wait() // less exits with 1 if it was interrupted; nothing is lost then
		return context.Cause(p.ctx)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), time.Second)
	defer cancel()
	if p.ctx.Err() == nil {
		ctx = p.ctx
	}
	_, err := Writer(ctx, p.to).Write(p.held.Bytes())
	if p.ctx.Err() != nil {
		return context.Cause(p.ctx)
	}
	return err
}

// FindPager returns the person's pager for the terminal to, or nil for none: it is set to
// nothing or to cat, it is not installed, or the terminal can only print lines. The pager
// runs in environ, with options for less if the person has set none: F ends it if the text
// fits, R keeps the colours that oax has set, X leaves the text on the screen. Any other
// control characters are visible already.
func FindPager(ctx context.Context, to *os.File, lookup func(string) (string, bool), environ []string) *exec.Cmd {
	if t, _ := lookup("TERM"); t == "" || t == "dumb" {
		return nil
	}
	command := "less"
	for _, name := range []string{"PAGER", "OAX_PAGER"} {
		if value, ok := lookup(name); ok {
			command = value
		}
	}
	words := strings.Fields(command)
	if len(words) == 0 || words[0] == "cat" {
		return nil
	}
	if _, err := exec.LookPath(words[0]); err != nil {
		return nil
	}
	pager := exec.CommandContext(ctx, words[0], words[1:]...)
	pager.Stdout, pager.Stderr, pager.Env = to, to, environ
	if _, ok := lookup("LESS"); !ok {
		pager.Env = append(pager.Env, "LESS=FRX")
	}
	pager.Cancel = func() error { return pager.Process.Signal(syscall.SIGTERM) } // it restores the terminal
	pager.WaitDelay = time.Second
	return pager
}

// SteadyWriter collects what is written, but flushes often: the reader may have seen
// enough. Flush writes what is left.
type SteadyWriter struct {
	*bufio.Writer
	flushed time.Time
}

// NewSteadyWriter returns a SteadyWriter that writes to w.
func NewSteadyWriter(w io.Writer) *SteadyWriter {
	return &SteadyWriter{Writer: bufio.NewWriterSize(w, 16<<10)}
}

func (w *SteadyWriter) Write(b []byte) (int, error) {
	const flushEvery = 10 * time.Millisecond
	n, err := w.Writer.Write(b)
	if err == nil && time.Since(w.flushed) >= flushEvery {
		err = w.Flush()
		w.flushed = time.Now()
	}
	return n, err
}
