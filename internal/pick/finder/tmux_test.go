//go:build unix

package finder_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// socket is that of the tmux server in which the terminals of these tests are.
var socket string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "finder")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	socket = filepath.Join(dir, "tmux")
	// Without tmux its tests are skipped. A server that outlives its sessions does not end
	// while the next test begins.
	_ = exec.Command("tmux", "-S", socket, "-f", "/dev/null", "start-server", ";", "set-option", "-g", "exit-empty", "off").Run()
	stays := goleak.IgnoreTopFunction("oax/internal/pick/finder.stopOn") // as long as the process
	goleak.VerifyTestMain(m, stays, goleak.Cleanup(func(code int) {
		_ = exec.Command("tmux", "-S", socket, "kill-server").Run()
		os.RemoveAll(dir)
		os.Exit(code)
	}))
}

// terminal is a terminal of the tmux server, and a directory of its own.
type terminal struct {
	t    *testing.T
	name string
	dir  string
}

// open starts a terminal that runs shell commands, with 60 items in the file items. In
// the commands $choose is the program that chooses among them.
func open(t *testing.T, columns, rows int, commands string) *terminal {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		if os.Getenv("OAX_CI") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := &terminal{t, strings.NewReplacer("/", "-", ".", "-", ":", "-").Replace(t.Name()), t.TempDir()}
	s.write("items", items(60))
	s.write("script", fmt.Sprintf("cd '%s'\nstty -g >before\nchoose='env FINDER_TEST=choose %s'\n%s\nexec sleep 1000\n", s.dir, self, commands))
	s.tmux("new-session", "-d", "-s", s.name, "-x", fmt.Sprint(columns), "-y", fmt.Sprint(rows), "sh '"+s.dir+"/script'")
	t.Cleanup(func() { s.tmux("kill-session", "-t", s.name) })
	return s
}

func (s *terminal) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *terminal) read(name string) string {
	b, _ := os.ReadFile(filepath.Join(s.dir, name))
	return string(b)
}

func (s *terminal) tmux(command string, args ...string) string {
	s.t.Helper()
	if command != "new-session" && command != "kill-session" {
		args = append([]string{"-t", s.name}, args...)
	}
	args = append([]string{"-S", socket, "-f", "/dev/null", "-u", command}, args...)
	out, err := exec.Command("tmux", args...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("tmux %q: %v: %s", args, err, out)
	}
	return string(out)
}

func (s *terminal) keys(keys ...string) { s.tmux("send-keys", keys...) }

func (s *terminal) resize(columns, rows int) {
	s.tmux("resize-window", "-x", fmt.Sprint(columns), "-y", fmt.Sprint(rows))
}

func (s *terminal) screen() string { return s.tmux("capture-pane", "-p") }

// until waits for the screen to satisfy ok and returns it.
func (s *terminal) until(what string, ok func(screen string) bool) string {
	s.t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(15 * time.Millisecond) {
		if screen := s.screen(); ok(screen) {
			return screen
		}
	}
	s.t.Fatalf("no %s on the screen:\n%s", what, s.screen())
	return ""
}

func (s *terminal) shows(text string) string {
	s.t.Helper()
	return s.until(text, func(screen string) bool { return strings.Contains(screen, text) })
}

// checkRestored fails the test if the terminal is not set up as it was at the start. Its
// line discipline is checked at once; its modes, when tmux has read all output.
func (s *terminal) checkRestored() {
	s.t.Helper()
	tty := strings.TrimSpace(s.tmux("display-message", "-p", "#{pane_tty}"))
	after, err := exec.Command("stty", "-F", tty, "-g").Output()
	if err != nil {
		s.t.Fatal(err)
	}
	if before := s.read("before"); before == "" || before != string(after) {
		s.t.Errorf("terminal was %s, is %s", before, after)
	}
	const modes = "#{alternate_on} #{cursor_flag} #{wrap_flag} #{keypad_flag} #{keypad_cursor_flag} #{mouse_any_flag}"
	s.until("normal screen", func(string) bool {
		return strings.TrimSpace(s.tmux("display-message", "-p", modes)) == "0 1 1 0 0 0"
	})
}

var titles = []string{
	"How does a channel work?", "Rust borrow checker, at length", "並行処理と並列処理の違いを教えてください",
	"go test -race is slow", "かな漢字変換の仕組み", "Rust iterators", "Plan a week in Kyoto",
}

// items returns n items for the program, the newest first.
func items(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "s%03d\t11-%02d  %s\n", i, 30-i%30, titles[i%len(titles)])
	}
	return b.String()
}
