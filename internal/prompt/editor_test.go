//go:build unix

package prompt

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// editor returns an Editor that runs a shell script; $1 is the file.
func editor(t *testing.T, script string) Editor {
	t.Helper()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	must(t, err)
	t.Cleanup(func() { null.Close() })
	path := filepath.Join(t.TempDir(), "editor")
	must(t, os.WriteFile(path, []byte(script), 0o600))
	return Editor{Command: "sh " + path, Stdin: null, Screen: null, Environ: []string{"PATH=" + os.Getenv("PATH"), "X=1"}, Dir: filepath.Join(t.TempDir(), "state")}
}

func TestEdit(t *testing.T) {
	e := editor(t, `test "$X$HOME" = 1 && echo "$(cat "$1") and more" > "$1"; echo >> "$1"`)
	got, err := e.Edit("first")
	if err != nil || got != "first and more" {
		t.Errorf("%q, %v", got, err)
	}
	if names, err := os.ReadDir(e.Dir); err != nil || len(names) > 0 {
		t.Errorf("%v, %v", names, err)
	}
	must(t, os.WriteFile(filepath.Join(e.Dir, "config"), nil, 0o600))
	if err := e.Open(filepath.Join(e.Dir, "config")); err != nil || !strings.Contains(read(t, filepath.Join(e.Dir, "config")), "more") {
		t.Error(err)
	}
}

// If the editor fails or leaves the text as it was, the text is kept, and the hint says
// where.
func TestEditFails(t *testing.T) {
	for script, want := range map[string]string{
		"exit 7":           "exited 7; nothing sent",
		"exit 127":         "cannot be found; nothing sent",
		"kill -9 $$":       "failed: signal: killed; nothing sent",
		"true":             "left nothing new; nothing sent",
		`: > "$1"`:         "left nothing new; nothing sent",
		`echo " " > "$1"`:  "left nothing new; nothing sent",
		`touch "$1.other"`: "left nothing new; nothing sent",
	} {
		e := editor(t, "exec 2>/dev/null; "+script)
		_, err := e.Edit("text")
		kept, _ := filepath.Glob(filepath.Join(e.Dir, "message-*.md"))
		if len(kept) != 1 {
			t.Fatalf("%s: kept %q", script, kept)
		}
		if script == "kill -9 $$" { // the shell that runs the editor reports it in its own way
			want = "exited 137; nothing sent"
		}
		wants(t, script, err, "editor \""+e.Command+"\" "+want, "the text is in "+kept[0])
	}
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	_, err := Editor{Dir: filepath.Join(file, "state")}.Edit("x")
	wants(t, "no directory", err, "cannot write "+filepath.Join(file, "state")+": not a directory", "")
}

// The last answer is there for reference and is not sent.
func TestCompose(t *testing.T) {
	for script, want := range map[string]string{
		`{ echo new; cat "$1"; } > "$1.new"; mv "$1.new" "$1"`: "new\nfirst",
		`echo new > "$1"`: "new",
		`{ echo new; grep -v 'nothing is sent' "$1"; } > "$1.new"; mv "$1.new" "$1"`: "new\nfirst\n\n\n\n> one\n> two",
	} {
		got, err := editor(t, script).Compose("first", "one\ntwo")
		if err != nil || got != want {
			t.Errorf("%q, %v", got, err)
		}
	}
	got, err := editor(t, `cp "$1" "$1.seen"; echo x >> "$1"`).Compose("", "one")
	wants(t, "empty", err, "an empty message; nothing sent", "")
	if got != "" {
		t.Errorf("%q", got)
	}
	if got, err := editor(t, `echo new > "$1"`).Compose("first", ""); got != "new" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

// Vim obeys commands in the first and the last five lines of a file. None of these lines
// is the model's, even if the person has typed nothing.
func TestModelines(t *testing.T) {
	const modeline = "vim: set textwidth=7 :"
	for _, text := range []string{"", "first", "a\nb\nc\nd\ne\nf"} {
		for _, answer := range []string{modeline, modeline + "\n", "\n\n" + modeline + "\n\n\n", strings.Repeat(modeline+"\n", 20)} {
			e := editor(t, "exit 1")
			_, _ = e.Compose(text, answer)
			kept, _ := filepath.Glob(filepath.Join(e.Dir, "*.md"))
			lines := strings.Split(strings.TrimSuffix(read(t, kept[0]), "\n"), "\n")
			if around := strings.Join(append(lines[:5:5], lines[len(lines)-5:]...), "\n"); strings.Contains(around, "vim:") || !strings.Contains(strings.Join(lines, "\n"), modeline) {
				t.Errorf("%q, %q: %q", text, answer, lines)
			}
		}
	}
}
