//go:build linux

// Bench runs the built oax beside curl and a bare Go client, in turn, against the
// scripted endpoint, and prints medians, their spread and ratios. A time by itself says
// more of the machine than of the program; only the ratios are to be quoted.
//
//	bench [-runs 9] [-only stream] PATH-OF-OAX
//
// oax decodes, journals, saves and prints; the others copy. A number below 1 means that
// oax is faster or smaller than the other. Medians of 9 runs each on a virtual machine
// with two shared cores, of which the endpoint has one (linux/amd64, go1.26.8):
//
//	start-up                     1.75 x bare
//	first byte      1 token      0.42 x curl, 1.47 x bare
//	            1,000 tokens     0.56 x curl, 1.66 x bare
//	           10,000 tokens     0.59 x curl, 1.72 x bare
//	wall      100,000 tokens     0.80 x curl, 1.08 x bare
//	        1,000,000 tokens     0.82 x curl, 1.07 x bare
//	CPU       100,000 tokens     1.09 x curl, 1.52 x bare
//	memory      1,000 tokens     1.13 x curl, 12.2 MiB
//	        1,000,000 tokens     2.14 x curl, 23.6 MiB
//	-c, 10,000 turns             9.3 x 1,000 turns
//	ls -n 20, 100,000 sessions   1.44 x 100 sessions
//	-c, 100,000 sessions         1.38 x 100 sessions
//	token to pipe                0.25 ms, p99 0.37 ms
//	token to terminal            0.27 ms, p99 0.88 ms
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// bench is one measurement run.
type bench struct {
	oax, bare string
	dir       string // for homes
	runs      int
}

func main() {
	runs := flag.Int("runs", 9, "runs of each program, in turn")
	only := flag.String("only", "", "one part: start, stream, turns, sessions, latency, picker or grep")
	serving := flag.Int("serve", 0, "be the endpoint that streams so many tokens")
	filling := flag.String("fill", "", "make sessions in this home: their number, the turns of each, the words of an answer")
	flag.Parse()
	switch {
	case *serving > 0:
		exit(serve(*serving))
	case *filling != "":
		exit(fillChild(*filling, flag.Args()))
	}
	exit(run(flag.Arg(0), *runs, *only))
}

// install copies a program. What a linker writes lies in the system's cache in small
// pieces, and starts a fifth slower than what was copied, or read from a disk.
func install(from, to string) error {
	out, err := exec.Command("cp", from, to).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func run(oax string, runs int, only string) error {
	oax, err := filepath.Abs(oax)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "oax-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{oax: filepath.Join(dir, "oax"), bare: filepath.Join(dir, "bare"), dir: dir, runs: runs}
	linked := filepath.Join(dir, "linked")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s", "-o", linked, "./cmd/bench/bare")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	if err := errors.Join(install(oax, b.oax), install(linked, b.bare)); err != nil {
		return err
	}
	fmt.Printf("%s/%s, %d cores, %s, %d runs each in turn: median (min to max)\n\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), runs)
	parts := []struct {
		name string
		run  func() error
	}{
		{"start", b.startUp}, {"stream", b.streams}, {"turns", b.turns}, {"sessions", b.sessions}, {"latency", b.latency}, {"picker", b.picker}, {"grep", b.grep},
	}
	for _, part := range parts {
		if only != "" && only != part.name {
			continue
		}
		if err := part.run(); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}
