package config

import (
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// write puts source into a file that only its owner may read.
func write(t testing.TB, source string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(path, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(t testing.TB, source string) *File {
	t.Helper()
	f, warnings, err := Load(write(t, source))
	if err != nil || len(warnings) != 0 {
		t.Fatal(warnings, err)
	}
	return f
}

// env returns an environment for Settings.
func env(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := values[name]; return v, ok }
}
