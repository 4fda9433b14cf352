package tape

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestTape: of a long reply the end is kept, of many replies those of the last minutes.
func TestTape(t *testing.T) {
	var ts Tapes
	now := time.Unix(1e9, 0)
	a := ts.Begin("a", now, func() {})
	piece := []byte(strings.Repeat("x", 1<<20))
	for range 20 {
		a.Write(piece)
	}
	if len(a.data) > 2*maxTape || a.dropped+len(a.data) != 20<<20 {
		t.Errorf("%d bytes are kept, %d dropped", len(a.data), a.dropped)
	}
	if _, _, _, ok := a.After(0); ok {
		t.Error("what was dropped is there")
	}
	if got, more, _, ok := a.After(20<<20 - 3); !ok || len(got) != 3 || more == nil {
		t.Errorf("the end is %q, %v", got, ok)
	}
	a.End(now, false)
	if ts.Find("a", now.Add(age)) != a || ts.Find("a", now.Add(age+1)) != nil {
		t.Error("it is kept for another time than 5 minutes")
	}
	for i := range 2 * maxKept {
		ts.Begin(strconv.Itoa(i), now.Add(time.Duration(i)), func() {}).End(now, false)
	}
	if len(ts.known) > maxKept || ts.known["511"] == nil || ts.known["0"] != nil {
		t.Errorf("%d are kept", len(ts.known))
	}
}

// TestTapesTogether: all tapes are bounded together. Those that ended go first, then the
// longest lose what came first; a reader of what is gone is not left waiting.
func TestTapesTogether(t *testing.T) {
	var ts Tapes
	now := time.Unix(1e9, 0)
	piece := []byte(strings.Repeat("x", 1<<20))
	kept := func() (n int) {
		for _, tape := range ts.known {
			n += len(tape.data)
		}
		return n
	}
	for i := range 60 { // of 2 MiB each
		a := ts.Begin(strconv.Itoa(i), now.Add(time.Duration(i)), func() {})
		a.Write(piece)
		a.Write(piece)
		if i != 40 {
			a.End(now, false)
		}
		if kept() > maxAll || kept() != ts.size {
			t.Fatalf("%d bytes are kept, %d counted", kept(), ts.size)
		}
	}
	if ts.known["40"] == nil || ts.known["59"] == nil || ts.known["0"] != nil || len(ts.known) != 32 {
		t.Errorf("%d replies are kept", len(ts.known))
	}
	running := ts.known["40"]
	_, more, _, _ := running.After(2 << 20)
	ts.Begin("40", now, func() {})
	running.Write(piece)
	select {
	case <-more:
	default:
		t.Error("who reads a reply that another one replaced waits for ever")
	}
	if _, _, _, ok := running.After(2 << 20); ok {
		t.Error("what was replaced can be read")
	}
	for i := range 70 { // which all run
		a := ts.Begin("r"+strconv.Itoa(i), now, func() {})
		a.Write(piece)
		if _, _, _, ok := a.After(1 << 20); !ok {
			t.Fatalf("%d: what came last is not kept", i)
		}
	}
	if kept() > maxAll || kept() != ts.size {
		t.Errorf("%d bytes are kept, %d counted", kept(), ts.size)
	}
}
