package importer

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// shell lets sqlite3 change a database.
func shell(t testing.TB, path, sql string) {
	t.Helper()
	cmd := exec.Command("sqlite3", "-batch", path)
	cmd.Stdin = strings.NewReader(sql)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// filesIn returns what is in the files of a directory.
func filesIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, entry := range entries {
		data, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		must(t, err)
		all[entry.Name()] = string(data)
	}
	return all
}

// A database with a log beside it is read with what is in the log only, and neither
// is touched; nor does one get a log by being read. Odd names are taken as they are.
func TestDatabaseIsOnlyRead(t *testing.T) {
	for _, log := range []bool{false, true} {
		root := filepath.Join(t.TempDir(), "-a b?c#d%20[e]")
		path := sqlite(t, filepath.Join(root, "logs.db"), "llm/logs.sql")
		shell(t, path, "pragma journal_mode=wal;")
		if log {
			// The connection that writes leaves its log if it does not end well.
			shell(t, path, ".dbconfig no_ckpt_on_close on\ninsert into logs (id, prompt, response) values (9, 'in the log', 'too');")
		}
		before := filesIn(t, root)
		if log != (len(before) > 1) {
			t.Fatalf("%d files", len(before))
		}
		got := transcript(t, "llm", path, root)
		if strings.Contains(got, "in the log") != log {
			t.Errorf("with a log %v: %s", log, got)
		}
		wantIn(t, got, `user "first"`)
		if !maps.Equal(before, filesIn(t, root)) {
			t.Errorf("with a log %v: something changed", log)
		}
	}
}

func TestWithoutSqlite3(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	source, _ := Find("llm")
	for _, err := range source.Read(t.Context(), t.TempDir(), now) {
		if missing, ok := err.(*exec.Error); !ok || missing.Name != "sqlite3" {
			t.Error(err)
		}
	}
}

func TestGuess(t *testing.T) {
	for _, source := range []string{"oax", "aichat", "chatgpt-cli", "sgpt", "openai", "chatgpt"} {
		root := dir(t, source)
		if got, _ := Guess(t.Context(), root); got.Name != source {
			t.Errorf("the directory of %s is of %q", source, got.Name)
		}
		paths, _ := filepath.Glob(filepath.Join(root, "*.*"))
		for _, path := range paths {
			known := filepath.Base(path) != "settings.toml" && filepath.Base(path) != "pictures.json"
			if got, _ := Guess(t.Context(), path); known && got.Name != source {
				t.Errorf("%s is of %q", path, got.Name)
			}
		}
	}
	mods := modsDir(t)
	for path, want := range map[string]string{
		mods:                                 "mods",
		filepath.Join(mods, "conversations"): "mods",
		filepath.Join(mods, "conversations", "mods.db"):                  "mods",
		sqlite(t, filepath.Join(t.TempDir(), "a.db"), "llm/threads.sql"): "llm",
		sqlite(t, filepath.Join(t.TempDir(), "a.db"), "mods/mods.sql"):   "mods",
		write(t, filepath.Join(t.TempDir(), "a.zip"), archive(t, nil)):   "",
		"/dev/zero": "", "/nowhere": "", t.TempDir(): "",
	} {
		if got, ok := Guess(t.Context(), path); got.Name != want || ok != (want != "") {
			t.Errorf("%s is of %q, want %q", path, got.Name, want)
		}
	}
}
