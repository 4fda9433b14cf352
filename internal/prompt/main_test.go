package prompt

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"oax/internal/config"
	"oax/internal/report"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// reader returns a Reader whose standard input is a pipe with that text, and a function
// that returns what it wrote to standard error.
func reader(t *testing.T, piped string) (r Reader, stderr func() string) {
	t.Helper()
	in, out, err := os.Pipe()
	must(t, err)
	t.Cleanup(func() { in.Close() })
	go func() {
		out.WriteString(piped)
		out.Close()
	}()
	log, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	must(t, err)
	t.Cleanup(func() { log.Close() })
	return Reader{
			Stdin: in, Log: report.NewWriter(log, false),
			Now: func() time.Time { return time.Date(2026, 11, 21, 23, 45, 12, 0, time.UTC) },
		}, func() string {
			text, err := os.ReadFile(log.Name())
			must(t, err)
			return string(text)
		}
}

// checked reads and checks a prompt.
func checked(t *testing.T, r Reader, words, files []string, template *config.Template, vars map[string]string) (Prompt, error) {
	t.Helper()
	p, err := r.Read(t.Context(), words, files, template, vars)
	if err != nil {
		return p, err
	}
	return r.Check(p)
}

// inDir runs the test in a new directory with these files.
func inDir(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		must(t, os.MkdirAll(filepath.Dir(name), 0o700))
		must(t, os.WriteFile(name, []byte(text), 0o600))
	}
}

// wants checks an error's words and hint.
func wants(t *testing.T, name string, err error, what, hint string) {
	t.Helper()
	e := report.Of(err)
	if e == nil {
		e = &report.Error{}
	}
	if e.What != what || e.Hint != hint {
		t.Errorf("%s:\n got %s\nhint %s\nwant %s\nhint %s", name, e.What, e.Hint, what, hint)
	}
}
