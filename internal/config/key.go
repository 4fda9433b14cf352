package config

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// Where a key comes from, and what it may be sent to.

// key returns the profile's key and its source as in Endpoint.KeySource: key_command if
// there is one, else the stored key.
func (p profile) key(ctx context.Context, s Settings) (Secret, string, error) {
	if p.KeyCommand == "" {
		text, source := p.storedKey(s)
		key, err := clean(text, source)
		return key, source, err
	}
	text, err := runKeyCommand(ctx, "key_command", p.KeyCommand, s.Environ, cmp.Or(s.KeyLimit, keyLimit))
	if err != nil {
		return Secret{}, "key_command", err
	}
	key, err := clean(text, "key_command")
	return key, "key_command", err
}

// storedKey returns the first key that there is of: the variable that key_env names, key
// in the file, the usual variable of the service. source is the variable's name, or
// "key".
func (p profile) storedKey(s Settings) (text, source string) {
	for _, from := range []struct{ text, source string }{
		{s.env(p.KeyEnv), p.KeyEnv},
		{p.secret.Reveal(), "key"},
		{s.env(p.fallbackEnv), p.fallbackEnv},
	} {
		if strings.TrimRight(from.text, "\r\n") != "" {
			return from.text, from.source
		}
	}
	return "", ""
}

// checkKey refuses an endpoint that needs a key and has none, and one that would get its
// key unencrypted over a network. A server on a private network needs none, unless the
// profile names a variable for it.
func (f *File) checkKey(e Endpoint, p profile) error {
	u, err := url.Parse(e.BaseURL)
	if err != nil {
		return err
	}
	hasKey := e.Key.Reveal() != "" || slices.ContainsFunc(slices.Collect(maps.Keys(e.Headers)), SecretHeader)
	switch {
	case IsLoopback(u.Hostname()):
		return nil
	case !hasKey && p.KeyEnv == "" && (e.Local || isPrivate(u.Hostname())):
		return nil
	case !hasKey:
		missing := &NoKeyError{e.BaseURL, e.KeyEnv, Location{Path: f.Path}}
		missing.Line = f.Position("profiles." + e.Profile).Line
		return missing
	case u.Scheme == "http" && !e.AllowPlainHTTP:
		return &PlainHTTPError{u.Host}
	}
	return nil
}

// KeyVariables returns the environment variables that may hold a key: those of the
// built-in endpoints and those that the file names.
func (f *File) KeyVariables() []string {
	var list []string
	for _, e := range builtins() {
		list = append(list, e.keyEnv)
	}
	for _, p := range f.profiles {
		list = append(list, p.KeyEnv)
	}
	return list
}

// WithoutKeys returns the environment for other programs: they need no key. A nil File
// names no variables of its own.
func (f *File) WithoutKeys(environ []string) []string {
	if f == nil {
		f = &File{}
	}
	keys := f.KeyVariables()
	return slices.DeleteFunc(slices.Clone(environ), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return strings.HasSuffix(name, "_API_KEY") || slices.Contains(keys, name)
	})
}

// NoKeyError says that no key is set for a host that is not this machine.
type NoKeyError struct {
	BaseURL  string
	Env      string // the variable that was read, if any was
	Location        // of the profile; only the file if it has no such profile
}

func (e *NoKeyError) Error() string { return "no API key for " + e.BaseURL }

// PlainHTTPError says that the key would travel unencrypted to a host that is not this
// machine, which the profile does not allow.
type PlainHTTPError struct {
	Host string // with the port, if there is one
}

func (e *PlainHTTPError) Error() string {
	return "refusing to send the key unencrypted to http://" + e.Host
}

// KeyCommandError says that key_command or token_command gave no key: it took longer than Limit, or
// exited with ExitCode, or could not run or was killed (Err), or, if all three are zero,
// printed nothing.
type KeyCommandError struct {
	Setting  string // key_command or token_command
	Limit    time.Duration
	ExitCode int
	Err      error
	Stderr   string // the first line of its standard error, unfiltered
	Location        // of the setting
}

