package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"oax/internal/demo"
)

// openPicker are faults while the picker has the terminal (E).
var openPicker = []fault{
	{row: "E22", what: "SIGTERM while the picker is open", test: func(t *testing.T) {
		h := remembers(t)
		w := h.recall(80, 24, "")
		w.shows("5/5")
		for _, p := range processes(h.dir) {
			if strings.HasSuffix(p.cmdline, "\x00-r\x00") {
				signalTo(p.pid, syscall.SIGTERM)
			}
		}
		w.shows("code 143, sane")
		w.checkNormal()
	}},
	{row: "E22", what: "the terminal is closed while the picker is open", test: func(t *testing.T) {
		h := remembers(t)
		c := h.at(h.command("-r"))
		c.shows("5/5")
		c.hangUp()
		diedOf(t, c.end(), syscall.SIGHUP)
		eventually(t, "nothing is left of it", func() bool { return len(processes(h.dir)) == 0 })
	}},
	{row: "E22", what: "SIGTERM while a prompt is asked for", test: func(t *testing.T) {
		h := remembers(t)
		c := h.at(h.command("-r"))
		c.replies("5/5", "\r")
		c.shows("watches every access to memory.")
		c.cmd.Process.Signal(syscall.SIGTERM)
		diedOf(t, c.end(), syscall.SIGTERM)
	}},
	{row: "E18", what: "Ctrl-C on a terminal that is held with Ctrl-S", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Stream(onAndOn(half)...))
		c := h.at(h.command("hi"))
		c.replies(halfShown, "\x13")
		eventually(t, "the terminal stands still", func() bool {
			before := c.shown()
			time.Sleep(30 * time.Millisecond)
			return c.shown() == before
		})
		c.press(ctrlC) // which lets it go on, too
		diedOf(t, c.end(), syscall.SIGINT)
		keptSome(h, half, "stopped")
	}},
}

// process is one as the system shows it.
type process struct {
	pid              int
	cmdline, environ string
}

// processes returns those of the program whose home it is.
func processes(home string) (found []process) {
	paths, _ := filepath.Glob("/proc/[0-9]*")
	for _, path := range paths {
		pid, _ := strconv.Atoi(filepath.Base(path))
		cmdline, _ := os.ReadFile(filepath.Join(path, "cmdline"))
		environ, _ := os.ReadFile(filepath.Join(path, "environ"))
		p := process{pid, string(cmdline), string(environ)}
		if strings.HasPrefix(p.cmdline, binary) && strings.Contains(p.environ, "HOME="+home+"\x00") {
			found = append(found, p)
		}
	}
	return found
}
