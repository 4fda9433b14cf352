package main

import (
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The tests come in three forms. A plain go test takes part of what is many or large, and
// counts what it leaves out. With OAX_CI=1 it leaves out nothing but what is for sweeps,
// TestTorture... With OAX_TORTURE=1h, say, what they do at random goes on for an hour, and
// what goes through all cases does so in an order of chance, and ends after an hour as well.
var (
	tortureTime = tortureTimeOf(os.Getenv("OAX_TORTURE"))
	torture     = tortureTime > 0
	tortureEnd  = time.Now().Add(tortureTime)
)

// thorough reports whether a test leaves nothing out. It asks each time: what a test reads of
// the environment is part of what go test remembers a result by.
func thorough() bool { return os.Getenv("OAX_CI") != "" || torture || *update }

// leftOut is what a plain go test leaves out.
var leftOut counts

// reduced returns all of something in the full form, and a part of it in a plain go test.
func reduced(t *testing.T, what string, all, part int) int {
	t.Helper()
	if thorough() || part >= all {
		return all
	}
	t.Logf("%d of %d %s; all with OAX_CI=1", part, all, what)
	leavesOut(t, what, all-part)
	return part
}

// partial has the names of the tests that leave something out.
var partial sync.Map

// leavesOut counts what a test leaves out.
func leavesOut(t *testing.T, what string, n int) {
	leftOut.add(what, n)
	partial.Store(t.Name(), true)
}

// isPartial reports whether a test, or the one that it is part of, leaves something out.
func isPartial(t *testing.T) bool {
	for name := t.Name(); ; {
		if _, found := partial.Load(name); found {
			return true
		}
		last := strings.LastIndexByte(name, '/')
		if last < 0 {
			return false
		}
		name = name[:last]
	}
}

// long skips a test in a plain go test. Another test must show the same row.
func long(t *testing.T) {
	t.Helper()
	if !thorough() {
		leftOut.add("long tests", 1)
		t.Skip("runs with OAX_CI=1")
	}
}

// portion returns all cases in the full form, and part of them, evenly spaced, in a plain go
// test.
func portion[T any](t *testing.T, all []T, part int) []T {
	t.Helper()
	some := make([]T, reduced(t, "cases", len(all), part))
	for i := range some {
		some[i] = all[i*len(all)/len(some)]
	}
	return some
}

func tortureTimeOf(setting string) time.Duration {
	if setting == "" {
		return 0
	}
	d, err := time.ParseDuration(setting)
	if err != nil {
		panic("OAX_TORTURE is a time, as in 1h: " + err.Error())
	}
	return d
}

// tortureSeed is where chance begins: the same in every run of the tests, and another in
// each with OAX_TORTURE, unless OAX_SEED has one.
var tortureSeed = tortureSeedOf(os.Getenv("OAX_SEED"))

func tortureSeedOf(setting string) uint64 {
	switch seed, err := strconv.ParseUint(setting, 10, 64); {
	case setting != "" && err != nil:
		panic("OAX_SEED is a number: " + err.Error())
	case setting != "":
		return seed
	case torture:
		return uint64(time.Now().UnixNano())
	}
	return 12
}

// chance is what a test leaves to chance. Its numbers follow from the seed and the name of
// the test alone.
type chance struct {
	mu     sync.Mutex
	source *rand.Rand
}

func newChance(t *testing.T) *chance {
	name := fnv.New64()
	io.WriteString(name, t.Name())
	return &chance{source: rand.New(rand.NewPCG(tortureSeed, name.Sum64()))}
}

// below returns a number from 0 to n-1.
func (c *chance) below(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.source.IntN(n)
}

// within returns a time shorter than d.
func (c *chance) within(d time.Duration) time.Duration { return time.Duration(c.below(int(d))) }

// one returns one of some.
func one[T any](c *chance, of []T) T { return of[c.below(len(of))] }

// tortured is what the sweeps did to the program, for the last line of make torture.
var tortured counts

// counts are numbers by what was counted: "kills", "cuts", "failures injected".
type counts struct {
	mu sync.Mutex
	of map[string]int
}

func (c *counts) add(what string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil {
		c.of = map[string]int{}
	}
	c.of[what] += n
}

func (c *counts) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var parts []string
	for _, what := range slices.Sorted(maps.Keys(c.of)) {
		parts = append(parts, fmt.Sprint(c.of[what], " ", what))
	}
	return strings.Join(parts, ", ")
}

// sweep calls do with each of some cases, from so many workers at once, until the test has
// failed. Under torture their order is left to chance, and those are counted that there is no
// time for.
func sweep[T any](t *testing.T, what string, workers int, cases []T, do func(T)) {
	t.Helper()
	if torture {
		cases = slices.Clone(cases)
		newChance(t).source.Shuffle(len(cases), func(i, j int) { cases[i], cases[j] = cases[j], cases[i] })
	}
	abreast(workers, len(cases), func(n int) {
		switch {
		case t.Failed():
		case n > 0 && tortureIsOver():
			tortured.add(what+" left out, as the time was over", 1)
		default:
			do(cases[n])
		}
	})
}

// tortureIsOver reports whether the time of torture has passed.
func tortureIsOver() bool { return torture && time.Now().After(tortureEnd) }

// onward calls do with 0, 1, ... from so many workers at once: least times, and under
// torture until its time is over. It ends early when the test has failed.
func onward(t *testing.T, workers, least int, do func(n int)) {
	t.Helper()
	var all sync.WaitGroup
	var next atomic.Int64
	for range workers {
		all.Go(func() {
			for !t.Failed() {
				n := int(next.Add(1)) - 1
				if n >= least && !time.Now().Before(tortureEnd) {
					return
				}
				do(n)
			}
		})
	}
	all.Wait()
}
