package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"oax/internal/demo"
)

// binary is the built program.
var binary string

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	if child, ok := children[os.Getenv("OAX_TEST_CHILD")]; ok {
		return child()
	}
	flag.Parse()
	flag.Set("test.parallel", "16") // most tests wait for a program that waits
	time.Local = time.UTC           // as TZ has it for the programs
	dir, err := os.MkdirTemp("", "oax-test")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	for _, s := range []os.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGPIPE} {
		if signal.Ignored(s) { // by nohup or a shell's background, and so by every program tested
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
	binary = filepath.Join(dir, "oax")
	// Built as make does it. Unlike go build, go run keeps what it linked for the next time.
	build := exec.Command("go", "run", "-trimpath", "-ldflags=-s", "-exec", "cp", ".", binary)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		panic(string(out))
	}
	code := m.Run()
	if torture {
		fmt.Printf("torture: %s; OAX_SEED=%d\n", &tortured, tortureSeed)
	}
	if left := leftOut.String(); left != "" {
		fmt.Println("left out without OAX_CI=1:", left)
	}
	return code
}

// canary is the API key of every test: it must turn up nowhere.
const canary = "sk-canary-5up3rs3cr3t-0123456789-4f2a"

// home is a person's home directory with the program in it.
type home struct {
	t      *testing.T
	dir    string
	env    map[string]string
	known  []string         // IDs of sessions that may be gone from the disk when a text names them
	varies []*regexp.Regexp // what else differs from run to run in standard error
}

// newHome returns an empty home whose environment has a key and no endpoint. At the
// end of the test everything in it is searched for the key.
func newHome(t *testing.T) *home {
	t.Helper()
	h := &home{t: t, dir: t.TempDir(), env: map[string]string{"PATH": os.Getenv("PATH"), "OPENAI_API_KEY": canary, "TZ": "UTC", "TERM": "xterm-256color"}}
	h.env["HOME"] = h.dir
	h.env["XDG_DATA_HOME"] = filepath.Join(h.dir, "data")
	h.env["XDG_CONFIG_HOME"] = filepath.Join(h.dir, "config")
	h.env["XDG_CACHE_HOME"] = filepath.Join(h.dir, "cache")
	h.env["TMPDIR"] = filepath.Join(h.dir, "tmp")
	must(t, os.Mkdir(h.env["TMPDIR"], 0o700))
	t.Cleanup(h.noKey)
	return h
}

// scripted returns a home and a scripted endpoint that its environment points to.
func scripted(t *testing.T, exchanges ...demo.Exchange) (*home, *demo.Scripted) {
	t.Helper()
	h, script := newHome(t), demo.Script(exchanges...)
	h.env["OPENAI_BASE_URL"] = listens(t, script)
	return h, script
}

// listens starts an endpoint, which ends with the test, and returns its address.
func listens(t *testing.T, handler http.Handler) string {
	t.Helper()
	server, err := demo.Start(handler)
	must(t, err)
	t.Cleanup(server.Close)
	return server.URL()
}

// result is how a run of the program ended.
type result struct {
	command        string // as a person types it
	stdout, stderr string
	code           int            // as a shell shows it: 128+n after a signal
	signal         syscall.Signal // that it died of, or 0
}

// command prepares a run with no standard input.
func (h *home) command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(h.t.Context(), binary, args...)
	cmd.Dir = h.dir
	cmd.Env = h.environ()
	return cmd
}

func (h *home) environ() []string {
	env := []string{}
	for name, value := range h.env {
		env = append(env, name+"="+value)
	}
	return env
}

// run runs the program with no standard input.
func (h *home) run(args ...string) result {
	h.t.Helper()
	return h.pipe("", args...)
}

// succeeds runs the program, whose exit code must be 0.
func (h *home) succeeds(args ...string) {
	h.t.Helper()
	if r := h.run(args...); r.code != 0 {
		h.t.Fatalf("%+v", r)
	}
}

