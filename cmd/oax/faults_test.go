package main

import (
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

// required are the rows that must have a test.
var required = rows("A1 A2 A4 A5 A7 A8 A10 A11 A19 A24 A25",
	"B1 B3 B6 B15 B16 B18 B19 B20",
	"C1 C2 C3 C4 C5 C6 C7 C12 C13 C15 C17 C22 C23 C24 C25 C26",
	"D1 D2 D3 D4 D5 D6 D7 D8 D9 D10 D11 D12 D13 D14 D15 D16 D17 D18 D19 D20",
	"D21 D22 D23 D24 D25 D26 D27 D28 D29 D30 D31 D32 D33 D34 D35 D36 D37 D38 D39 D40",
	"E1 E2 E5 E8 E9 E12 E13 E14 E15 E24 E27",
	"F1 F2 F3 F4 F10 F11 F12 F19 F20 F21 F26 F27 F28 F30 F32 F36",
	"G1 G2 G3 G4 G5 G6 G7 G8 G9 G10 G12 G14 G15 G16 G18 G19 G20 G21")

func rows(lists ...string) []string { return strings.Fields(strings.Join(lists, " ")) }

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
	for _, row := range required {
		if !tested[row] {
			t.Errorf("row %s has no test", row)
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
