package turn

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"oax/internal/report"
	"oax/internal/term"
)

// Printer writes an answer to standard output in a goroutine of its own, so that a pager
// that waits, or a terminal held with Ctrl-S, holds up nothing else. It is for one turn.
type Printer struct {
	to      io.Writer
	form    Form
	end     chan End // how the turn ended
	abandon context.CancelFunc
	done    chan struct{} // closed when nothing more is written

	formErr *report.Error // valid once done is closed, as err
	err     error
	buffer  []byte

	mu   sync.Mutex // of what follows, and of the form while it is used
	tape *Tape
	read int    // bytes of the tape
	line []byte // what has been written since the last newline
}

// NewPrinter returns a Printer that writes to w. It begins when Run does.
func NewPrinter(w io.Writer, form Form) *Printer {
	return &Printer{to: w, form: form, end: make(chan End, 1), abandon: func() {}, done: make(chan struct{})}
}

// start begins to print what is on the tape. It calls failed when the output fails.
func (p *Printer) start(tape *Tape, failed func(error)) {
	ctx, cancel := context.WithCancel(context.Background())
	p.abandon, p.tape = cancel, tape
	go func() {
		defer close(p.done)
		if p.formErr, p.err = p.print(ctx, tape); p.err != nil {
			failed(p.err)
		}
	}()
}

// print writes the answer and its end, unless ctx ends first.
func (p *Printer) print(ctx context.Context, tape *Tape) (formErr *report.Error, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &Panic{value, debug.Stack()}
		}
	}()
	for delta := range tape.Deltas(ctx, 0) {
		p.mu.Lock()
		p.read += delta.Len()
		err := p.write(p.form.Append(p.buffer[:0], delta))
		p.mu.Unlock()
		if err != nil {
			return nil, err
		}
	}
	select {
	case end := <-p.end:
		if ctx.Err() != nil {
			return nil, nil
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		rest, formErr := p.form.End(p.buffer[:0], end)
		return formErr, p.write(rest)
	case <-ctx.Done():
		return nil, nil
	}
}

// maxLine is how long a line may be for Column, in bytes.
const maxLine = 4096

// Column returns the column of the cursor on a terminal that is columns wide. ok is false if
// it is not known, if a part of the answer is not written yet, or if the waiting line says
// what is held back.
func (p *Printer) Column(columns int) (column int, ok bool) {
	if !p.mu.TryLock() { // the terminal is held with Ctrl-S
		return 0, false
	}
	defer p.mu.Unlock()
	text, isText := p.form.(*textForm)
	if p.tape == nil || p.read < p.tape.Len() || isText && text.held != "" || len(p.line) > maxLine {
		return 0, false
	}
	return term.Column(string(p.line), columns), true
}

func (p *Printer) write(b []byte) error {
	p.buffer = b
	if len(b) == 0 {
		return nil
	}
	if i := bytes.LastIndexByte(b, '\n'); i >= 0 {
		p.line = append(p.line[:0], b[i+1:min(len(b), i+1+2*maxLine)]...)
	} else if len(p.line) <= maxLine {
		p.line = append(p.line, b[:min(len(b), 2*maxLine)]...)
	}
	_, err := p.to.Write(b)
	return err
}

// printPatience is how long a signal waits for a write.
const printPatience = 100 * time.Millisecond

// finish waits until everything is written, its end included, and returns what the form
// finds wrong with the answer and the error of writing. It waits as long as that takes,
// but once ctx has ended a write may take only as long as a reader that reads would need:
// one that hangs is left behind, with what is not written then. The tape must be closed.
func (p *Printer) finish(ctx context.Context, e End) (formErr *report.Error, err error) {
	p.end <- e
	var patience <-chan time.Time
	for interrupted := ctx.Done(); ; {
		select {
		case <-p.done:
			return p.formErr, p.err
		case <-interrupted:
			interrupted = nil
		case <-patience:
			if !p.mu.TryLock() {
				p.abandon()
				return nil, nil
			}
			p.mu.Unlock() // nothing hangs: on a busy machine it is not the printer's turn
		}
		patience = time.After(printPatience)
	}
}

// notes returns what there is to tell of the text, if it was written to its end.
func (p *Printer) notes() []string {
	select {
	case <-p.done:
		return p.form.Notes()
	default:
		return nil
	}
}

// endsTurn reports whether an error of the output ends the turn: nobody reads it any more,
// since its pipe has no reader or its terminal is closed, or the program has a fault.
func endsTurn(err error) bool {
	_, crashed := errors.AsType[*Panic](err)
	return crashed || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.EIO)
}

// Panic is a panic in a goroutine of a turn. The turn's own goroutine panics with it.
type Panic struct {
	Value any
	Stack []byte
}

func (p *Panic) Error() string { return fmt.Sprint(p.Value) }
