package main

import (
	"os"
	"slices"
	"strings"
	"syscall"
)

// check wants the store whole, what was printed in it, and no word but the truth.
func (m *meeting) check() {
	t := m.o.t
	t.Helper()
	m.o.clean(m.stdout + m.stderr)
	m.checkNext()
	if !m.met("write(2<") { // or there are no words
		m.checkWords()
	}
	if m.o.prompt != "" || m.o.args == "retry" {
		m.checkTurn()
	}
	done := m.o.done(m.o, m)
	if m.code == 0 && !done {
		t.Errorf("%s: it is not done, and %+v", m, m.result)
	}
	if strings.Contains(m.fault, "EINTR") && (m.code != 0 || m.stderr != m.o.usual) {
		t.Errorf("%s: an interrupted call is seen: %+v", m, m.result)
	}
}

// checkNext starts the program again and wants all sessions.
func (m *meeting) checkNext() {
	t := m.o.t
	t.Helper()
	next := m.o.run("ls")
	if next.code != 0 || next.stderr != "" && !recoveredOne(next.stderr) && !strings.HasPrefix(next.stderr, "oax: no sessions yet\n") {
		t.Errorf("%s: the next start says %+v", m, next)
	}
	if parts := m.o.journals(); len(parts) > 0 {
		t.Errorf("%s: left %v", m, parts)
	}
	mayBeGone := ""
	if strings.Contains(m.o.args, "--purge") {
		mayBeGone = m.o.ids["T"]
	}
	m.now = m.o.checkAll(m.String(), m.o.before, mayBeGone)
	b := m.o.ids["B"]
	added := transcript(t, strings.TrimPrefix(m.now[b], m.o.before[b])) + " | "
	if after, recovered := strings.CutPrefix(added, m.o.left); m.o.left != "" && (!recovered || after != "" && m.o.prompt == "") {
		t.Errorf("%s: %q was left, recovered %q", m, m.o.left, added)
	}
}

// checkWords wants standard error in its shape, and an exit code that goes with it.
func (m *meeting) checkWords() {
	t := m.o.t
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(m.stderr, "\n"), "\n")
	for i, line := range lines {
		first, _, _ := strings.Cut(line, ": ")
		if m.stderr != "" && (!slices.Contains([]string{"oax", "hint", "saved"}, first) || i == 0 && first == "hint") {
			t.Errorf("%s: stderr %q", m, m.stderr)
		}
	}
	if strings.Count("\n"+m.stderr, "\nhint: ") > 1 {
		t.Errorf("%s: more than one hint in %q", m, m.stderr)
	}
	allowed := []int{0, 7}
	if !m.inStore() {
		allowed = []int{0, 2, 3, 6, 7} // the configuration, the network
	}
	switch {
	case m.signal == syscall.SIGKILL && strings.Contains(m.fault, "KILL"):
	case m.code == 129 && strings.Contains(m.fault, "EIO") && m.met(m.o.output()): // as if of a terminal that is gone
	case m.code == 1 && m.met("LOCK_UN") && strings.Contains(m.stderr, " is open in another oax"): // that other is the run itself
	case m.signal != 0 || !slices.Contains(allowed, m.code):
		t.Errorf("%s: %+v", m, m.result)
	case m.code != 0 && m.stderr == "":
		t.Errorf("%s: not a word: %+v", m, m.result)
	}
}

// checkTurn wants all that was printed in the session or in the copy of it, and
// nothing sent of which nothing is kept.
func (m *meeting) checkTurn() {
	t := m.o.t
	t.Helper()
	printed := strings.TrimSuffix(m.stdout, "\n")
	turn := m.turn()
	answer, isAnswered := strings.CutPrefix(turn, m.o.prompt+"a ")
	rescued := ""
	if _, path, found := strings.Cut(m.stderr, "saved: a copy of the answer in "); found {
		path, _, _ = strings.Cut(path, "\n")
		rescued = text(t, path)
		os.Remove(path)
	}
	isSaved := strings.HasPrefix(answer, printed) || strings.HasPrefix(rescued, printed)
	if m.code == 7 && strings.HasSuffix(m.fault, "+") { // there is no place left for it
		isSaved = isSaved || m.met("write(2<") || strings.Contains(m.stderr, "not saved") || strings.Contains(m.stderr, "may not be safe")
	}
	if !strings.HasPrefix(ordealAnswer, printed) || !isSaved {
		t.Errorf("%s: printed %q, saved %q, rescued %q; %+v", m, m.stdout, turn, rescued, m.result)
	}
	switch {
	case turn == "" && (m.code == 0 || m.asked && m.o.prompt != ""):
		t.Errorf("%s: nothing is saved: asked %v, %+v", m, m.asked, m.result)
	case turn != "" && !strings.HasPrefix(turn, m.o.prompt):
		t.Errorf("%s: saved %q", m, turn)
	case isAnswered && !strings.HasPrefix(ordealAnswer, strings.TrimSpace(cutWhy(answer))):
		t.Errorf("%s: saved %q", m, turn)
	case isAnswered && answer != ordealAnswer && cutWhy(answer) == answer:
		t.Errorf("%s: %q is called whole", m, answer)
	}
}

// cutWhy takes what said has of why an answer is not whole off it.
func cutWhy(answer string) string {
	if at := strings.LastIndexByte(answer, ' '); at >= 0 && slices.Contains([]string{"killed", "stopped", "disk", "cut", "reset"}, answer[at+1:]) {
		return answer[:at]
	}
	return answer
}
