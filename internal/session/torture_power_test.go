package session

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"oax/internal/chat"
)

// childTurns saves three turns in one session and prints what is safe, once it is.
func childTurns(st *Store) error {
	var e Entry
	for n := range 3 {
		prompt := user(fmt.Sprint("question ", n))
		w, err := (*Writer)(nil), error(nil)
		if n == 0 {
			w, err = st.Create(prompt)
		} else {
			w, err = st.Continue(e, prompt)
		}
		if err != nil {
			return err
		}
		e = Entry{w.ID(), w.Path()}
		if err := w.sync(); err != nil {
			return err
		}
		fmt.Printf("user question %d\n", n)
		for _, word := range []string{"answer ", "日本 ", fmt.Sprint(n)} {
			if err := w.Journal(&chat.Delta{Text: []byte(word)}); err != nil {
				return err
			}
		}
		if err := w.Finish(answer(fmt.Sprint("answer 日本 ", n))); err != nil {
			return err
		}
		fmt.Printf("assistant answer 日本 %d\n", n)
	}
	return nil
}

// The power goes at any moment of three turns. Of what was written and not synced by
// then, the disk has a journal: the first few writes, only one, all but one, and the last
// of them half or as zeros. What was reported as saved must be there, whole.
func TestTorturePowerLoss(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "sessions")
	ops := recorded(t, dir)
	n, lost := 0, 0
	for at := range len(ops) + 1 {
		var safe, unsafe []int // indexes of what is on the disk, and of what may be
		for i := range ops[:at] {
			switch {
			case ops[i].call == "said" || ops[i].call == "fsync":
			case ops[i].synced < at:
				safe = append(safe, i)
			default:
				unsafe = append(unsafe, i)
			}
		}
		for _, kept := range subsets(unsafe) {
			for _, last := range []string{"whole", "half", "zeros"} {
				if n++; n%every(37) == 0 {
					lost += len(unsafe) - len(kept)
					powerLost(t, dir, ops, at, append(slices.Clone(safe), kept...), last)
				}
				if t.Failed() {
					return
				}
			}
		}
	}
	if lost == 0 {
		t.Error("nothing was ever lost")
	}
	t.Logf("%d operations, %d states of the disk, %d writes lost", len(ops), n/every(37), lost)
}

// subsets returns some: each beginning, each one alone, and all but each.
func subsets(all []int) (some [][]int) {
	some = append(some, all)
	for i := range all {
		some = append(some, all[:i], all[i:i+1], slices.Delete(slices.Clone(all), i, i+1))
	}
	return some
}

// op is what a process did to the disk, or what it said.
type op struct {
	call, path, to string
	file           int // which one it is, whatever its name
	data           string
	at             int // where in the file it was written
	synced         int // the index of the fsync that made it last
}

var traceLine = regexp.MustCompile(`^\d+ +(\w+)\((.*)\) += (\d+)`)

// recorded runs the turns and returns the operations in their order.
func recorded(t *testing.T, dir string) []op {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil && os.Getenv("OAX_CI") == "" {
		t.Skip("needs strace")
	}
	log := filepath.Join(t.TempDir(), "log")
	cmd := command("turns", dir)
	cmd.Path, cmd.Args = strace, []string{"strace", "-f", "-qq", "-y", "-xx", "-s", "65536", "-o", log,
		"-e", "trace=openat,write,fsync,renameat,unlinkat,mkdirat", os.Args[0]}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	d := syscalls{dir: dir, files: map[string]int{}, sizes: map[int]int{}}
	for line := range strings.Lines(joined(read(t, log))) {
		if m := traceLine.FindStringSubmatch(line); m != nil {
			d.add(m[1], m[2])
		}
	}
	if said := len(slices.DeleteFunc(slices.Clone(d.ops), func(o op) bool { return o.call != "said" })); said != 6 {
		t.Fatalf("%d things were said:\n%s", said, out)
	}
	return d.ops
}

// joined puts calls that strace shows in two pieces together.
func joined(log string) string {
	begun := map[string]string{}
	var b strings.Builder
	for line := range strings.Lines(log) {
		pid, _, _ := strings.Cut(line, " ")
		if before, ok := strings.CutSuffix(line, " <unfinished ...>\n"); ok {
			begun[pid] = before
			continue
		}
		if _, rest, ok := strings.Cut(line, " resumed>"); ok {
			line = begun[pid] + rest
		}
		b.WriteString(line)
	}
	return b.String()
}

