package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"oax/internal/demo"
)

// ordealAnswer is the answer that an ordeal asks for, in three parts.
const ordealAnswer = "one two three"

// ordeal is a command that is run again and again on the same store, each time with a
// fault in one of its system calls.
type ordeal struct {
	*home
	args    string // A and B are sessions in the store, T one in the trash
	prompt  string // that it saves, as said has it
	script  *demo.Scripted
	keep    string            // the data directory it starts from
	before  map[string]string // the sessions in there, by ID
	ids     map[string]string // of A, B and T
	left    string            // what is to be recovered of a turn of B, as said has it
	usual   string            // what the command says without a fault
	wrapper []string          // another program to put in front of it
	done    func(*ordeal, *meeting) bool
}

// ordeals are all commands that change the store.
var ordeals = []struct {
	name, args string
	left       bool // B has a turn whose writer died
	done       func(*ordeal, *meeting) bool
}{
	{"first", "hi", false, turnDone},
	{"new", "hi", false, turnDone},
	{"on", "-c hi", false, turnDone},
	{"retry", "retry", false, turnDone},
	{"cp", "cp A", false, func(o *ordeal, m *meeting) bool {
		id := strings.TrimSpace(m.stdout)
		return id != "" && transcript(o.t, m.now[id]) == transcript(o.t, o.before[o.ids["A"]])
	}},
	{"mv", "mv A title", false, func(o *ordeal, m *meeting) bool { return strings.Contains(m.now[o.ids["A"]], `"text":"title"`) }},
	{"rm", "rm -y A B", false, func(o *ordeal, m *meeting) bool { return len(o.paths()) == 0 && len(m.now) == 3 }},
	{"undo", "rm --undo", false, func(o *ordeal, m *meeting) bool { return len(o.paths()) == 3 }},
	{"purge", "rm --purge -y T", false, func(o *ordeal, m *meeting) bool { return m.now[o.ids["T"]] == "" }},
	{"recovery", "ls", true, func(o *ordeal, m *meeting) bool { return true }},
	{"revival", "ls", true, func(o *ordeal, m *meeting) bool { return len(o.paths()) == 2 }},
	{"on after recovery", "-c hi", true, turnDone},
	{"rm after recovery", "rm -y B", true, func(o *ordeal, m *meeting) bool { return len(o.paths()) == 1 }},
}

func turnDone(_ *ordeal, m *meeting) bool {
	return m.stdout == ordealAnswer+"\n" && m.turn() == m.o.prompt+"a "+ordealAnswer
}

// newOrdeal makes the store that an ordeal starts from.
func newOrdeal(t *testing.T, n int) *ordeal {
	t.Helper()
	pause := demo.Pause(time.Millisecond)
	h, script := scripted(t, demo.Stream(demo.Send(demo.Chunk("one ")), pause, demo.Send(demo.Chunk("two ")), pause,
		demo.Send(demo.Chunk("three")), demo.Send(demo.Finish("stop")), demo.Send(demo.Done())))
	o := &ordeal{home: h, args: ordeals[n].args, script: script, keep: filepath.Join(h.dir, "keep"), done: ordeals[n].done}
	if strings.HasSuffix(o.args, "hi") {
		o.prompt = "q hi | "
	}
	o.ids, o.before = map[string]string{}, map[string]string{}
	if ordeals[n].name != "first" {
		for i, name := range []string{"A", "B", "T"} {
			h.run(name)
			o.ids[name] = idOf(h.paths()[i])
			o.args = strings.ReplaceAll(o.args, name, o.ids[name])
		}
		h.run("rm", "-y", o.ids["T"])
	}
	if ordeals[n].left {
		o.leave()
	}
	if ordeals[n].name == "revival" { // the session of the turn is gone
		os.Remove(h.paths()[1])
	}
	must(t, os.MkdirAll(h.env["XDG_DATA_HOME"], 0o700))
	copyAll(t, h.env["XDG_DATA_HOME"], o.keep)
	o.before = h.everywhere()
	if o.left != "" {
		h.run("ls")
		o.left = transcript(t, strings.TrimPrefix(h.everywhere()[o.ids["B"]], o.before[o.ids["B"]])) + " | "
	}
	return o
}

// leave makes a run die in the answer to a turn of B. The endpoint holds the answer, which
// else may be saved before the first of it is printed.
func (o *ordeal) leave() {
	o.t.Helper()
	held := demo.Script(demo.Stream(demo.Send(demo.Chunk("one ")), demo.Hold()))
	server, err := demo.Start(held)
	must(o.t, err)
	defer server.Close()
	url := o.env["OPENAI_BASE_URL"]
	o.env["OPENAI_BASE_URL"] = server.URL()
	defer func() { o.env["OPENAI_BASE_URL"] = url }()
	k := o.kill("write", "when=1", o.output(), held, "-c", "left")
	if k.signal != syscall.SIGKILL || len(o.journals()) != 1 {
		o.t.Fatalf("nothing was left: %+v", k.result)
	}
	o.left = "to be seen"
}

// restore puts the store back to where the ordeal starts.
func (o *ordeal) restore() {
	o.t.Helper()
	copyAll(o.t, o.keep, o.env["XDG_DATA_HOME"])
}
