package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestTortureTornRecords ends the writes to a session at every byte by a limit to the
// size of files, and does not let the program take back what it wrote.
func TestTortureTornRecords(t *testing.T) {
	t.Parallel()
	needs(t, "strace")
	o := newOrdeal(t, ordealOf("on"))
	whole := o.meet("ftruncate", "")
	whole.check()
	b := o.ids["B"]
	met := 0
	sweep(t, "torn records", 1, steps(len(o.before[b]), len(whole.now[b]), every(t, 97)), func(size int) {
		o.wrapper = []string{"prlimit", fmt.Sprint("--fsize=", size)}
		m := o.meet("ftruncate", "error=EIO")
		met += len(m.on)
		file := text(t, o.paths()[1])
		switch torn := file[strings.LastIndexByte(file, '\n')+1:]; {
		case m.code == 0 && size > len(whole.now[b])-10: // the times in it have not always as many digits
			return
		case m.code != 7:
			t.Errorf("%d bytes: %+v", size, m.result)
		case json.Valid([]byte(torn)): // all of it is there but its newline, and cannot be taken back
			return
		}
		next := o.run("cat") // it cuts off what is torn
		for line := range strings.Lines(next.stderr) {
			if !strings.Contains(line, "recovered session "+b) && !strings.Contains(line, "session "+b+": dropped an unfinished record of ") {
				t.Errorf("%d bytes: the next start says %q", size, next.stderr)
			}
		}
		m.now = o.checkAll(m.String(), o.before, "")
		m.checkWords()
		m.checkTurn()
	})
	tortured.add("cuts", met)
	if met == 0 {
		t.Error("nothing was torn")
	}
}

// ordealOf returns the number of an ordeal.
func ordealOf(name string) int {
	for n, each := range ordeals {
		if each.name == name {
			return n
		}
	}
	panic(name)
}
