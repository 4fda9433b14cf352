package cli

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"oax/internal/report"
	"oax/internal/term"
)

// pagerFlags are those of commands whose output can be longer than a screen.
type pagerFlags struct {
	NoPager bool `help:"Do not use a pager for output longer than the screen ($$OAX_PAGER, $$PAGER, less)." group:"Output:"`
}

// paged lets print write to standard output; if that is a terminal and the text does not
// fit on its screen, to a pager. Output for other programs (--json), and output that may
// move the cursor (--raw), never goes to a pager.
func (f pagerFlags) paged(ctx context.Context, p *Process, lib *library, o outputFlags, print func(io.Writer) error) error {
	if !f.NoPager && !o.JSON && !o.Raw && term.IsTerminal(p.Stdout) {
		if pager := pagerCommand(ctx, p, lib); pager != nil {
			screen := term.NewPager(ctx, p.Stdout, pager)
			printed := print(screen)
			if err := screen.Close(); err != nil {
				return endOfOutput(ctx, err)
			}
			if errors.Is(printed, term.ErrPagerLeft) {
				return nil
			}
			return printed
		}
	}
	out := &steadyWriter{to: bufio.NewWriterSize(term.Writer(ctx, p.Stdout), 64<<10)}
	printed := print(out)
	if err := out.to.Flush(); err != nil {
		return endOfOutput(ctx, err)
	}
	return printed
}

// pagerCommand returns the person's pager, or nil for none: it is set to nothing or to
// cat, it is not installed, or the terminal can only print lines. It gets no key, and
// options for less if the person has set none: F ends it if the text fits, R keeps the
// colours that oax has set, X leaves the text on the screen. Any other control characters
// are visible already.
func pagerCommand(ctx context.Context, p *Process, lib *library) *exec.Cmd {
	if t := p.Getenv("TERM"); t == "" || t == "dumb" {
		return nil
	}
	command := "less"
	for _, name := range []string{"PAGER", "OAX_PAGER"} {
		if value, ok := p.LookupEnv(name); ok {
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
	pager.Stdout, pager.Stderr, pager.Env = p.Stdout, p.Stderr, lib.file.WithoutKeys(p.Environ)
	if _, ok := p.LookupEnv("LESS"); !ok {
		pager.Env = append(pager.Env, "LESS=FRX")
	}
	pager.Cancel = func() error { return pager.Process.Signal(syscall.SIGTERM) } // it restores the terminal
	pager.WaitDelay = time.Second
	return pager
}

// steadyWriter collects what is written, but flushes often: the reader may have seen
// enough.
type steadyWriter struct {
	to      *bufio.Writer
	flushed time.Time
}

func (w *steadyWriter) Write(b []byte) (int, error) {
	const flushEvery = 10 * time.Millisecond
	n, err := w.to.Write(b)
	if err == nil && time.Since(w.flushed) >= flushEvery {
		err = w.to.Flush()
		w.flushed = time.Now()
	}
	return n, err
}

// endOfOutput returns why standard output could not be written: the run was ended, or the
// error of the system.
func endOfOutput(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return report.Output(err)
}
