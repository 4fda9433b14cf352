//go:build linux

package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"

	"oax/internal/demo"

	"github.com/creack/pty"
)

const (
	pacedTokens = 300
	pacedBy     = 20 * time.Millisecond
)

// flushes are when the endpoint sent each token.
type flushes struct {
	mu    sync.Mutex
	times []time.Time
}

func (f *flushes) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	for range pacedTokens {
		w.Write(demo.Chunk("x"))
		f.mu.Lock()
		f.times = append(f.times, time.Now())
		f.mu.Unlock()
		w.(http.Flusher).Flush()
		time.Sleep(pacedBy)
	}
	w.Write(append(demo.Finish("stop"), demo.Done()...))
}

// latency measures from the flush of a token to its byte on standard output.
func (b *bench) latency() error {
	onPipe := func(cmd *exec.Cmd) (io.Reader, error) {
		out, err := cmd.StdoutPipe()
		if err != nil {
			return nil, err
		}
		return out, cmd.Start()
	}
	onTerminal := func(cmd *exec.Cmd) (io.Reader, error) {
		cmd.Stderr = os.Stderr
		return pty.Start(cmd)
	}
	if err := b.latencyOn("pipe", onPipe); err != nil {
		return err
	}
	return b.latencyOn("terminal", onTerminal)
}

func (b *bench) latencyOn(name string, start func(*exec.Cmd) (io.Reader, error)) error {
	sent := &flushes{}
	server, err := demo.Start(sent)
	if err != nil {
		return err
	}
	defer server.Close()
	home, err := b.home("latency-" + name)
	if err != nil {
		return err
	}
	cmd := b.ask(home, server.URL(), "hi")()
	out, err := start(cmd)
	if err != nil {
		return err
	}
	var waits []time.Duration
	buf := make([]byte, 1)
	for len(waits) < pacedTokens {
		if _, err := out.Read(buf); err != nil {
			return err
		}
		if buf[0] == 'x' {
			sent.mu.Lock()
			waits = append(waits, time.Since(sent.times[len(waits)]))
			sent.mu.Unlock()
		}
	}
	go io.Copy(io.Discard, out)
	if err := cmd.Wait(); err != nil {
		return err
	}
	slices.Sort(waits)
	fmt.Printf("%-34s median %.2f ms, p99 %.2f ms, of %d tokens\n", "token to "+name, ms(waits[len(waits)/2]), ms(waits[len(waits)*99/100]), len(waits))
	return nil
}