// pipe runs the program with text on its standard input: in this process if that makes no
// difference, or else as it was built.
func (h *home) pipe(input string, args ...string) result {
	h.t.Helper()
	if inProcess && !h.needsProcess(args) {
		return h.runInProcess(input, args)
	}
	cmd := h.command(args...)
	if input != "" {
		cmd.Stdin = strings.NewReader(input)
	}
	return h.finish(cmd)
}

// runBuilt runs the program as it was built, with no standard input.
func (h *home) runBuilt(args ...string) result {
	h.t.Helper()
	return h.finish(h.command(args...))
}

// waitsForInput is what a run says that has waited for two seconds: here, where all input comes
// at once, only on a busy machine.
var waitsForInput = regexp.MustCompile(`(?m)^oax: waiting for standard input .*\n`)

// finish runs a prepared command to its end. Streams that are set already are left
// as they are. No output may hold the key or the traces of a panic.
func (h *home) finish(cmd *exec.Cmd) result {
	h.t.Helper()
	var stdout, stderr bytes.Buffer
	if cmd.Stdout == nil {
		cmd.Stdout = &stdout
	}
	if cmd.Stderr == nil {
		cmd.Stderr = &stderr
	}
	err := cmd.Run()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		h.t.Fatal(err)
	}
	r := ended(cmd)
	r.stdout, r.stderr = stdout.String(), waitsForInput.ReplaceAllString(stderr.String(), "")
	h.clean(r.stdout + r.stderr)
	return r
}

// ended returns how a command ended that has been waited for, without its output.
func ended(cmd *exec.Cmd) result {
	status := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		return result{command: commandLine(cmd), code: 128 + int(status.Signal()), signal: status.Signal()}
	}
	return result{command: commandLine(cmd), code: status.ExitStatus()}
}

// clean fails the test if output shows the key or a panic.
func (h *home) clean(output string) {
	h.t.Helper()
	for _, trace := range tracesIn(output) {
		h.t.Errorf("%q is in the output:\n%s", trace, output)
	}
}

// tracesIn returns what no output may show. Outputs of 16 MiB are not for the regexp.
func tracesIn(output string) (found []string) {
	for _, trace := range []string{canary, "panic:", "runtime error"} {
		if strings.Contains(output, trace) {
			found = append(found, trace)
		}
	}
	if strings.Contains(output, "goroutine ") {
		found = append(found, goroutine.FindAllString(output, -1)...)
	}
	return found
}

var goroutine = regexp.MustCompile(`goroutine \d+ \[`)

// noKey fails the test if the key is in a file of the home.
func (h *home) noKey() {
	h.t.Helper()
	for _, path := range h.withKey() {
		h.t.Errorf("the key is in %s", path)
	}
}

// withKey returns the paths of the files that the key is in, but for the configuration.
func (h *home) withKey() (found []string) {
	buf := make([]byte, 256<<10)
	filepath.WalkDir(h.dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && entry.Name() != "config.toml" && holdsKey(path, buf) {
			found = append(found, path)
		}
		return nil
	})
	return found
}

// holdsKey reports whether the key is in a file. Some are of a gigabyte: it is read in pieces
// that overlap, into buf.
func holdsKey(path string, buf []byte) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	for kept := 0; ; {
		n, err := f.Read(buf[kept:])
		text := buf[:kept+n]
		if bytes.Contains(text, []byte(canary)) {
			return true
		}
		if err != nil {
			return false
		}
		kept = copy(buf, text[max(0, len(text)-len(canary)):])
	}
}

// files returns every regular file in the home, by its path from there, but for the caches
// of the store, which any command may write.
func (h *home) files() map[string]string {
	files := map[string]string{}
	filepath.WalkDir(h.dir, func(path string, entry fs.DirEntry, err error) error {
		if entry.Name() == "cache" && filepath.Dir(path) == h.store() {
			return filepath.SkipDir
		}
		if err == nil && entry.Type().IsRegular() {
			text, _ := os.ReadFile(path)
			name, _ := filepath.Rel(h.dir, path)
			files[name] = string(text)
		}
		return nil
	})
	return files
}

