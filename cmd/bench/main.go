//go:build linux

// Bench measures the built oax in turn with curl and a bare Go client, against the
// scripted endpoint, and prints medians, their range and ratios. A time alone says
// more about the machine than about the program; quote only the ratios.
//
//	bench [-runs 9] [-only stream] PATH-OF-OAX
//	bench [-runs 9] [-only stream] -against PATH-OF-OTHER-OAX PATH-OF-OAX
//
// The second form measures two builds of oax in turn, such as the one before a change
// and the one after it. A ratio is the median of the ratios of each pair of runs.
//
// oax decodes, journals, saves and prints; the others only copy. A ratio below 1 means
// that oax is faster or smaller than the other. Medians of 9 runs each on a virtual
// machine with two shared cores, of which the endpoint has one (linux/amd64, go1.26.8):
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
//	laid out, 100,000 tokens     1.2 x the CPU of --markdown=off (answers, Japanese), 1.1 x (prose, code)
//	        1,000,000 tokens     1.4 x (answers)
//	token to pipe                0.25 ms, p99 0.37 ms
//	token to terminal            0.27 ms, p99 0.88 ms
package main

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// bench is one measurement run.
type bench struct {
	dir     string // with the programs, and the homes of oax
	runs    int
	against bool // measure oax and another oax, instead of oax and other programs
}

func main() {
	runs := flag.Int("runs", 9, "runs of each program, in turn")
	only := flag.String("only", "", "one part: start, stream, markdown, turns, sessions, latency, serve, picker or grep")
	against := flag.String("against", "", "measure this other build of oax too, and no other programs")
	serving := flag.Int("serve", 0, "be the endpoint that streams so many tokens, those of a text if one follows")
	filling := flag.String("fill", "", "make sessions in this home: their number, the turns of each, the words of an answer")
	stamping := flag.Bool("stamp", false, "be the endpoint whose tokens tell when they were sent")
	proxying := flag.String("proxy", "", "be a bare reverse proxy to this endpoint")
	flag.Parse()
	defer func() {
		if err, ok := recover().(failure); ok {
			fmt.Fprintln(os.Stderr, "bench:", err.error)
			os.Exit(1)
		}
	}()
	switch {
	case *serving > 0:
		serve(*serving, flag.Arg(0))
	case *stamping:
		stamp()
	case *proxying != "":
		proxy(*proxying)
	case *filling != "":
		fill(*filling, flag.Args())
	default:
		run(flag.Arg(0), *against, *runs, *only)
	}
}

// failure is an error that ends the program: a measurement with an error is worth
// nothing.
type failure struct{ error }

func check(err error) {
	if err != nil {
		panic(failure{err})
	}
}

func must[T any](v T, err error) T {
	check(err)
	return v
}

func run(oax, against string, runs int, only string) {
	b := &bench{must(os.MkdirTemp("", "oax-bench")), runs, against != ""}
	defer os.RemoveAll(b.dir)
	if !b.against {
		against = filepath.Join(b.dir, "linked")
		execute("env", "CGO_ENABLED=0", "go", "build", "-trimpath", "-ldflags=-s", "-o", against, "./cmd/bench/bare")
	}
	// A linker leaves a program in small pieces in the system's cache, from which it
	// starts a fifth slower than one that was copied, or read from a disk.
	execute("cp", oax, filepath.Join(b.dir, "oax"))
	execute("cp", against, filepath.Join(b.dir, "other"))
	fmt.Printf("%s/%s, %d cores, %s, %d runs each in turn: median (min to max)\n\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), runs)
	for _, part := range []struct {
		name string
		run  func()
	}{
		{"start", b.start}, {"stream", b.stream}, {"markdown", b.markdown}, {"turns", b.turns}, {"sessions", b.sessions},
		{"latency", b.latency}, {"serve", b.serving}, {"picker", b.picker}, {"grep", b.grep},
	} {
		if cmp.Or(only, part.name) == part.name {
			part.run()
		}
	}
}

// execute runs a command. The error contains its output.
func execute(name string, args ...string) {
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		check(fmt.Errorf("%s: %w: %s", name, err, out))
	}
}