// syscalls gathers operations.
type syscalls struct {
	dir   string
	files map[string]int // by their present names
	sizes map[int]int
	ops   []op
}

var hexes = regexp.MustCompile(`(?:\\x[0-9a-f]{2})+`)

func (d *syscalls) add(call, args string) {
	var texts []string // the paths of descriptors, and strings
	for _, hex := range hexes.FindAllString(args, -1) {
		text, _ := strconv.Unquote(`"` + hex + `"`)
		texts = append(texts, text)
	}
	texts = append(texts, "", "")
	o := op{call: call, synced: 1 << 30}
	switch call {
	case "openat", "mkdirat", "unlinkat":
		o.path = texts[1]
	case "renameat":
		o.path, o.to = texts[1], texts[3]
	default:
		o.path, o.data = texts[0], texts[1]
	}
	switch {
	case call == "write" && strings.HasPrefix(args, "1<"):
		d.ops = append(d.ops, op{call: "said", data: o.data})
		return
	case !strings.HasPrefix(o.path, filepath.Dir(d.dir)), call == "openat" && !strings.Contains(args, "O_CREAT"):
		return
	case call == "openat":
		d.files[o.path] = len(d.ops) + 1
	}
	o.file = d.files[o.path]
	if call == "write" {
		o.at = d.sizes[o.file]
		d.sizes[o.file] += len(o.data)
	}
	switch call {
	case "renameat":
		d.files[o.to] = o.file
		delete(d.files, o.path)
	case "unlinkat":
		delete(d.files, o.path)
	case "fsync":
		d.sync(o)
	}
	d.ops = append(d.ops, o)
}

// sync marks what an fsync makes last: what is in a file, or the names in a directory.
func (d *syscalls) sync(s op) {
	for i, o := range d.ops {
		content := o.call == "write"
		if content && s.file > 0 && o.file == s.file || !content && s.file == 0 && filepath.Dir(o.path) == s.path {
			d.ops[i].synced = min(o.synced, len(d.ops))
		}
	}
}

// powerLost makes the disk of some operations and wants all that was said to be there.
func powerLost(t *testing.T, dir string, ops []op, at int, kept []int, last string) {
	t.Helper()
	must(t, os.RemoveAll(dir))
	slices.Sort(kept)
	contents, names := map[int][]byte{}, map[string]int{}
	for n, i := range kept {
		o := ops[i]
		data := o.data
		if n == len(kept)-1 && o.synced >= at && last != "whole" {
			data = data[:len(data)/2] + strings.Repeat("\x00", len(data)-len(data)/2)
			if last == "half" {
				data = data[:len(data)/2]
			}
		}
		switch o.call {
		case "openat":
			names[o.path] = o.file
		case "mkdirat":
			names[o.path] = -1
		case "renameat":
			names[o.to] = o.file
			delete(names, o.path)
		case "unlinkat":
			delete(names, o.path)
		case "write":
			hole := max(0, o.at-len(contents[o.file])) // of a write before it that is lost
			contents[o.file] = append(append(contents[o.file], make([]byte, hole)...), data...)
		}
	}
	for path, file := range names {
		for parent := path; len(parent) > len(dir) && file > 0; { // a name in a directory that has none is nowhere
			if parent = filepath.Dir(parent); names[parent] != -1 {
				file = 0
			}
		}
		if file > 0 {
			write(t, path, string(contents[file]))
		}
	}
	checkSaid(t, fmt.Sprintf("the power went at %d, of which %v is left, the last %s", at, kept, last), dir, ops[:at])
}

func checkSaid(t *testing.T, what, dir string, ops []op) {
	t.Helper()
	st := newStore(t, Options{Dir: dir})
	_, err := st.recover()
	must(t, err)
	var all []string
	for e, err := range st.List(Filter{}) {
		must(t, err)
		for _, m := range load(t, st, e).Messages {
			all = append(all, fmt.Sprintf("%s %s\n", m.Role, m.Text))
			if m.Role == chat.Assistant && !strings.HasPrefix("answer 日本 ", strings.TrimRight(m.Text, "012")) {
				t.Errorf("%s: it says %q", what, m.Text)
			}
			if m.State == chat.Complete && !strings.HasPrefix(m.Text, "answer 日本 ") {
				t.Errorf("%s: %q is called complete", what, m.Text)
			}
		}
	}
	for _, o := range ops {
		if o.call == "said" && !slices.Contains(all, o.data) {
			t.Errorf("%s: %q was reported and is not in %q", what, o.data, all)
		}
	}
}