// config writes the configuration file.
func (h *home) config(text string) {
	h.t.Helper()
	path := filepath.Join(h.env["XDG_CONFIG_HOME"], "oax", "config.toml")
	must(h.t, os.MkdirAll(filepath.Dir(path), 0o700))
	write(h.t, path, text)
}

// store returns the directory of the sessions.
func (h *home) store() string { return filepath.Join(h.env["XDG_DATA_HOME"], "oax", "sessions") }

// record is one line of a session file.
type savedRecord struct {
	Kind, Role, Text, Reasoning, Refusal, State, Why, Model string
	ReplacedBytes                                           int `json:"replaced_bytes"`
}

// sessions returns the records of every session on disk, by ID, without their
// headers. A line that is not JSON fails the test.
func (h *home) sessions() map[string][]savedRecord {
	h.t.Helper()
	sessions := map[string][]savedRecord{}
	paths, _ := filepath.Glob(filepath.Join(h.store(), "*", "*.jsonl"))
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".jsonl")
		id := name[strings.LastIndexByte(name, '_')+1:]
		for _, line := range strings.SplitAfter(text(h.t, path), "\n") {
			var r savedRecord
			if line == "" {
				continue
			}
			if err := json.Unmarshal([]byte(line), &r); err != nil {
				h.t.Fatalf("%s: %v in %q", path, err, line)
			}
			if r.Kind != "session" {
				sessions[id] = append(sessions[id], r)
			}
		}
	}
	return sessions
}

// only returns the records of the one session there is.
func (h *home) only() []savedRecord {
	h.t.Helper()
	sessions := h.sessions()
	if len(sessions) != 1 {
		h.t.Fatalf("there are %d sessions, want 1", len(sessions))
	}
	for _, records := range sessions {
		return records
	}
	return nil
}

// want is what a row of the fault matrix says: its four columns. The zero value of
// each is "nothing there": no output, exit 0, no session.
type want struct {
	stdout string
	// A run that does not end well says why on standard error, and one that ends well says
	// nothing, unless it is told to be silent or to have a note. The text is in a file of
	// testdata/faults, whole.
	silent, notes bool
	code          int
	prompt        string // saved; empty: no session at all
	answer        string // saved; with why empty it must be complete
	why           string // of an incomplete answer, or with noAnswer of an error record
	// noAnswer wants an error record instead of an answer.
	noAnswer bool
}

// check holds a result and the disk against a row.
func (h *home) check(r result, w want) {
	h.t.Helper()
	h.checkRun(r, w)
	h.checkDisk(w)
}

// checkRun holds a result against a row, but not the disk.
func (h *home) checkRun(r result, w want) {
	h.t.Helper()
	if r.stdout != w.stdout {
		h.t.Errorf("stdout %q, want %q", r.stdout, w.stdout)
	}
	if r.code != w.code {
		h.t.Errorf("exit %d, want %d; stderr %q", r.code, w.code, r.stderr)
	}
	if w.notes || w.code != 0 && !w.silent {
		h.says(r)
	} else if r.stderr != "" {
		h.t.Errorf("stderr %q, want none", r.stderr)
	}
}

func (h *home) checkDisk(w want) {
	h.t.Helper()
	if w.prompt == "" {
		if n := len(h.sessions()); n > 0 {
			h.t.Errorf("%d sessions on disk, want none", n)
		}
		return
	}
	records := h.only()
	if records[0].Role != "user" || records[0].Text != w.prompt {
		h.t.Errorf("saved prompt %+v, want %q", records[0], w.prompt)
	}
	last := records[len(records)-1]
	switch {
	case w.noAnswer:
		if last.Kind != "error" || last.Why != w.why {
			h.t.Errorf("saved %+v, want an error record %q", last, w.why)
		}
	case last.Role != "assistant" || last.Text+last.Refusal != w.answer || last.Why != w.why:
		h.t.Errorf("saved %+v, want the answer %q, why %q", last, w.answer, w.why)
	case (last.State == "complete") != (w.why == ""):
		h.t.Errorf("saved as %s %s", last.State, last.Why)
	}
	if left := h.journals(); len(left) > 0 {
		h.t.Errorf("left behind: %v", left)
	}
}
