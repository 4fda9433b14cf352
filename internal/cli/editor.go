package cli

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/adrg/xdg"
)

// belowIsNotSent is the line under which the last answer stands in the editor.
const belowIsNotSent = "--- the last answer; from this line on nothing is sent ---"

// compose lets the person write a prompt that begins as text, the last answer below
// it for reference.
func (env *Env) compose(text string, earlier *past) (string, error) {
	if earlier == nil || lastAnswer(earlier.Session) == "" {
		return env.edited(text)
	}
	quoted := "> " + strings.ReplaceAll(lastAnswer(earlier.Session), "\n", "\n> ")
	edited, err := env.edited(text + "\n\n" + belowIsNotSent + "\n" + quoted + "\n")
	edited, _, _ = strings.Cut(edited, belowIsNotSent)
	if edited = strings.TrimRight(edited, "\n"); err == nil && strings.TrimSpace(edited) == "" {
		return "", &report{what: "an empty message; nothing sent", code: exitNothing, kind: "editor"}
	}
	return edited, err
}

// edited lets the person edit text in an editor and returns what became of it. If
// that does not work out, the error says where the text is kept.
func (env *Env) edited(text string) (string, error) {
	path, err := writeTemp(text)
	if err != nil {
		return "", err
	}
	command := env.editor()
	cmd := exec.Command(command[0], append(command[1:], path)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, env.Stderr, env.Stderr
	cmd.Env = env.withoutKeys()
	if err := cmd.Run(); err != nil {
		return "", notEdited(fmt.Sprintf("editor %q %s", strings.Join(command, " "), howEnded(err)), path)
	}
	edited, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(string(edited)) == "" || string(edited) == text {
		return "", notEdited(fmt.Sprintf("editor %q left nothing new", strings.Join(command, " ")), path)
	}
	os.Remove(path)
	return strings.TrimRight(string(edited), "\n"), nil
}

func notEdited(what, path string) error {
	return &report{what: what + "; nothing sent", hint: "the text is in " + path, code: exitNothing, kind: "editor"}
}

// editor returns the person's editor, as words of a command line.
func (env *Env) editor() []string {
	for _, name := range []string{"VISUAL", "EDITOR"} {
		if words := strings.Fields(env.getenv(name)); len(words) > 0 {
			return words
		}
	}
	return []string{"vi"}
}

// writeTemp writes text to a new file that survives a crash of the editor.
func writeTemp(text string) (string, error) {
	dir := filepath.Join(xdg.StateHome, "oax")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(dir, "message-*.md")
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(text)
	return f.Name(), errors.Join(err, f.Close())
}

// howEnded says in a word or two how a program failed.
func howEnded(err error) string {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		if code := exit.ExitCode(); code >= 0 {
			return fmt.Sprintf("exited %d", code)
		}
		return "ended by " + exit.ProcessState.String()
	}
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
		return "cannot be found"
	}
	return "failed: " + plainError(err)
}

// withoutKeys is the environment for other programs: they need no key.
func (env *Env) withoutKeys() []string {
	var kept []string
	for _, variable := range env.Environ {
		if name, _, _ := strings.Cut(variable, "="); !strings.HasSuffix(name, "_API_KEY") {
			kept = append(kept, variable)
		}
	}
	return kept
}
