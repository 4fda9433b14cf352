package report

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"testing"

	"oax/internal/config"
	"oax/internal/search"
	"oax/internal/session"
	"oax/internal/session/disk"
	"oax/internal/term"
	"oax/internal/tools"
)

// table has a row for each kind of error that is not a service's.
var table = []struct {
	err        error
	what, hint string
	kind       string
	code       int
}{
	{errors.New("odd"), "odd", "", "other", 1},
	{context.Canceled, "stopped", "", "stopped", 1},
	{Interrupted{os.Interrupt}, "stopped", "", "stopped", 1},
	{Usage("no prompt given", "oax hi"), "no prompt given", "oax hi", "usage", 2},

	{&session.NotFoundError{Ref: "k3f"}, "no session k3f", "oax ls", "nothing", 1},
	{&session.NotFoundError{Ref: "@2"}, "no session @2", "oax ls", "nothing", 1},
	{&session.NotFoundError{Ref: "@"}, "there are no sessions yet", `oax "question" begins one`, "nothing", 1},
	{&session.AmbiguousError{Ref: "a", IDs: []string{"ab", "ac"}}, "several sessions begin with a: ab, ac", "type more of the ID", "usage", 2},
	{&session.AmbiguousError{Ref: "a", IDs: []string{"ab", "ab"}, Files: []string{"2026-11/x_ab.jsonl", "2026-10/y_ab.jsonl"}},
		"several files have the ID ab: 2026-11/x_ab.jsonl, 2026-10/y_ab.jsonl", "-r in place of the ID lets you pick one", "usage", 2},
	{&session.BadIDError{Ref: "../../x"}, `not a session id: "../../x"`, "oax ls", "usage", 2},
	{&session.NewerError{ID: "k3f", Version: 2}, "session k3f was written by a newer oax; opened read-only", "", "usage", 2},
	{&disk.FileError{Path: "f", What: "a symbolic link"}, "f is a symbolic link; refused", "", "disk", 7},
	{&session.BusyError{ID: "k3f", PID: 7}, "session k3f is open in another oax (PID 7)", "try again when it is done", "busy", 1},
	{&session.BusyError{ID: "k3f"}, "session k3f is open in another oax", "try again when it is done", "busy", 1},

	{&config.NoHomeError{}, "cannot find a home directory", "set XDG_DATA_HOME and XDG_CONFIG_HOME, or HOME", "config", 2},
	{&config.NoKeyError{BaseURL: "https://a.example/v1", Env: "A_KEY"}, "no API key for https://a.example/v1",
		"set A_KEY, or key_command in the config file; oax -p demo needs no key", "no-key", 4},
	{&config.NoKeyError{BaseURL: "https://a.example", Location: at(7)}, "no API key for https://a.example",
		"set OPENAI_API_KEY, or key_command in config.toml; oax -p demo needs no key", "no-key", 4},
	{&config.KeyCommandError{Setting: "key_command", ExitCode: 1, Stderr: "no"}, "key_command exited 1: no", "", "no-key", 4},
	{&config.KeyCommandError{Setting: "key_command", ExitCode: 1, Location: at(7)}, "key_command exited 1", "see config.toml:7", "no-key", 4},
	{&config.PlainHTTPError{Host: "a.example"}, "refusing to send the key unencrypted to http://a.example", "use https, or allow_plain_http = true", "config", 2},
	{&config.BaseURLError{Setting: "base_url", Problem: "is odd", Suggest: "http://x/v1", Location: at(3)}, "config.toml:3: base_url is odd", "base_url = http://x/v1", "config", 2},
	{&config.NoBaseURLError{Profile: "a", Location: at(3)}, `config.toml:3: profile "a" has no base_url`, "oax config edit", "config", 2},
	{&config.UnknownProfileError{Name: "wrok", Known: []string{"demo", "work"}, Nearest: "work"}, `no profile "wrok"`, "oax -p work", "config", 2},
	{&config.UnknownProfileError{Name: "x", Known: []string{"demo", "work"}, Location: at(1)}, `config.toml:1: no profile "x"`, "the profiles are demo, work", "config", 2},
	{&config.UnknownProfileError{Name: "x", Known: []string{"demo"}, Source: config.Source{From: config.ByEnv, Name: "OAX_PROFILE"}},
		`no profile "x", named by OAX_PROFILE`, "the profiles are demo", "config", 2},
	{&config.FileError{Path: "c", Err: &fs.PathError{Op: "open", Path: "c", Err: syscall.EACCES}}, "cannot read c: permission denied", "", "config", 2},
	{&config.FileError{Path: "c"}, "c is not a regular file", "", "config", 2},
	{&config.UnknownTemplateError{Name: "quux", Known: []string{"review"}}, `no template "quux"`, "oax -t lists the templates", "config", 2},
	{&config.UnknownTemplateError{Name: "reviw", Known: []string{"review"}, Nearest: "review"}, `no template "reviw"`, "oax -t review", "config", 2},
	{&config.UnknownTemplateError{Name: "x"}, `no template "x"`, `oax config edit, and write [templates.NAME] with prompt = "..."`, "config", 2},

	{&tools.UnknownError{Name: "wether", Known: []string{"clock", "weather"}, Nearest: "weather"}, `no tool "wether"`, "did you mean weather?", "config", 2},
	{&tools.UnknownError{Name: "x", Known: []string{"clock"}}, `no tool "x"`, "oax tools lists the tools", "config", 2},
	{&tools.UnknownError{Name: "docs.find", Server: "docs", Known: []string{"docs.search"}}, "the server docs has no tool find", "oax tools test docs lists its tools", "config", 2},
	{&tools.SchemaFileError{Tool: "a", Path: "a.json", Line: 2, Column: 3}, "a.json:2:3: not JSON", "a schema has name, description and parameters: oax help tools", "config", 2},
	{&tools.SchemaFileError{Tool: "a", Path: "a.json", Err: &fs.PathError{Op: "stat", Path: "a.json", Err: syscall.ENOENT}},
		"the schema of the tool a cannot be read: a.json: no such file or directory", "see [tools.a] in the configuration", "config", 2},
	{&tools.ArgumentsError{Tool: "a", Err: errors.New("x")}, "the arguments do not fit the parameters of a: x", "oax tools test a shows them", "usage", 2},
	{&tools.ServerError{Server: "docs", What: "did not answer in 1m0s", Stderr: "no database"}, "the server docs did not answer in 1m0s: no database", "oax tools test docs --debug logs all that the server writes", "tool", 1},
	{&tools.ServerError{Server: "docs", What: "did not answer in 1m0s"}, "the server docs did not answer in 1m0s", "see [mcp.docs] in the configuration", "tool", 1},
	{&tools.ServerError{Server: "docs", What: "refuses the request", Err: tools.ErrUnauthorized}, "the server docs refuses the request: 401 Unauthorized",
		"set token_command in [mcp.docs] to what prints a token that the server takes", "tool", 1},
	{&tools.ServerError{Server: "docs", What: "cannot be started", Err: &config.KeyCommandError{Setting: "token_command", ExitCode: 1, Location: at(7)}},
		"the server docs cannot be started: token_command exited 1", "see config.toml:7", "tool", 1},

	{&search.PatternError{Pattern: "it's (", Problem: "missing closing )"}, "not a regular expression: missing closing )", `to search for the text itself: oax grep -F 'it'\''s ('`, "usage", 2},
	{&search.PatternError{Pattern: "a\xff", Problem: "invalid UTF-8"}, "not a regular expression: invalid UTF-8", "", "usage", 2},
	{&term.NoTTYError{Err: syscall.ENXIO}, "there is no terminal to continue at", "leave out -i", "usage", 2},
	{&term.NoTTYError{Piped: true, Err: errors.ErrUnsupported}, "cannot continue at the terminal after piped input", "leave out -i", "usage", 2},
	{&term.TimeError{Text: "2x"}, `not a time: "2x"`, `2d, 3w, 6mo, 12h, today, yesterday, monday, 2026-11, 2026-11-21, 23:45 or "2026-11-21 23:45"`, "usage", 2},

	{&fs.PathError{Op: "open", Path: "s", Err: syscall.EACCES}, "cannot read s: permission denied", "", "disk", 7},
	{&fs.PathError{Op: "write", Path: "s", Err: syscall.ENOSPC}, "cannot write s: no space left", "", "disk", 7},
	{&fs.PathError{Op: "open", Path: "s", Err: syscall.EMFILE}, "cannot read s: too many open files", "ulimit -n 1024 allows more open files", "disk", 7},
}

