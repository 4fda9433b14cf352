package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"oax/internal/demo"
)

// configuring are the faults of the configuration and the environment.
var configuring = slices.Concat(reaching, []fault{
	{row: "A12", what: "line break in the key", test: func(t *testing.T) {
		h, script := asks(t, demo.Stream(demo.Answer("yes")...))
		h.env["OPENAI_API_KEY"] = canary[:20] + "\n" + canary[20:]
		r := h.run("hi")
		h.check(r, want{stderr: []string{"oax: the API key holds a line break; check OPENAI_API_KEY\n"}, code: 2})
		unasked(t, script)
		if strings.Contains(r.stderr, canary[:20]) || strings.Contains(r.stderr, canary[20:]) {
			t.Errorf("the key is in %q", r.stderr)
		}
		h.env["OPENAI_API_KEY"] = canary + "\r\n"
		h.check(h.run("hi"), want{stdout: "yes\n", prompt: "hi", answer: "yes"})
		heard(t, script, "hi")
		if got := script.Requests()[0].Header.Get("Authorization"); got != "Bearer "+canary {
			t.Errorf("Authorization: %q", got)
		}
	}},
	{row: "A13", what: "key_command gives no key", test: keyCommands},
	{row: "A13", what: "key_command hangs", elsewhere: "internal/config TestKeyCommand"},
	{row: "A14", what: "key on the command line", test: func(t *testing.T) {
		for _, args := range [][]string{{"--key", canary}, {"--key=" + canary}, {"--api-key=" + canary}, {"ls", "--token", canary}} {
			h, script := asks(t)
			h.check(h.run(append(args, "hi")...), want{stderr: []string{
				"oax: keys are not taken on the command line (visible in ps)\n",
				"hint: set OPENAI_API_KEY, or key_command in the config file\n"}, code: 2})
			unasked(t, script)
		}
	}},
	{row: "A15", what: "key that others can read", test: func(t *testing.T) {
		h := configured(t, "key = \""+canary+"\"")
		if err := os.Chmod(h.configPath(), 0o644); err != nil {
			t.Fatal(err)
		}
		h.check(h.run("hi"), want{stdout: "yes\n", prompt: "hi", answer: "yes", stderr: []string{
			fmt.Sprintf("oax: %s is readable by other users (0644)\nhint: chmod 600 %[1]s\n", h.configPath())}})
	}},
	{row: "A16", what: "configuration is no file", test: noFile},
	{row: "A17", what: "configuration does not parse", test: func(t *testing.T) {
		for line, said := range map[string]string{
			"key = \"" + canary:                     "4:45: key: a quote is not closed",
			"key = " + canary:                       "4:7: key: a text must stand in quotes",
			"key = \"a\"\nkey = \"" + canary:        "5:45: key: a quote is not closed",
			"allow_plain_http = \"" + canary + "\"": "4:20: profiles.here.allow_plain_http: must be true or false",
			"timeout = 90":                          `4:11: profiles.here.timeout: must be a time in quotes, as "90s" or "5m"`,
			"endpoint = \"opnai\"":                  "4:1: profiles.here.endpoint: no such endpoint; did you mean openai?",
		} {
			h := configured(t, line)
			h.check(h.run("hi"), want{code: 2, stderr: []string{fmt.Sprintf("oax: %s:%s\n", h.configPath(), said)}})
		}
	}},
	{row: "A18", what: "unknown setting", test: func(t *testing.T) {
		h := configured(t, "modle = \"x\"")
		r := h.run("hi")
		h.check(r, want{stdout: "yes\n", prompt: "hi", answer: "yes", stderr: []string{
			fmt.Sprintf("oax: %s:4:1: unknown setting \"modle\"\nhint: did you mean model?\n", h.configPath())}})
		if strings.Count(r.stderr, "modle") != 1 {
			t.Errorf("said more than once: %q", r.stderr)
		}
	}},
	{row: "A20", what: "forms of base_url", test: baseURLs},
	{row: "A21", what: "no home directory", test: func(t *testing.T) {
		h, script := asks(t)
		for _, name := range []string{"HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"} {
			delete(h.env, name)
		}
		h.check(h.run("hi"), want{code: 2, stderr: []string{"oax: cannot find a home directory\nhint: set XDG_DATA_HOME and XDG_CONFIG_HOME, or HOME\n"}})
		unasked(t, script)
	}},
	{row: "A22", what: "relative XDG_DATA_HOME", test: func(t *testing.T) {
		h, _ := asks(t, demo.Stream(demo.Answer("yes")...))
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
				h, script := asks(t)
				h.env[name] = value
				h.check(h.run("hi"), want{code: 2, stderr: []string{"oax: " + name + " is not a URL\nhint: unset " + name}})
				unasked(t, script)
			}
		}
	}},
})

