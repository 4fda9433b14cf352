package importer

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fixtures are made from the descriptions of the formats.
const fixtures = "../../testdata/import"

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// changed is when all files of the tests were last changed.
var changed = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// dir copies fixtures into a directory of the test, their times set.
func dir(t testing.TB, name string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "in")
	must(t, os.CopyFS(to, os.DirFS(filepath.Join(fixtures, name))))
	touch(t, to)
	return to
}

func touch(t testing.TB, root string) {
	t.Helper()
	must(t, filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			err = os.Chtimes(path, changed, changed)
		}
		return err
	}))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t testing.TB, path, text string) string {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o700))
	must(t, os.WriteFile(path, []byte(text), 0o600))
	must(t, os.Chtimes(path, changed, changed))
	return path
}

// transcript is what a source yields, as text, in which root is left out.
func transcript(t testing.TB, source, path, root string) string {
	t.Helper()
	var b strings.Builder
	s, ok := Find(source)
	if !ok {
		t.Fatal(source)
	}
	for c, err := range s.Read(context.Background(), path, now) {
		if err == nil {
			b.WriteString(c.transcript())
			continue
		}
		p, ok := errors.AsType[*Problem](err)
		if !ok {
			t.Fatal(err)
		}
		what := "problem"
		if p.Refused {
			what = "refused"
		}
		fmt.Fprintf(&b, "%s %s\n", what, strings.ReplaceAll(p.Error(), root+string(filepath.Separator), ""))
	}
	return b.String()
}

func (c *Chat) transcript() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %q %s", c.ID, c.Title, c.Time.UTC().Format(time.RFC3339))
	if c.Branch != nil {
		fmt.Fprintf(&b, " branch of %s at %d", c.Branch.ID, c.Branch.Turn)
	}
	b.WriteString("\n")
	for _, m := range c.Messages {
		fmt.Fprintf(&b, "  %s %q", m.Role, m.Text)
		for _, call := range m.ToolCalls {
			fmt.Fprintf(&b, " calls %s(%s)", call.Name, call.Arguments)
		}
		if m.Reasoning != "" {
			fmt.Fprintf(&b, " thought %q", m.Reasoning)
		}
		for _, extra := range []string{m.Model, m.FinishReason, string(m.Why)} {
			if extra != "" {
				b.WriteString(" " + extra)
			}
		}
		if !m.Time.IsZero() {
			b.WriteString(" " + m.Time.UTC().Format("15:04:05"))
		}
		b.WriteString("\n")
	}
	return b.String()
}

var update = flag.Bool("update", false, "write what the sources yield to the golden files")

// golden compares what a source yields with what a person has looked at.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join(fixtures, "golden", name+".txt")
	if *update {
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("(- is wanted)\n%s", diff)
	}
}

// TestFiles reads the formats that are files as a person could look at them.
func TestFiles(t *testing.T) {
	zone := time.Local
	time.Local = time.FixedZone("", 3600)
	defer func() { time.Local = zone }()
	for _, source := range []string{"oax", "aichat", "chatgpt-cli", "sgpt", "openai", "chatgpt"} {
		t.Run(source, func(t *testing.T) {
			root := dir(t, source)
			golden(t, source, transcript(t, source, root, root))
		})
	}
}

// sqlite makes a database of a fixture.
func sqlite(t testing.TB, path, script string) string {
	t.Helper()
	if _, err := exec.LookPath("sqlite3"); err != nil {
		t.Skip(err)
	}
	sql, err := os.ReadFile(filepath.Join(fixtures, script))
	must(t, err)
	must(t, os.MkdirAll(filepath.Dir(path), 0o700))
	cmd := exec.Command("sqlite3", "-batch", path)
	cmd.Stdin = strings.NewReader(string(sql))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	must(t, os.Chtimes(path, changed, changed))
	return path
}

func TestLLM(t *testing.T) {
	for _, form := range []string{"logs", "responses", "threads"} {
		t.Run(form, func(t *testing.T) {
			root := t.TempDir()
			sqlite(t, filepath.Join(root, "logs.db"), "llm/"+form+".sql")
			golden(t, "llm-"+form, transcript(t, "llm", root, root))
		})
	}
}