func at(line int) config.Location {
	return config.Location{Path: "config.toml", Position: config.Position{Line: line}}
}

// Each error means the same wrapped once, wrapped twice, and joined to another one.
func TestOf(t *testing.T) {
	for _, c := range table {
		for _, err := range []error{
			c.err, fmt.Errorf("a: %w", c.err), fmt.Errorf("a: %w", fmt.Errorf("b: %w", c.err)), errors.Join(errors.New("x"), c.err),
		} {
			r := Of(err)
			if c.kind == "other" && err != c.err {
				continue
			}
			if r.What != c.what || r.Hint != c.hint || r.Kind != c.kind || r.Code != c.code {
				t.Errorf("%v: %+v", err, *r)
			}
		}
	}
	if Of(nil) != nil {
		t.Error("no error is a failure")
	}
}

func TestCannot(t *testing.T) {
	for _, c := range []struct {
		err        error
		what, hint string
		code       int
	}{
		{&session.BusyError{ID: "k3f", PID: 7}, "session k3f is open in another oax (PID 7)", "try again when it is done", 1},
		{fmt.Errorf("x: %w", &session.NewerError{ID: "k3f", Version: 2}), "session k3f was written by a newer oax; opened read-only", "", 2},
		{&fs.PathError{Op: "rename", Path: "x", Err: fs.ErrExist}, "cannot do it: there is one already", "", 7},
		{&fs.PathError{Op: "mkdir", Path: "x", Err: syscall.ENOSPC}, "cannot do it: no space left", "oax rm --purge frees space: it does not use the trash", 7},
		{errors.Join(syscall.EIO), "cannot do it: input/output error", "", 7},
	} {
		if r := Cannot("do it", c.err); r.What != c.what || r.Hint != c.hint || r.Code != c.code {
			t.Errorf("%v: %+v", c.err, *r)
		}
	}
}

