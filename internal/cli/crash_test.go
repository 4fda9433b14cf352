package cli

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

func TestCrash(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	env := &Env{Version: "v1", Now: time.Now}
	for what, run := range map[string]func() error{
		"a string":           func() error { panic("sk-secret") },
		"index out of range": func() error { return []error{}[len(os.Args)] },
		"a *errors":          func() error { panic(errors.New("sk-secret")) },
	} {
		r := explain(env.guarded(run))
		path, _ := strings.CutPrefix(r.hint, "the details are in ")
		text, err := os.ReadFile(path)
		if r.what != "internal error, please report" || r.code != 1 || err != nil {
			t.Fatalf("%s: %+v, %v", what, r, err)
		}
		if !strings.Contains(string(text), what) || !strings.Contains(string(text), "TestCrash") || strings.Contains(string(text), "secret") {
			t.Errorf("%s: the file says %s", what, text)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
	}
}