func (e *KeyCommandError) Error() string {
	text := " printed no key"
	switch {
	case e.Limit != 0:
		text = fmt.Sprintf(" did not finish in %g s", e.Limit.Seconds())
	case e.ExitCode != 0:
		text = fmt.Sprintf(" exited %d", e.ExitCode)
	case e.Err != nil:
		text = " failed: " + e.Err.Error()
	}
	if e.Stderr != "" {
		text += ": " + e.Stderr
	}
	return e.Setting + text
}

func (e *KeyCommandError) Unwrap() error { return e.Err }

// keyLimit is how long a command that prints a key may take.
const keyLimit = 30 * time.Second

// runKeyCommand returns what the command prints. The command has no standard input,
// since that may be the prompt. It is killed with all its descendants when limit passes,
// which is a *KeyCommandError, or when ctx ends, which is the error of ctx.
func runKeyCommand(ctx context.Context, setting, command string, environ []string, limit time.Duration) (string, error) {
	timed, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var stdout, stderr bounded
	cmd := shell(timed, command)
	cmd.Env, cmd.Stdout, cmd.Stderr = environ, &stdout, &stderr
	cmd.WaitDelay = 2 * time.Second // for a descendant that left the group with our pipes

	err := cmd.Run()
	line, _, _ := strings.Cut(strings.TrimSpace(string(stderr.text)), "\n")
	failed := &KeyCommandError{Setting: setting, Stderr: strings.TrimSpace(line)}
	exit, exited := errors.AsType[*exec.ExitError](err)
	switch {
	case err != nil && ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil && timed.Err() != nil:
		failed.Limit = limit
	case exited && exit.Exited():
		failed.ExitCode = exit.ExitCode()
	case err != nil && !errors.Is(err, exec.ErrWaitDelay): // which means that it exited with 0
		failed.Err = err
	case strings.TrimSpace(string(stdout.text)) != "":
		return string(stdout.text), nil
	}
	return "", failed
}

// bounded keeps the first 64 KiB written to it, so that a command that never stops
// printing costs nothing but its time.
type bounded struct{ text []byte }

func (w *bounded) Write(b []byte) (int, error) {
	room := max(0, 64<<10-len(w.text))
	w.text = append(w.text, b[:min(room, len(b))]...)
	return len(b), nil
}

// Secret is an API key. However it is printed, it says [key]; the text is a
// pointer away so that fmt does not find it in an unexported field either.
type Secret struct{ text *string }

func secret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{&text}
}

// Reveal returns the key itself, empty if there is none.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Tail returns the last four bytes of a key of at least twenty, by which a
// person can tell which key it is; of a shorter key, nothing.
func (s Secret) Tail() string {
	text := s.Reveal()
	if len(text) < 20 {
		return ""
	}
	return text[len(text)-4:]
}

// String returns [key].
func (s Secret) String() string { return "[key]" }

// Format prints [key] for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalJSON returns "[key]".
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"[key]"`), nil }

// SecretHeader reports whether a header of that name is likely to hold a secret.
func SecretHeader(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{"auth", "key", "token", "secret", "cookie", "pass", "credential", "signature"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// clean returns the key in text, which came from source. A line break at its end, which
// echo and most programs print, is dropped; any other control character could not be
// sent in a header.
func clean(text, source string) (Secret, error) {
	text = strings.TrimRight(text, "\r\n")
	for _, b := range []byte(text) {
		if b < ' ' || b == 0x7f {
			return Secret{}, &KeyError{Source: source, LineBreak: strings.ContainsAny(text, "\r\n")}
		}
	}
	return secret(text), nil
}

// KeyError says that a key holds a character that no key has. It does not hold the key.
type KeyError struct {
	Source    string // key_command, key, or the variable's name
	LineBreak bool   // a line break; otherwise another control character
	Location         // of the key or key_command in the file; zero for a variable
}

func (e *KeyError) Error() string {
	what := "a control character"
	if e.LineBreak {
		what = "a line break"
	}
	where := e.Source
	if e.Path != "" {
		where += " in " + e.Location.String()
	}
	return "the API key holds " + what + "; check " + where
}