func TestOutput(t *testing.T) {
	for _, c := range []struct {
		err    error
		what   string
		signal os.Signal
		code   int
	}{
		{&fs.PathError{Op: "write", Err: syscall.EPIPE}, "", syscall.SIGPIPE, 1},
		{&fs.PathError{Op: "write", Err: syscall.EIO}, "", syscall.SIGHUP, 1},
		{&fs.PathError{Op: "write", Err: syscall.ENOSPC}, "cannot write output: no space left", nil, 7},
		{Interrupted{syscall.SIGTERM}, "stopped", syscall.SIGTERM, 1},
		{Nothing("nothing", ""), "nothing", nil, 1},
	} {
		if r := Output(c.err); r.What != c.what || r.Signal != c.signal || r.Code != c.code {
			t.Errorf("%v: %+v", c.err, *r)
		}
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0 turns", 1: "1 turn", 2: "2 turns"} {
		if got := Count(n, "turn"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestQuote(t *testing.T) {
	for word, want := range map[string]string{
		"": "''", "plain": "plain", "日本語": "日本語", "@2": "@2", "a=b/c.d:e,f+g%h-i_j": "a=b/c.d:e,f+g%h-i_j",
		"two words": "'two words'", "$HOME?": "'$HOME?'", "isn't": `'isn'\''t'`, "~/x": "'~/x'", "*": "'*'", "a\nb": "'a\nb'",
	} {
		if got := Quote(word); got != want {
			t.Errorf("%q: %s, want %s", word, got, want)
		}
	}
}
