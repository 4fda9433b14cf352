package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Nothing slow is loaded before main: no package may take 3 ms for its init, none of this
// program may make more than a few values in it, and all together may take 450 KB, which every
// start pays for. The machine may be busy with other tests, so the fastest of as many starts
// as it needs counts.
func TestInitIsFast(t *testing.T) {
	h := newHome(t)
	h.env["GODEBUG"] = "inittrace=1"
	line := regexp.MustCompile(`(?m)^init (\S+) @\S+ ms, (\S+) ms clock, (\d+) bytes, (\d+) allocs`)
	fastest := map[string]float64{}
	slow := func() (names []string) {
		for name, took := range fastest {
			if took > 3 {
				names = append(names, fmt.Sprintf("%s, %.2f ms", name, took))
			}
		}
		return names
	}
	for tries := 0; tries == 0 || tries < 50 && len(slow()) > 0; tries++ {
		found := line.FindAllStringSubmatch(h.run("--version").stderr, -1)
		if len(found) < 10 {
			t.Fatalf("inittrace told of %d packages only", len(found))
		}
		size := 0
		for _, m := range found {
			bytes, _ := strconv.Atoi(m[3])
			size += bytes
			took, err := strconv.ParseFloat(m[2], 64)
			must(t, err)
			if allocs, _ := strconv.Atoi(m[4]); allocs > 100 && strings.HasPrefix(m[1], "oax/") {
				t.Fatalf("the init of %s makes %d values", m[1], allocs)
			}
			if before, seen := fastest[m[1]]; !seen || took < before {
				fastest[m[1]] = took
			}
		}
		if size < 100_000 || size > 450_000 {
			t.Fatalf("the inits of %d packages take %d bytes", len(found), size)
		}
	}
	if names := slow(); len(names) > 0 {
		t.Errorf("init is slow: %q", names)
	}
}