// configured returns a home whose configuration names a loopback endpoint, which
// answers yes, and has one more line: the fourth.
func configured(t *testing.T, line string) *home {
	t.Helper()
	h, _ := asks(t, demo.Stream(demo.Answer("yes")...))
	h.config(fmt.Sprintf("profile = \"here\"\n[profiles.here]\nbase_url = %q\n%s\n", h.env["OPENAI_BASE_URL"], line))
	delete(h.env, "OPENAI_BASE_URL")
	return h
}

func (h *home) configPath() string {
	return filepath.Join(h.env["XDG_CONFIG_HOME"], "oax", "config.toml")
}

func keyCommands(t *testing.T) {
	for command, said := range map[string]string{
		"false": "exited 1\n",
		"true":  "printed no key\n",
		`echo; printf ' \033]0;x\007boo\nmore\n' >&2; exit 3`: "exited 3: ^[]0;x^Gboo\n",
		"nosuchcommand-oax 2>/dev/null":                       "exited 127\n",
	} {
		h := configured(t, "key_command = '''"+command+"'''")
		h.check(h.run("hi"), unsent("no-key", 4, "oax: key_command "+said))
	}
	h := configured(t, "key_command = \"echo "+canary+"\"")
	h.check(h.run("hi"), want{stdout: "yes\n", prompt: "hi", answer: "yes"})
}

func noFile(t *testing.T) {
	for what, put := range map[string]func(path string) error{
		"fifo":      func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"directory": func(path string) error { return os.Mkdir(path, 0o700) },
		"device":    func(path string) error { return os.Symlink("/dev/zero", path) },
	} {
		h, script := asks(t)
		if err := os.MkdirAll(filepath.Dir(h.configPath()), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := put(h.configPath()); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		h.check(h.run("hi"), want{code: 2, stderr: []string{"oax: " + h.configPath() + " is not a regular file\n"}})
		if took := time.Since(begun); took > time.Second {
			t.Errorf("%s: it took %v", what, took)
		}
		unasked(t, script)
	}
}

// baseURLs are forms that are made right, and forms that get a hint.
func baseURLs(t *testing.T) {
	for _, slashes := range []string{"/", "///", " \n"} {
		h, script := asks(t, demo.Stream(demo.Answer("yes")...))
		h.env["OPENAI_BASE_URL"] += slashes
		h.check(h.run("hi"), want{stdout: "yes\n", prompt: "hi", answer: "yes"})
		heard(t, script, "hi")
		if path := script.Requests()[0].Path; path != "/v1/chat/completions" {
			t.Errorf("%q: the path is %s", slashes, path)
		}
	}
	for form, said := range map[string]string{
		"HOST/v1":                          "must begin with http:// or https://\nhint: base_url = http://HOST/v1\n",
		"ftp://HOST/v1":                    "must begin with http:// or https://\n",
		"http://HOST/v1?version=1":         "must not hold a query (?...)\n",
		"http://HOST/v1#there":             "must not hold a fragment (#...)\n",
		"http://me:" + canary + "@HOST/v1": "must not hold a user name or password\n",
		"http://HOST/v1/chat/completions/": "should end before /chat/completions\n",
		"http:///v1":                       "names no host\n",
		"http://[::1/v1":                   "is not a URL\n",
	} {
		h, script := asks(t)
		host := hostOf(h)
		h.env["OPENAI_BASE_URL"] = strings.ReplaceAll(form, "HOST", host)
		h.check(h.run("hi"), want{code: 2, stderr: []string{"oax: OPENAI_BASE_URL " + strings.ReplaceAll(said, "HOST", host)}})
		unasked(t, script)
	}
}
