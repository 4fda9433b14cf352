package chat

import (
	"strings"
	"testing"
)

// FuzzToolCalls: of whatever fragments, no argument is lost or doubled, and each call has an ID
// that no other one has. A line is a fragment: a digit for its index (or none), a letter for its
// ID (or .), one for its name (or .), and a piece of its arguments.
func FuzzToolCalls(f *testing.F) {
	for _, seed := range []string{
		"0af{}\n1bg{}", "0af\n0..{\"x\"\n0..:1}", "-af{\n-..}\n-bg{}", "0af{}\n1af{}\n1a.x\n2.f{}", "0af{}\n0bg{\n0..}\n1..x",
		"0.f{}\n0.f{}\n0.g{}", "0..{\n0af}", "0af{}\n0af{}", "9.f", "0a{\xdb\n0a\xa6\xa6", "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, fragments string) {
		var turn Turn
		given, n := map[byte]int{}, 0
		for line := range strings.Lines(fragments) {
			line = strings.TrimSuffix(line, "\n")
			if len(line) < 3 {
				continue
			}
			c := ToolCall{Index: NoIndex, Arguments: line[3:]}
			if '0' <= line[0] && line[0] <= '9' {
				c.Index = int(line[0] - '0')
			}
			if line[1] != '.' {
				c.ID = "call_" + line[1:2] // as those that are made up
			}
			if line[2] != '.' {
				c.Name = line[2:3]
			}
			n++
			for _, b := range []byte(c.Arguments) {
				given[b]++
			}
			turn.Add(&Delta{ToolCalls: []ToolCall{c}})
		}
		calls, ids := turn.End("").ToolCalls, map[string]bool{}
		for _, c := range calls {
			ids[c.ID] = true
			for _, b := range []byte(c.Arguments) {
				given[b]--
			}
		}
		if len(calls) > n || len(ids) != len(calls) || ids[""] {
			t.Errorf("of %d fragments came %+v", n, calls)
		}
		for b, left := range given {
			if left != 0 {
				t.Errorf("%q came %d times too few: %+v", b, left, calls)
			}
		}
	})
}
