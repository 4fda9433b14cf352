//go:build unix

package picker_test

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

// pick is the program of testdata/pick.
var pick string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "pick")
	if err == nil {
		pick = filepath.Join(dir, "pick")
		var out []byte
		if out, err = exec.Command("go", "build", "-o", pick, "./testdata/pick").CombinedOutput(); err != nil {
			os.Stderr.Write(out)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		os.RemoveAll(dir)
		os.Exit(code)
	}))
}

// terminal is a tmux server with one window.
type terminal struct {
	t      *testing.T
	socket string
	dir    string
}

// open starts a terminal that runs the shell commands.
func open(t *testing.T, columns, rows int, commands string) *terminal {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		if os.Getenv("OAX_CI") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	s := &terminal{t, fmt.Sprintf("pick-%d-%s", os.Getpid(), strings.ReplaceAll(t.Name(), "/", "-")), t.TempDir()}
	t.Cleanup(func() { s.tmux("kill-server") })
	script := filepath.Join(s.dir, "script")
	write(t, script, fmt.Sprintf("cd %s\nstty -g >before\n%s\nexec sleep 1000\n", s.dir, commands))
	s.tmux("new-session", "-d", "-x", fmt.Sprint(columns), "-y", fmt.Sprint(rows), "sh "+script)
	return s
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (s *terminal) tmux(args ...string) string {
	s.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-L", s.socket, "-f", "/dev/null", "-u"}, args...)...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("tmux %q: %v: %s", args, err, out)
	}
	return string(out)
}

func (s *terminal) keys(keys ...string) { s.tmux(append([]string{"send-keys"}, keys...)...) }

func (s *terminal) screen() string { return s.tmux("capture-pane", "-p") }

// until waits for the screen to satisfy ok and returns it.
func (s *terminal) until(what string, ok func(screen string) bool) string {
	s.t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
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

func (s *terminal) file(name string) string {
	b, _ := os.ReadFile(filepath.Join(s.dir, name))
	return string(b)
}

// sane fails the test if the terminal is not set up as it was at the start. Its
// line discipline is asked at once; what it displays, when tmux has read all.
func (s *terminal) sane() {
	s.t.Helper()
	tty := strings.TrimSpace(s.tmux("display-message", "-p", "#{pane_tty}"))
	after, err := exec.Command("stty", "-F", tty, "-g").Output()
	if err != nil {
		s.t.Fatal(err)
	}
	if before := s.file("before"); before == "" || before != string(after) {
		s.t.Errorf("terminal was %s, is %s", before, after)
	}
	const modes = "#{alternate_on} #{cursor_flag} #{wrap_flag} #{keypad_flag} #{keypad_cursor_flag} #{mouse_any_flag}"
	s.until("normal screen", func(string) bool {
		return strings.TrimSpace(s.tmux("display-message", "-p", modes)) == "0 1 1 0 0 0"
	})
}
