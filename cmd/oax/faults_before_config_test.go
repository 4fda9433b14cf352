package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oax/internal/demo"
)

// configuring are the faults of the configuration and the environment.
var configuring = slices.Concat(reaching, []fault{
	{row: "A12", what: "line break in the key", test: func(t *testing.T) {
		h, script := scripted(t, demo.Stream(demo.Answer("yes")...))
		h.env["OPENAI_API_KEY"] = canary[:20] + "\n" + canary[20:]
		r := h.run("hi")
		h.check(r, want{code: 2})
		requested(t, script, 0)
		holdsNone(t, r.stderr, canary[:20], canary[20:])
		h.env["OPENAI_API_KEY"] = canary + "\r\n"
		h.check(h.run("hi"), want{stdout: "yes\n", prompt: "hi", answer: "yes"})
		oneRequest(t, script, "hi")
		equal(t, "Authorization", script.Requests()[0].Header.Get("Authorization"), "Bearer "+canary)
	}},
	{row: "A13", what: "key_command gives no key", test: keyCommands},
	{row: "A14", what: "key on the command line", test: func(t *testing.T) {
		for _, args := range [][]string{{"--key", canary}, {"--key=" + canary}, {"--api-key=" + canary}, {"ls", "--token", canary}} {
			h, script := scripted(t)
			h.check(h.run(append(args, "hi")...), want{code: 2})
			requested(t, script, 0)
		}
	}},
	{row: "A15", what: "key that others can read", test: func(t *testing.T) {
		h := configured(t, "key = \""+canary+"\"")
		must(t, os.Chmod(h.configPath(), 0o644))
		h.check(h.run("hi"), want{stdout: "yes\n", prompt: "hi", answer: "yes", notes: true})
	}},
	{row: "A16", what: "configuration is no file", test: noFile},
	{row: "A17", what: "configuration does not parse", test: func(t *testing.T) {
		for _, line := range []string{"key = \"" + canary, "key = " + canary, "key = \"a\"\nkey = \"" + canary,
			"allow_plain_http = \"" + canary + "\"", "timeout = 90", "endpoint = \"opnai\""} {
			h := configured(t, line)
			h.check(h.run("hi"), want{code: 2})
		}
	}},
	{row: "A18", what: "unknown setting", test: func(t *testing.T) {
		h := configured(t, "modle = \"x\"")
		h.check(h.run("hi"), want{stdout: "yes\n", prompt: "hi", answer: "yes", notes: true})
	}},
	{row: "A20", what: "forms of base_url", test: baseURLs},
	{row: "A21", what: "no home directory", test: func(t *testing.T) {
		h, script := scripted(t)
		for _, name := range []string{"HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"} {
			delete(h.env, name)
		}
		h.check(h.run("hi"), want{code: 2})
		requested(t, script, 0)
	}},
	{row: "A22", what: "relative XDG_DATA_HOME", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Stream(demo.Answer("yes")...))
		h.env["XDG_DATA_HOME"] = "data"
		r := h.run("hi")
		h.env["XDG_DATA_HOME"] = filepath.Join(h.dir, ".local", "share")
		h.check(r, want{stdout: "yes\n", prompt: "hi", answer: "yes"})
		if _, err := os.Stat(filepath.Join(h.dir, "data")); err == nil {
			t.Error("something was written to the relative directory")
		}
	}},
	{row: "A23", what: "proxy that is no URL", test: func(t *testing.T) {
		for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY"} {
			for _, value := range []string{"::bad", "http://", "http://me:" + canary + "@a b"} {
				h, script := scripted(t)
				h.env[name] = value
				h.check(h.run("hi"), want{code: 2})
				requested(t, script, 0)
			}
		}
	}},
})

// configured returns a home whose configuration names a loopback endpoint, which
// answers yes, and has one more line: the fourth.
func configured(t *testing.T, line string) *home {
	t.Helper()
	h, _ := scripted(t, demo.Stream(demo.Answer("yes")...))
	h.config(fmt.Sprintf("profile = \"here\"\n[profiles.here]\nbase_url = %q\n%s\nmodel = \"m\"\n", h.env["OPENAI_BASE_URL"], line))
	delete(h.env, "OPENAI_BASE_URL")
	return h
}

func (h *home) configPath() string {
	return filepath.Join(h.env["XDG_CONFIG_HOME"], "oax", "config.toml")
}

// schema writes a file beside the configuration.
func (h *home) schema(name, text string) {
	h.t.Helper()
	write(h.t, filepath.Join(filepath.Dir(h.configPath()), name), text)
}

func keyCommands(t *testing.T) {
	for _, command := range []string{"false", "true", `echo; printf ' \033]0;x\007boo\nmore\n' >&2; exit 3`, "nosuchcommand-oax 2>/dev/null"} {
		h := configured(t, "key_command = '''"+command+"'''")
		h.check(h.run("hi"), unsent("no-key", 4))
	}
	h := configured(t, "key_command = \"echo "+canary+"\"")
	h.check(h.run("hi"), want{stdout: "yes\n", prompt: "hi", answer: "yes"})
}

func noFile(t *testing.T) {
	for _, put := range []func(path string) error{
		mkfifo,
		func(path string) error { return os.Mkdir(path, 0o700) },
		func(path string) error { return os.Symlink("/dev/zero", path) },
	} {
		h, script := scripted(t)
		must(t, os.MkdirAll(filepath.Dir(h.configPath()), 0o700))
		must(t, put(h.configPath()))
		h.check(h.run("hi"), want{code: 2})
		requested(t, script, 0)
	}
}

// baseURLs are forms that are made right, and forms that get a hint.
func baseURLs(t *testing.T) {
	for _, slashes := range []string{"/", "///", " \n"} {
		h, script := scripted(t, demo.Stream(demo.Answer("yes")...))
		h.env["OPENAI_BASE_URL"] += slashes
		h.check(h.run("hi"), want{stdout: "yes\n", prompt: "hi", answer: "yes"})
		oneRequest(t, script, "hi")
		if path := script.Requests()[0].Path; path != "/v1/chat/completions" {
			t.Errorf("%q: the path is %s", slashes, path)
		}
	}
	for _, form := range []string{"HOST/v1", "ftp://HOST/v1", "http://HOST/v1?version=1", "http://HOST/v1#there", "http://me:" + canary + "@HOST/v1",
		"http://HOST/v1/chat/completions/", "http:///v1", "http://[::1/v1"} {
		h, script := scripted(t)
		h.env["OPENAI_BASE_URL"] = strings.ReplaceAll(form, "HOST", hostOf(h))
		h.check(h.run("hi"), want{code: 2})
		requested(t, script, 0)
	}
}
