package cli

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"

	"oax/internal/config"
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
	path, err := writeState("message-*.md", text) // it outlives a crash of the editor
	if err != nil {
		return "", err
	}
	if failed := env.runEditor(path); failed != "" {
		return "", notEdited(failed, path)
	}
	edited, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(string(edited)) == "" || string(edited) == text {
		return "", notEdited(fmt.Sprintf("editor %q left nothing new", env.editor()), path)
	}
	os.Remove(path)
	return strings.TrimRight(string(edited), "\n"), nil
}

func notEdited(what, path string) error {
	return &report{what: what + "; nothing sent", hint: "the text is in " + path, code: exitNothing, kind: "editor"}
}

// runEditor runs the person's editor as git does: by the shell, since it may be a
// command with options. It returns what went wrong with it, or nothing.
func (env *Env) runEditor(path string) (failed string) {
	env.Caught()
	editor := env.editor()
	cmd := exec.Command("sh", "-c", editor+` "$1"`, editor, path)
	if runtime.GOOS == "windows" {
		words := append(strings.Fields(editor), path)
		cmd = exec.Command(words[0], words[1:]...)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = env.Stdin, env.Stderr, env.Stderr
	cmd.Env = env.withoutKeys()
	err := cmd.Run()
	if err == nil {
		return ""
	}
	how := "failed: " + plainError(err)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.Exited() {
		how = fmt.Sprintf("exited %d", exit.ExitCode())
		if exit.ExitCode() == 127 { // the shell's word for it
			how = "cannot be found"
		}
	}
	return fmt.Sprintf("editor %q %s", editor, how)
}

func (env *Env) editor() string {
	if editor := env.firstSet("VISUAL", "EDITOR").value; editor != "" {
		return editor
	}
	return "vi"
}

// withoutKeys is the environment for other programs: they need no key.
func (env *Env) withoutKeys() []string {
	file := env.config
	if file == nil {
		file = &config.File{}
	}
	keys := file.KeyVariables()
	return slices.DeleteFunc(slices.Clone(env.Environ), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return strings.HasSuffix(name, "_API_KEY") || slices.Contains(keys, name)
	})
}
