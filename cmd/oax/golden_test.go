package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// update is the one switch that rewrites what tests compare with: make golden.
var update = flag.Bool("update", false, "rewrite the golden files")

// golden wants a text to be that of a file of testdata. With -update it becomes the file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("..", "..", "testdata", name)
	if *update {
		write(t, path, got)
	}
	if want := text(t, path); got != want {
		t.Errorf("it is not what %s has (make golden):\n%s", name, got)
	}
}

// looksLike waits until the screen is what is in a file of testdata/screens. With
// -update it becomes the file, once it stands still.
func (w *window) looksLike(name string) {
	w.t.Helper()
	path := filepath.Join("..", "..", "testdata", "screens", name)
	if *update {
		last := ""
		screen := w.until("it stands still", func(screen string) bool {
			still := screen == last
			last = screen
			time.Sleep(100 * time.Millisecond)
			return still
		})
		write(w.t, path, screen)
	}
	want := text(w.t, path)
	w.until("it is the screen of "+name, func(screen string) bool { return screen == want })
}

// stderrs is all of standard error of the runs of TestFaults, as testdata/faults/A.txt to
// H.txt have it: a line for each test, below it its commands, and below each what it
// prints. A run that prints nothing has no entry. Commands that differ only in what is not
// shown of them, as in their environment, follow each other; equal texts appear once.
var stderrs goldenStderr

type goldenStderr struct {
	once  sync.Once
	mu    sync.Mutex
	files map[string]map[string][]printed // by section and test
	tests map[string]*goldenTest          // that run
	names sync.Map                        // of the faults, by those of their tests
}

// printed is what one command wrote to standard error.
type printed struct{ command, text string }

// goldenTest is a test and what its runs have printed so far.
type goldenTest struct {
	got  []printed
	next map[string]int // of each command: how many of its texts were seen
	done bool           // it passed
}

// of returns the texts of a command.
func of(all []printed, command string) (texts []string) {
	for _, p := range all {
		if p.command == command {
			texts = append(texts, p.text)
		}
	}
	return texts
}

// compare wants a run of a test to print what its file has. The caller's text is free of
// what differs from run to run.
func (g *goldenStderr) compare(t *testing.T, got printed) {
	t.Helper()
	g.once.Do(g.read)
	name := goldenName(t)
	g.mu.Lock()
	defer g.mu.Unlock()
	test := g.tests[name]
	if test == nil {
		test = &goldenTest{next: map[string]int{}}
		g.tests[name] = test
		t.Cleanup(func() { g.end(t, name) })
	}
	if *update {
		if texts := of(test.got, got.command); len(texts) == 0 || texts[len(texts)-1] != got.text {
			test.got = append(test.got, got)
		}
		return
	}
	texts, n := of(g.files[name[:1]][name], got.command), test.next[got.command]
	switch {
	case n > 0 && texts[n-1] == got.text:
	case n < len(texts) && texts[n] == got.text:
		test.next[got.command]++
	case anyOrder(t) && slices.Contains(texts, got.text):
	default:
		t.Errorf("standard error of %s is\n%s\nwant, by testdata/faults/%s.txt (make golden),\n%s",
			got.command, got.text, name[:1], strings.Join(texts[min(n, len(texts)):], "or\n"))
	}
}

// anyOrder reports whether runs of the test are left out, or come in an order of their own as
// under torture.
func anyOrder(t *testing.T) bool { return torture || isPartial(t) }

// end wants each text of the file to have been printed, unless runs are left out.
func (g *goldenStderr) end(t *testing.T, name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	test := g.tests[name]
	test.done = !t.Failed() && !t.Skipped()
	if *update {
		return
	}
	delete(g.tests, name) // with -count=2 it begins again
	if !test.done || anyOrder(t) {
		return
	}
	for _, p := range g.files[name[:1]][name] {
		if n := len(of(g.files[name[:1]][name], p.command)); test.next[p.command] < n {
			t.Errorf("testdata/faults/%s.txt has %d texts of %s, of which %d were printed", name[:1], n, p.command, test.next[p.command])
		}
	}
}

