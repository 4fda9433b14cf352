package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// fault is a test of one row of the fault matrix, testdata/faults.md: it injects what the
// row names, and checks standard output, standard error, the exit code and the disk.
type fault struct {
	row   string
	what  string
	waits bool // for seconds, and takes no processor meanwhile
	test  func(*testing.T)
}

// TestFaults reads the fault matrix. Each of its rows must have a test here, and each test
// a row.
func TestFaults(t *testing.T) {
	t.Parallel()
	faults := slices.Concat(beforeSending, connecting, statuses, bodies, interruptions, storing, merging, hostile, picking, looks, completing,
		conversing, networkAndDisk, showing, importing, removing, removingKilled, following, serving, debugging, prompting, limits, crashes, runningTools, toolRounds)
	rows := faultMatrix(t)
	for _, f := range faults {
		if !slices.Contains(rows, f.row) {
			t.Errorf("testdata/faults.md has no row %s, %s", f.row, f.what)
		}
	}
	for _, row := range rows {
		if !slices.ContainsFunc(faults, func(f fault) bool { return f.row == row }) {
			t.Errorf("row %s has no test", row)
		}
	}
	if t.Failed() {
		return
	}
	slices.SortStableFunc(faults, func(a, b fault) int { return slices.Index(rows, a.row) - slices.Index(rows, b.row) })
	count := tally{rows: map[string]bool{}}
	t.Cleanup(func() {
		t.Logf("%s of %d rows", &count, len(rows))
		stderrs.write(t, faults)
	})
	run := func(f fault) {
		t.Run(f.row+" "+f.what, func(t *testing.T) {
			t.Parallel()
			stderrs.names.Store(strings.TrimPrefix(t.Name(), "TestFaults/"), f.row+" "+f.what)
			defer func() { count.add(f.row, t.Skipped()) }()
			f.test(t)
		})
	}
	for _, waits := range []bool{true, false} { // the others run meanwhile
		for _, f := range faults {
			if f.waits == waits {
				run(f)
			}
		}
	}
}

// tally counts the tests that ran.
type tally struct {
	mu             sync.Mutex
	rows           map[string]bool
	tests, skipped int
}

func (n *tally) add(row string, skipped bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if skipped {
		n.skipped++
		return
	}
	n.rows[row] = true
	n.tests++
}

func (n *tally) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return fmt.Sprintf("%d tests ran, %d were skipped; they show %d", n.tests, n.skipped, len(n.rows))
}

// faultMatrix returns the rows of testdata/faults.md in their order, without those for
// later.
func faultMatrix(t *testing.T) (rows []string) {
	t.Helper()
	matrix := text(t, "../../testdata/faults.md")
	section, last := "", 0
	for _, cells := range regexp.MustCompile(`(?m)^\| ([A-Z])(\d+) \|.*$`).FindAllStringSubmatch(matrix, -1) {
		number, _ := strconv.Atoi(cells[2])
		if cells[1] != section {
			section, last = cells[1], 0
		}
		if number != last+1 {
			t.Errorf("row %s%d follows row %s%d", cells[1], number, section, last)
		}
		if columns := strings.Count(strings.ReplaceAll(cells[0], `\|`, ""), "|"); columns != 8 {
			t.Errorf("row %s%d has %d columns, want 7", cells[1], number, columns-1)
		}
		last = number
		rows = append(rows, cells[1]+cells[2])
	}
	if len(rows) < 200 {
		t.Errorf("the matrix has only %d rows", len(rows))
	}
	return rows
}
