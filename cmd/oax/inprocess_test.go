package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"oax/internal/cli"
	"oax/internal/converse"
)

// inProcess says whether a plain run calls the command line in this process, where it
// shares nothing with others but the working directory and what the runtime keeps.
const inProcess = true

// needsProcess reports whether it makes a difference that a run is no process of its own:
// its words name a file in the working directory, which is the home, its environment has
// what the runtime reads once, or there are temporary files.
func (h *home) needsProcess(args []string) bool {
	if files, err := os.ReadDir(h.env["TMPDIR"]); err != nil || len(files) > 0 {
		return true
	}
	for _, name := range []string{"GODEBUG", "SSL_CERT_FILE"} {
		if h.env[name] != "" {
			return true
		}
	}
	for _, arg := range args {
		_, value, _ := strings.Cut(arg, "=")
		for _, name := range []string{arg, value} {
			if name == "" || filepath.IsAbs(name) {
				continue
			}
			if _, err := os.Lstat(filepath.Join(h.dir, name)); err == nil {
				return true
			}
		}
	}
	return false
}

// runInProcess calls the command line as main does.
func (h *home) runInProcess(input string, args []string) result {
	h.t.Helper()
	stdin := h.stream(input)
	defer stdin.Close()
	stdout, printed := reader(h.t)
	stderr, said := reader(h.t)
	exit := cli.Run(h.t.Context(), &cli.Process{
		Stdin: stdin, Stdout: stdout, Stderr: stderr, Environ: h.environ(), Now: time.Now, Version: version(),
		Interrupts: new(converse.Interrupts),
	}, args)
	stdout.Close()
	stderr.Close()
	r := result{command: typed(args), stdout: <-printed, stderr: waitsForInput.ReplaceAllString(<-said, ""), code: exit.Code}
	if s, ok := exit.Signal.(syscall.Signal); ok {
		r.code, r.signal = 128+int(s), s
	}
	h.clean(r.stdout + r.stderr)
	return r
}

// stream returns standard input with a text: a pipe, as from another program, or the null
// device if there is none.
func (h *home) stream(input string) *os.File {
	h.t.Helper()
	if input == "" {
		null, err := os.Open(os.DevNull)
		must(h.t, err)
		return null
	}
	in, out, err := os.Pipe()
	must(h.t, err)
	go func() {
		io.WriteString(out, input) // as far as it is read
		out.Close()
	}()
	return in
}

// reader returns a pipe, and what is written to it until it is closed.
func reader(t *testing.T) (*os.File, <-chan string) {
	t.Helper()
	in, out, err := os.Pipe()
	must(t, err)
	all := make(chan string, 1)
	go func() {
		text, _ := io.ReadAll(in)
		in.Close()
		all <- string(text)
	}()
	return out, all
}
