//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/creack/pty"
)

// program is one of those that are measured in turn. prints is how many bytes it must
// print.
type program struct {
	name     string
	command  func() *exec.Cmd
	prints   int
	terminal bool // it prints to a pseudo-terminal, not into a pipe
}

// command returns a program that is not oax.
func command(name, path string, args ...string) program {
	return program{name: name, command: func() *exec.Cmd { return exec.Command(path, args...) }}
}

// oax returns the oax that is measured, and with -against the other oax, in a home of
// its own.
func (b *bench) oax(home, url string, args ...string) []program {
	environ := []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "OPENAI_BASE_URL=" + url, "XDG_DATA_HOME=" + filepath.Join(home, "data")}
	in := func(name, file string) program {
		return program{name: name, command: func() *exec.Cmd {
			cmd := exec.Command(filepath.Join(b.dir, file), args...)
			cmd.Env = environ
			return cmd
		}}
	}
	if b.against {
		return []program{in("new", "oax"), in("old", "other")}
	}
	return []program{in("oax", "oax")}
}

// with returns oax with the programs to compare it with, or with the other oax.
func (b *bench) with(oax []program, others ...program) []program {
	if b.against {
		return oax
	}
	return append(oax, others...)
}

// figure is an index into a sample.
type figure int

const (
	first  figure = iota // from the start to the first byte of output, in ms
	wall                 // in ms
	cpu                  // in ms
	memory               // peak, in MiB
)

func (f figure) String() string { return [...]string{"first byte", "wall", "CPU", "peak memory"}[f] }

func (f figure) unit() string { return [...]string{"ms", "ms", "ms", "MiB"}[f] }

type sample [4]float64

// compare runs the programs in turn, after one round that does not count, and prints a
// row for each figure.
func compare(title string, runs int, figures []figure, programs ...program) {
	samples := make([][]sample, len(programs))
	for round := range runs + 1 {
		for i, p := range programs {
			if s := p.run(); round > 0 {
				samples[i] = append(samples[i], s)
			}
		}
	}
	for _, f := range figures {
		values := make([][]float64, len(programs))
		for i := range samples {
			for _, s := range samples[i] {
				values[i] = append(values[i], s[f])
			}
		}
		row(title+" "+f.String(), f.unit(), programs, values)
	}
}

// run runs a program to its end and discards its output.
func (p program) run() (s sample) {
	cmd := p.command()
	cmd.Stderr = os.Stderr
	start := time.Now()
	out := p.start(cmd)
	printed := 0
	for buf, err := make([]byte, 64<<10), error(nil); err != io.EOF; {
		var n int
		n, err = out.Read(buf)
		if printed == 0 {
			s[first] = ms(time.Since(start))
		}
		if p.terminal && errors.Is(err, syscall.EIO) { // how a terminal ends on Linux
			err = io.EOF
		}
		if printed += n; err != io.EOF {
			check(err)
		}
	}
	check(out.Close())
	check(cmd.Wait())
	s[wall] = ms(time.Since(start))
	s[cpu] = ms(cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime())
	s[memory] = float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) / 1024
	if printed < p.prints {
		check(fmt.Errorf("%s printed %d bytes of %d", p.name, printed, p.prints))
	}
	return s
}

// start starts the command of a program and returns its output.
func (p program) start(cmd *exec.Cmd) io.ReadCloser {
	if p.terminal {
		cmd.Env = append(cmd.Env, "TERM=xterm-256color")
		return must(pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80}))
	}
	out := must(cmd.StdoutPipe())
	check(cmd.Start())
	return out
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// row prints the values of each program, and the ratio of the first to each other one.
func row(title, unit string, programs []program, values [][]float64) {
	fmt.Printf("%-42s %s %s", title, programs[0].name, spread("%.1f", unit, values[0]))
	for i := 1; i < len(programs); i++ {
		var ratios []float64
		for run, v := range values[0] {
			ratios = append(ratios, v/values[i][run])
		}
		fmt.Printf(" | %s %s: %s", programs[i].name, spread("%.1f", unit, values[i]), spread("%.2f", "x", ratios))
	}
	fmt.Println()
}

// spread returns the median of values with the smallest and the largest.
func spread(format, unit string, values []float64) string {
	sorted := slices.Sorted(slices.Values(values))
	return fmt.Sprintf(format+" %s ("+format+" to "+format+")", sorted[len(sorted)/2], unit, sorted[0], sorted[len(sorted)-1])
}
