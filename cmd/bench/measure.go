//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"
)

// program is one of those that are measured in turn.
type program struct {
	name    string
	command func() *exec.Cmd
}

// sample is what one run took.
type sample struct {
	wall, cpu, first time.Duration // first: from the start to the first byte of output
	memory           int64         // peak, in KiB
	output           int64         // bytes
}

// alternate runs the programs in turn, after one round that does not count.
func alternate(runs int, programs ...program) ([][]sample, error) {
	samples := make([][]sample, len(programs))
	for round := range runs + 1 {
		for i, p := range programs {
			s, err := once(p.command())
			if err != nil {
				return nil, fmt.Errorf("%s: %w", p.name, err)
			}
			if round > 0 {
				samples[i] = append(samples[i], s)
			}
		}
	}
	return samples, nil
}

// once runs a command to its end and throws its output away.
func once(cmd *exec.Cmd) (sample, error) {
	out, err := cmd.StdoutPipe()
	if err != nil {
		return sample{}, err
	}
	cmd.Stderr = os.Stderr
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return sample{}, err
	}
	var s sample
	buf := make([]byte, 64<<10)
	for {
		n, err := out.Read(buf)
		if n > 0 && s.output == 0 {
			s.first = time.Since(start)
		}
		s.output += int64(n)
		if err == io.EOF {
			break
		}
		if err != nil {
			return s, err
		}
	}
	err = cmd.Wait()
	s.wall = time.Since(start)
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	s.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	s.memory = usage.Maxrss
	return s, err
}

// figure is one value of a sample.
type figure struct {
	name string
	of   func(sample) float64
	unit string
}

var (
	wall   = figure{"wall", func(s sample) float64 { return ms(s.wall) }, "ms"}
	cpu    = figure{"CPU", func(s sample) float64 { return ms(s.cpu) }, "ms"}
	first  = figure{"first byte", func(s sample) float64 { return ms(s.first) }, "ms"}
	memory = figure{"peak memory", func(s sample) float64 { return float64(s.memory) / 1024 }, "MiB"}
)

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// spread is the median of a figure with its smallest and largest value.
type spread struct{ median, least, most float64 }

func (f figure) spread(samples []sample) spread {
	var values []float64
	for _, s := range samples {
		values = append(values, f.of(s))
	}
	slices.Sort(values)
	return spread{values[len(values)/2], values[0], values[len(values)-1]}
}

func (s spread) in(unit string) string {
	return fmt.Sprintf("%.1f %s (%.1f to %.1f)", s.median, unit, s.least, s.most)
}

// row prints a figure of the programs, and the ratio of the first to each other one.
func row(title string, f figure, programs []program, samples [][]sample) {
	fmt.Printf("%-34s", title+" "+f.name)
	base := f.spread(samples[0])
	fmt.Printf(" %s %s", programs[0].name, base.in(f.unit))
	for i := 1; i < len(programs); i++ {
		other := f.spread(samples[i])
		fmt.Printf(" | %s %s: %.2f", programs[i].name, other.in(f.unit), base.median/other.median)
	}
	fmt.Println()
}
