//go:build linux

package main

import (
	"fmt"
	"io"
	"os/exec"
	"slices"
	"time"

	"github.com/creack/pty"
)

const (
	pickerKeys = "session 9"
	patience   = 20 * time.Second
	settled    = 80 * time.Millisecond // without output the screen is as it stays
)

// picker measures the fuzzy finder at a terminal, over many sessions: from the start
// to the last byte of the first screen, and from each key to the last byte of what
// it changes.
func (b *bench) picker() error {
	home, err := b.home("picker")
	if err != nil {
		return err
	}
	for _, sessions := range []int{100, 100_000} {
		if err := fill(home, sessions, 5, 150); err != nil {
			return err
		}
		if err := b.pickerOf(home, fmt.Sprintf("%d sessions", sessions), pickerKeys, "-r"); err != nil {
			return err
		}
	}
	if err := b.pickerOf(home, "by a rare word", "", "-r", "session", "99999"); err != nil {
		return err
	}
	return b.pickerOf(home, "by a common word", pickerKeys, "-r", "answer")
}

func (b *bench) pickerOf(home, title, keys string, args ...string) error {
	var first, typed []time.Duration
	for range b.runs {
		at, err := openTerminal(b.ask(home, "", args...)())
		if err != nil {
			return err
		}
		first = append(first, at.quiet())
		for _, key := range keys {
			typed = append(typed, at.press(string(key)))
		}
		at.press("\x1b")
		if err := at.close(); err != nil {
			return err
		}
	}
	fmt.Printf("%-34s %s\n", "picker, "+title+", on screen", durations(first))
	if len(typed) > 0 {
		fmt.Printf("%-34s %s\n", "picker, "+title+", each key", durations(typed))
	}
	return nil
}

// terminal is a program at a pseudo-terminal, of which only the times count when it
// writes.
type terminal struct {
	cmd     *exec.Cmd
	master  io.ReadWriteCloser
	written chan time.Time
	last    time.Time // of a start, or a key
}

func openTerminal(cmd *exec.Cmd) (*terminal, error) {
	cmd.Env = append(cmd.Env, "TERM=xterm-256color")
	start := time.Now()
	master, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		return nil, err
	}
	at := &terminal{cmd, master, make(chan time.Time, 1000), start}
	go at.watch()
	return at, nil
}

func (at *terminal) watch() {
	defer close(at.written)
	b := make([]byte, 64<<10)
	for {
		if _, err := at.master.Read(b); err != nil {
			return
		}
		at.written <- time.Now()
	}
}

// press presses a key and returns how long its effects went on.
func (at *terminal) press(key string) time.Duration {
	at.last = time.Now()
	io.WriteString(at.master, key)
	return at.quiet()
}

// quiet waits for output and then for its end, and returns when that was.
func (at *terminal) quiet() time.Duration {
	took, wait := time.Duration(0), patience
	for {
		select {
		case t, ok := <-at.written:
			if !ok {
				return took
			}
			took, wait = t.Sub(at.last), settled
		case <-time.After(wait):
			return took
		}
	}
}

// close waits for the end of a program that was left.
func (at *terminal) close() error {
	defer at.master.Close()
	err := at.cmd.Wait()
	if at.cmd.ProcessState.ExitCode() == 130 {
		return nil
	}
	return fmt.Errorf("picker: %w, not left with Escape", err)
}

func durations(all []time.Duration) string {
	slices.Sort(all)
	return spread{ms(all[len(all)/2]), ms(all[0]), ms(all[len(all)-1])}.in("ms")
}