// goldenName is the name of a test as the files have it.
func goldenName(t *testing.T) string {
	t.Helper()
	name, part, isPart := strings.Cut(strings.TrimPrefix(t.Name(), "TestFaults/"), "/")
	title, found := stderrs.names.Load(name)
	switch {
	case !found:
		t.Fatal("only TestFaults has files of standard error")
	case isPart:
		return title.(string) + "/" + part
	}
	return title.(string)
}

// read reads the files. One that is not there is empty.
func (g *goldenStderr) read() {
	g.files, g.tests = map[string]map[string][]printed{}, map[string]*goldenTest{}
	for _, section := range strings.Split("ABCDEFGH", "") {
		tests := map[string][]printed{}
		g.files[section] = tests
		text, _ := os.ReadFile(goldenFile(section))
		name := ""
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSuffix(line, "\n")
			all := tests[name]
			switch {
			case line == "" || strings.HasPrefix(line, "#"):
			case strings.HasPrefix(line, "    "):
				all[len(all)-1].text += line[4:] + "\n"
			case strings.HasPrefix(line, "  "):
				tests[name] = append(all, printed{command: line[2:]})
			default:
				name = line
			}
		}
	}
}

func goldenFile(section string) string {
	return filepath.Join("..", "..", "testdata", "faults", section+".txt")
}

// write puts the tests that ran and passed in place of what the files have of them, and
// leaves out those that are no more.
func (g *goldenStderr) write(t *testing.T, faults []fault) {
	g.once.Do(g.read)
	if !*update {
		return
	}
	names := map[string]int{} // their order
	for i, f := range faults {
		names[f.row+" "+f.what] = i
	}
	fault := func(name string) string { name, _, _ = strings.Cut(name, "/"); return name }
	for section, tests := range g.files {
		for name := range tests {
			if _, known := names[fault(name)]; !known || g.ran(fault(name)) {
				delete(tests, name)
			}
		}
		for name, test := range g.tests {
			if name[:1] == section {
				tests[name] = test.got
			}
		}
		order := []string{}
		for name := range tests {
			order = append(order, name)
		}
		slices.SortFunc(order, func(a, b string) int {
			if n := names[fault(a)] - names[fault(b)]; n != 0 {
				return n
			}
			return strings.Compare(a, b)
		})
		var b strings.Builder
		fmt.Fprintf(&b, "# What the tests of rows %s1 and following print on standard error, whole. Rewritten by make golden.\n", section)
		for _, name := range order {
			writePrinted(&b, name, tests[name])
		}
		if err := os.WriteFile(goldenFile(section), []byte(b.String()), 0o666); err != nil {
			t.Error(err)
		}
	}
}

// ran reports whether a fault's test ran, whose parts must all have passed.
func (g *goldenStderr) ran(fault string) bool {
	found := false
	for name, test := range g.tests {
		if name == fault || strings.HasPrefix(name, fault+"/") {
			if found = true; !test.done {
				return false
			}
		}
	}
	return found
}

func writePrinted(b *strings.Builder, name string, all []printed) {
	title := "\n" + name + "\n"
	for _, p := range all {
		if p.text != "" {
			b.WriteString(title + "  " + p.command + "\n")
			title = ""
			for line := range strings.Lines(p.text) {
				b.WriteString("    " + line)
			}
		}
	}
}

// says compares all of standard error with the golden file.
func (h *home) says(r result) {
	h.t.Helper()
	if strings.Count(r.stderr, "hint: ") > 1 {
		h.t.Errorf("more than one hint in %q", r.stderr)
	}
	stderrs.compare(h.t, printed{h.constant(r.command), ensureLine(visibly(h.constant(r.stderr)))})
}

// ensureLine marks a text that does not end its last line.
func ensureLine(text string) string {
	if text == "" || strings.HasSuffix(text, "\n") {
		return text
	}
	return text + "<no newline>\n"
}

