package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fault is one row of the fault matrix: what goes wrong, and the test that injects
// it and checks standard output, standard error, the exit code and the disk.
type fault struct {
	row  string
	what string
	test func(*testing.T)
	// elsewhere names the test as "internal/openai TestSilence" where a package
	// below can inject what the whole program cannot in a second.
	elsewhere string
}

// sections are the rows of the matrix that must have a test: all of A to F, and those of
// G that are not about a server of our own.
var sections = map[string]int{"A": 25, "B": 22, "C": 28, "D": 40, "E": 30, "F": 36, "G": 21}

func TestFaults(t *testing.T) {
	faults := slices.Concat(beforeSending, connecting, statuses, bodies, interruptions, storing, hostile, picking, looks, completing, conversing, lost, showing, importing, removing, removingKilled, debugging, prompting)
	tested := map[string]bool{}
	for _, f := range faults {
		tested[f.row] = true
		t.Run(f.row+" "+f.what, func(t *testing.T) {
			if f.elsewhere != "" {
				checkElsewhere(t, f.elsewhere)
				return
			}
			t.Parallel()
			f.test(t)
		})
	}
	for section, rows := range sections {
		for n := range rows {
			if row := fmt.Sprint(section, n+1); !tested[row] {
				t.Errorf("row %s has no test", row)
			}
		}
	}
	t.Logf("%d rows tested: %s", len(tested), strings.Join(slices.Sorted(maps.Keys(tested)), " "))
}

// checkElsewhere makes sure that the test a row points to is there.
func checkElsewhere(t *testing.T, elsewhere string) {
	dir, name, _ := strings.Cut(elsewhere, " ")
	paths, _ := filepath.Glob(filepath.Join("../..", dir, "*_test.go"))
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\nfunc "+name+"(t *testing.T)") {
			return
		}
	}
	t.Errorf("%s is not there", elsewhere)
}
