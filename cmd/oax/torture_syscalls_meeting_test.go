package main

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"syscall"
)

// meeting is one run of an ordeal, and the store after it.
type meeting struct {
	result
	o      *ordeal
	fault  string
	on     []string // the calls that failed, or that the run was killed in
	asked  bool     // a request was sent
	called []string // the system calls that were met in the home
	now    map[string]string
}

// meet runs the command with a fault in its system calls, or with none, but looks at
// them all.
func (o *ordeal) meet(call, fault string) *meeting {
	o.t.Helper()
	o.restore()
	m := &meeting{o: o, fault: call + ":" + fault}
	requests := len(o.script.Requests())
	out, err := os.Create(o.output())
	must(o.t, err)
	defer out.Close()
	cmd := o.command(strings.Fields(o.args)...)
	if len(o.wrapper) > 0 {
		o.under(cmd, o.wrapper...)
	}
	var stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = out, &stderr
	options := []string{"-e", "trace=" + call} // with --seccomp-bpf some faults do not come
	if fault != "" {
		options = append(options, "-e", "inject="+m.fault)
	}
	r, log := o.traced(cmd, options...)
	m.result = r
	m.stdout, m.stderr = text(o.t, o.output()), stderr.String()
	m.asked = len(o.script.Requests()) > requests
	m.read(log, call)
	return m
}

// read finds out from a log where the fault was met.
func (m *meeting) read(log, call string) {
	begun := map[string]string{}
	for line := range strings.Lines(log) {
		pid, rest, _ := strings.Cut(line, " ")
		rest = strings.TrimSpace(rest)
		if start, cut := strings.CutSuffix(rest, "<unfinished ...>"); cut {
			begun[pid] = start
		} else if strings.HasPrefix(rest, "<... ") {
			rest = begun[pid] + rest
		}
		if strings.Contains(rest, "(INJECTED)") {
			m.on = append(m.on, rest)
		}
		if name, _, isCall := strings.Cut(rest, "("); isCall && strings.Contains(rest, m.o.dir+"/") && !slices.Contains(m.called, name) {
			m.called = append(m.called, name)
		}
	}
	if m.signal == syscall.SIGKILL {
		m.on = append(m.on, unfinished(log, call)...)
	}
}

// turn returns what was said in the one session that has more than before. What was
// recovered of an earlier turn is not part of it.
func (m *meeting) turn() string {
	m.o.t.Helper()
	var turns []string
	for id, text := range m.now {
		added := transcript(m.o.t, strings.TrimPrefix(text, m.o.before[id]))
		if id == m.o.ids["B"] {
			added = strings.TrimPrefix(added+" | ", m.o.left)
			added = strings.TrimSuffix(added, " | ")
		}
		if strings.Contains(m.stderr, "your turn becomes a branch") { // of which the rest is history
			added = added[max(strings.LastIndex(added, m.o.prompt+"a "), 0):]
		}
		if added != "" {
			turns = append(turns, added)
		}
	}
	if len(turns) > 1 {
		m.o.t.Errorf("%s: %d sessions have something new: %q", m, len(turns), turns)
	}
	return strings.Join(turns, " || ")
}

// String names the run in the words of a test that failed.
func (m *meeting) String() string {
	return "oax " + m.o.args + " " + m.fault + " on " + strings.Join(m.on, ", ")
}

// ofRuntime reports whether what failed was Go's own way to wake a thread.
func (m *meeting) ofRuntime() bool { return m.met("[eventfd]") }

// met reports whether text is in one of the calls that failed.
func (m *meeting) met(text string) bool {
	return slices.ContainsFunc(m.on, func(line string) bool { return strings.Contains(line, text) })
}

// inHome returns how many of the calls that failed were on a file in the home or on a
// stream of the run. Others are those by which Go finds out where it runs.
func (m *meeting) inHome() (n int) {
	for _, line := range m.on {
		if strings.Contains(line, m.o.dir+"/") || strings.Contains(line, "write(2<") {
			n++
		}
	}
	return n
}

// inStore reports whether all that failed was in the store or standard output.
func (m *meeting) inStore() bool {
	return !slices.ContainsFunc(m.on, func(line string) bool {
		return !strings.Contains(line, m.o.env["XDG_DATA_HOME"]) && !strings.Contains(line, m.o.output())
	})
}
