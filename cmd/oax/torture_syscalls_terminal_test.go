package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestTortureTerminal lets what a turn does to its terminal fail, call by call. The
// answer is saved whatever the terminal says, and shown unless it takes no more.
func TestTortureTerminal(t *testing.T) {
	t.Parallel()
	needs(t, "strace")
	o := newOrdeal(t, ordealOf("new"))
	faults := []string{"ioctl EIO", "write EIO"}
	if torture {
		faults = append(faults, "ioctl EINTR", "ioctl ENOTTY", "write EINTR", "write ENOSPC", "write EDQUOT")
	}
	for _, fault := range faults {
		call, errno, _ := strings.Cut(fault, " ")
		met := 0
		for n, missed := 1, 0; missed < 2; n++ {
			m, shown := o.meetAt(call, fmt.Sprintf("error=%s:when=%d", errno, n))
			if len(m.on) == 0 {
				missed++
				continue
			}
			met++
			m.checkTerminal(shown, call == "write" && errno != "EINTR")
		}
		if met == 0 {
			t.Errorf("%s was never met", fault)
		}
		tortured.add("failures injected", met)
	}
}

// meetAt is meet at a terminal. It returns what that shows.
func (o *ordeal) meetAt(call, fault string) (*meeting, string) {
	o.t.Helper()
	o.restore()
	log := filepath.Join(o.t.TempDir(), "strace")
	m := &meeting{o: o, fault: call + ":" + fault}
	cmd := o.command("hi")
	null, err := os.Open(os.DevNull) // or what is no terminal any more would be read
	must(o.t, err)
	defer null.Close()
	cmd.Stdin = null
	c := o.at(o.under(cmd, "sh", "-c", `exec strace -P "$(tty <&2)" "$@"`, "sh", "-f", "-qq", "-yy", "-o", log, "-e", "trace="+call, "-e", "inject="+m.fault))
	m.result = c.end()
	m.read(text(o.t, log), call)
	return m, c.shown()
}

// checkTerminal wants the turn saved as far as it was shown, and all of both unless
// what failed was to write.
func (m *meeting) checkTerminal(shown string, unwritten bool) {
	t := m.o.t
	t.Helper()
	m.now = m.o.checkAll(m.String(), m.o.before, "")
	turn := m.turn()
	isWhole := strings.Contains(shown, ordealAnswer+"\n") && turn == "q hi | a "+ordealAnswer
	switch {
	case m.code == 0 && isWhole:
	case m.code == 0 && unwritten && turn == "q hi | a "+ordealAnswer: // what was lost is the line that one waits with
	case unwritten && (m.code == 7 || m.signal == syscall.SIGHUP || m.code == 129) && strings.HasPrefix(turn, "q hi | a one"):
	default:
		t.Errorf("%s: shown %q, saved %q, %+v", m, shown, turn, m.result)
	}
}
