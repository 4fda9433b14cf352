package cli

import (
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"oax/internal/converse"
	"oax/internal/report"
)

// Process is what the operating system gives to one run. It is made in main and never
// changed.
type Process struct {
	Stdin, Stdout, Stderr *os.File
	Environ               []string // NAME=value
	Now                   func() time.Time
	Version               string
	Interrupts            *converse.Interrupts // what Ctrl-C ends
}

// LookupEnv returns the value of an environment variable, and whether it is set.
func (p *Process) LookupEnv(name string) (string, bool) {
	for _, variable := range slices.Backward(p.Environ) {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value, true
		}
	}
	return "", false
}

// Getenv returns the value of an environment variable, or nothing.
func (p *Process) Getenv(name string) string {
	value, _ := p.LookupEnv(name)
	return value
}

// print writes text to standard output.
func (p *Process) print(text string) error { return report.Print(p.Stdout, text) }

// printHelp writes help to standard output. A reader that has seen enough is no error, so
// that `oax --help | head -1` always ends alike.
func (p *Process) printHelp(text string) error {
	if _, err := io.WriteString(p.Stdout, text); err != nil && !errors.Is(err, syscall.EPIPE) {
		return report.Output(err)
	}
	return nil
}