// visibly shows control characters, and a space that ends a line, as <1B> and <20>.
func visibly(text string) string {
	text = lastSpace.ReplaceAllString(text, "<20>")
	return control.ReplaceAllStringFunc(text, func(c string) string { return fmt.Sprintf("<%X>", []rune(c)[0]) })
}

var (
	lastSpace = regexp.MustCompile(`(?m) $`)
	control   = regexp.MustCompile(`[^\n\PC]`)
	anyHost   = regexp.MustCompile(`(127\.0\.0\.1|0\.0\.0\.0):\d{5}\b`)
	varying   = []struct {
		is *regexp.Regexp
		as string
	}{
		{regexp.MustCompile(`/[^\s"']*/TestFaults[^\s"'/]*/\d{3}\b`), "TEMP"},
		{regexp.MustCompile(`\bPID \d+`), "PID N"},
		{regexp.MustCompile(`-\d{4,}\.(txt|md|toml)\b`), "-N.$1"},
		{regexp.MustCompile(`/trash/20[0-9_-]+_[0-9a-z]{12}\b`), "/trash/DATE_ID"},
		{regexp.MustCompile(`\b20\d\d-\d\d-\d\d(_\d\d-\d\d-\d\d)?`), "DATE"},
		{regexp.MustCompile(`/20\d\d-\d\d\b`), "/MONTH"},
		{regexp.MustCompile(` \d\d:\d\d\b`), " TIME"},
	}
)

// constant returns text in which all that differs from run to run is named: the home
// directory, temporary files, hosts, session IDs, processes, dates and what the test
// says varies.
func (h *home) constant(text string) string {
	text = strings.ReplaceAll(text, h.dir, "HOME")
	text = strings.NewReplacer(binary, "oax", canary, "KEY").Replace(text)
	for id, name := range h.idNames() {
		text = strings.ReplaceAll(text, id, name)
	}
	hosts := []string{}
	text = anyHost.ReplaceAllStringFunc(text, func(host string) string { return ordinal("HOST", &hosts, host) })
	for _, v := range varying {
		text = v.is.ReplaceAllString(text, v.as)
	}
	for _, v := range h.varies {
		text = v.ReplaceAllString(text, "~")
	}
	return text
}

// ordinal names the first of several things name, the second name2.
func ordinal(name string, seen *[]string, thing string) string {
	n := slices.Index(*seen, thing)
	if n < 0 {
		n = len(*seen)
		*seen = append(*seen, thing)
	}
	if n == 0 {
		return name
	}
	return fmt.Sprint(name, n+1)
}

// idNames names the sessions on disk and those that a test has told of: ID, ID2 and so on,
// oldest first.
func (h *home) idNames() map[string]string {
	ids := slices.Clone(h.known)
	for _, pattern := range []string{"*/*.jsonl", "trash/*/*/*.jsonl", "open/*.part"} {
		paths, _ := filepath.Glob(filepath.Join(h.store(), pattern))
		for _, path := range paths {
			ids = append(ids, strings.TrimSuffix(idOf(path), ".part"))
		}
	}
	names, seen := map[string]string{}, []string{}
	for _, id := range ids {
		if len(id) == 8 || len(id) == 12 {
			names[id] = ordinal("ID", &seen, id)
		}
	}
	return names
}

// commandLine returns a command as a person would type it, shortened.
func commandLine(cmd *exec.Cmd) string {
	args := cmd.Args
	at := slices.Index(args, binary)
	if at == len(args)-1 && len(args) > 2 && args[1] == "-c" {
		return strings.ReplaceAll(args[2], "\n", `\n`)
	}
	return typed(args[at+1:])
}

func typed(args []string) string {
	line := "oax"
	for _, arg := range args {
		if quoted := strconv.Quote(arg); arg == "" || strings.ContainsAny(arg, " '\"\\\n\t") || len(quoted) != len(arg)+2 {
			arg = quoted
		}
		if runes := []rune(arg); len(runes) > 100 {
			arg = string(runes[:100]) + "…"
		}
		line += " " + arg
	}
	return line
}
