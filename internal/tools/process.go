package tools

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
)

// Servers that are started as programs and spoken to by standard input and output.

// process is a server that was started.
type process struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	output *messages // of its standard output
	stderr *serverLog
	cancel context.CancelFunc
	ended  chan struct{} // closed when it has ended
	once   sync.Once
}

// startProcess starts a server. What it writes to standard error goes to log as far as
// that takes it without delay.
func startProcess(argv, environ []string, log io.Writer, name string) (*process, error) {
	ctx, cancel := context.WithCancel(context.Background())
	cmd, err := command(ctx, argv)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("%s", cause(err))
	}
	p := &process{cmd: cmd, cancel: cancel, ended: make(chan struct{}), stderr: newServerLog(log, name)}
	out, in, err := os.Pipe() // not StdoutPipe, which Wait closes, maybe before all was read
	if err == nil {
		cmd.Env, cmd.Stdout, cmd.Stderr = environ, in, p.stderr
		if p.stdin, err = cmd.StdinPipe(); err == nil {
			err = cmd.Start()
		}
		in.Close()
	}
	if err != nil {
		out.Close() // of a nil file: an error, and no more
		cancel()
		p.stderr.close()
		return nil, err
	}
	p.output = newMessages(out, p.stderr)
	go func() {
		_ = waitGroup(ctx, cmd)
		p.stderr.close()
		close(p.ended)
	}()
	return p, nil
}

// end ends the server as the protocol has it: its standard input is closed, then it is
// asked to end, then killed.
func (p *process) end() {
	p.once.Do(func() {
		_ = p.stdin.Close()
		select {
		case <-p.ended:
		case <-time.After(grace / 4): // many servers wait for a signal
		}
		p.cancel()
		<-p.ended
		_ = p.output.Close()
	})
}

// state says how the server ended, or nothing if it runs. One that just closed its output
// is given the time to end.
func (p *process) state() string {
	if p.output.tooLarge.Load() {
		return fmt.Sprintf("it sent a line of over %d MiB", maxMessage>>20)
	}
	select {
	case <-p.ended:
		return p.cmd.ProcessState.String()
	case <-time.After(grace):
		return ""
	}
}

// messages reads the lines that are messages. Some servers greet on standard output, or log
// there what belongs to standard error.
type messages struct {
	io.Closer
	lines    *bufio.Scanner
	other    io.Writer   // gets the other lines
	rest     []byte      // of the line that is read
	tooLarge atomic.Bool // a line was larger than maxMessage, which ends the reading
}

func newMessages(in io.ReadCloser, other io.Writer) *messages {
	m := &messages{Closer: in, lines: bufio.NewScanner(in), other: other}
	m.lines.Buffer(nil, maxMessage)
	return m
}

func (m *messages) Read(p []byte) (int, error) {
	for len(m.rest) == 0 {
		if !m.lines.Scan() {
			m.tooLarge.Store(errors.Is(m.lines.Err(), bufio.ErrTooLong))
			return 0, cmp.Or(m.lines.Err(), io.EOF)
		}
		line := append(m.lines.Bytes(), '\n')
		if isMessage(line) {
			m.rest = line
		} else {
			_, _ = m.other.Write(line)
		}
	}
	n := copy(p, m.rest)
	m.rest = m.rest[n:]
	return n, nil
}

// isMessage reports whether a line is a message of JSON-RPC, or several in an array.
func isMessage(line []byte) bool {
	var batch []json.RawMessage
	if bytes.HasPrefix(line, []byte("[")) && json.Unmarshal(line, &batch) == nil {
		return len(batch) > 0 && !slices.ContainsFunc(batch, func(m json.RawMessage) bool { return !isMessage(m) })
	}
	_, err := jsonrpc.DecodeMessage(line)
	return err == nil
}

// serverLog takes what a server writes to standard error: it never blocks the server, holds
// the end of it, and passes on to a log what that takes without delay.
type serverLog struct {
	queue chan []byte
	done  chan struct{}

	mu     sync.Mutex
	last   []byte
	closed bool
}

// longestLine is the longest line in the log, in bytes; what is longer is written as several.
const longestLine = 64 << 10

func newServerLog(log io.Writer, name string) *serverLog {
	if log == nil {
		log = io.Discard
	}
	s := &serverLog{queue: make(chan []byte, 64), done: make(chan struct{})}
	go func() {
		defer close(s.done)
		var lines []byte // the last has not ended
		for piece := range s.queue {
			lines = append(lines, piece...)
			end := bytes.LastIndexByte(lines, '\n') + 1
			if len(lines)-end > longestLine {
				end = len(lines)
			}
			writeLines(log, name, lines[:end])
			lines = append(lines[:0], lines[end:]...)
		}
		writeLines(log, name, lines)
	}()
	return s
}

// writeLines writes lines with the name of a server before each.
func writeLines(log io.Writer, name string, lines []byte) {
	for line := range bytes.Lines(lines) {
		_, _ = fmt.Fprintf(log, "[%s] %s\n", name, bytes.TrimSuffix(line, []byte("\n"))) // a log that fails is of no matter to the server
	}
}

func (s *serverLog) Write(b []byte) (int, error) {
	const held = 4 << 10
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = append(s.last, b...)
	s.last = append(s.last[:0], s.last[max(0, len(s.last)-held):]...)
	if !s.closed {
		select {
		case s.queue <- bytes.Clone(b):
		default:
		}
	}
	return len(b), nil
}

// close ends the log when what is queued has been written, or soon after.
func (s *serverLog) close() {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.queue)
	}
	s.mu.Unlock()
	select {
	case <-s.done:
	case <-time.After(grace):
	}
}

// lastLines returns the last lines that were written, in one.
func (s *serverLog) lastLines() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := strings.FieldsFunc(string(s.last), func(r rune) bool { return r == '\n' || r == '\r' })
	return validEnd(strings.Join(lines[max(0, len(lines)-5):], "; "), 500)
}
