package main

import (
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oax/internal/demo"
)

// reaching are the faults on the way to an endpoint that a profile describes.
var reaching = []fault{
	{row: "A24", what: "ALL_PROXY alone", test: allProxy},
	{row: "A24", what: "ALL_PROXY of a kind that cannot be used", test: func(t *testing.T) {
		h, script := asks(t)
		h.env["ALL_PROXY"] = "socks://me:" + canary + "@127.0.0.1:1080/"
		h.check(h.run("hi"), want{code: 2, stderr: []string{
			"oax: ALL_PROXY names a kind of proxy that oax cannot use: socks\nhint: ALL_PROXY=socks5://127.0.0.1:1080\n"}})
		unasked(t, script)
		h.env["HTTP_PROXY"] = "http://127.0.0.1:9" // then the other is not used
		if r := h.run("--dry-run", "hi"); r.code != 0 {
			t.Errorf("%+v", r)
		}
	}},
	{row: "A24", what: "a profile's own proxy", test: profileProxy},
	{row: "B6", what: "an authority of one's own", test: ownAuthority},
	{row: "A11", what: "a server on the local network needs no key", test: func(t *testing.T) {
		host, script := proxy(t, demo.Stream(demo.Answer("yes")...)) // stands in for the network
		h := newHome(t)
		delete(h.env, "OPENAI_API_KEY")
		h.env["OPENAI_BASE_URL"], h.env["HTTP_PROXY"] = "http://192.168.7.7:11434/v1", "http://"+host
		h.check(h.run("hi"), want{stdout: "yes\n", prompt: "hi", answer: "yes"})
		heard(t, script, "hi")
	}},
	{row: "C1", what: "a refused field is traced to its flag or its line", test: refusedFields},
	{row: "B5", what: "a profile's own limits", test: ownLimits},
}

func allProxy(t *testing.T) {
	for _, name := range []string{"ALL_PROXY", "all_proxy"} {
		host, script := proxy(t, demo.Stream(demo.Answer("by proxy")...))
		h := newHome(t)
		h.config(plainHTTP("http://x.invalid/v1"))
		h.env[name] = "http://" + host
		h.check(h.run("hi"), want{stdout: "by proxy\n", prompt: "hi", answer: "by proxy"})
		heard(t, script, "hi")
	}
}

func profileProxy(t *testing.T) {
	host, script := proxy(t, demo.Stream(demo.Answer("by proxy")...))
	h := newHome(t)
	h.env["HTTP_PROXY"] = "http://127.0.0.1:9"
	h.config(plainHTTP("http://x.invalid/v1") + "proxy = \"http://" + host + "\"\n")
	h.check(h.run("hi"), want{stdout: "by proxy\n", prompt: "hi", answer: "by proxy"})
	heard(t, script, "hi")
	h.config(plainHTTP("http://x.invalid/v1") + "proxy = \"none\"\n")
	if r := h.run("hi"); r.code != 6 || !strings.Contains(r.stderr, "oax: cannot find host x.invalid\n") {
		t.Errorf("past the proxy of the environment: %+v", r)
	}
}

func ownAuthority(t *testing.T) {
	server := httptest.NewTLSServer(demo.Script(demo.Stream(demo.Answer("yes")...)))
	t.Cleanup(server.Close)
	h := newHome(t)
	profile := fmt.Sprintf("profile = \"own\"\n[profiles.own]\nkey_env = \"OPENAI_API_KEY\"\nbase_url = %q\nca_file = ", server.URL)
	h.config(profile + "\"own.pem\"\n")
	path := filepath.Join(filepath.Dir(h.configPath()), "own.pem")
	at := fmt.Sprintf("hint: see ca_file in %s:5:1\n", h.configPath())
	h.check(h.run("hi"), want{code: 2, stderr: []string{"oax: cannot read " + path + ": no such file or directory\n" + at}})
	if err := os.WriteFile(path, []byte("not a certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.check(h.run("hi"), want{code: 2, stderr: []string{"oax: " + path + " holds no certificate in PEM form\n" + at}})
	if err := os.WriteFile(path, []byte(certificate(server)), 0o600); err != nil {
		t.Fatal(err)
	}
	h.check(h.run("hi"), want{stdout: "yes\n", prompt: "hi", answer: "yes"})
}

func certificate(server *httptest.Server) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
}

func refusedFields(t *testing.T) {
	const refused = `{"error":{"message":"Unsupported value: 'temperature' does not support 0.2 with this model.","param":"temperature"}}`
	const renamed = `{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","param":"max_tokens"}}`
	const role = `{"error":{"message":"Unsupported value: 'messages[0].role' does not support 'system' with this model.","param":"messages[0].role"}}`
	const unknown = `{"error":{"message":"json: unknown field \"top_k\""}}`
	for _, test := range []struct {
		args       []string
		line       string // of the profile
		body, hint string
	}{
		{[]string{"--temperature", "0.2"}, "", refused, "leave out --temperature\n"},
		{nil, "params.temperature = 0.2", refused, "remove temperature from CONFIG:4:8\n"},
		{[]string{"-o", "top_k=3"}, "", unknown, "leave out -o top_k\n"},
		{nil, "params.top_k = 3", unknown, "remove top_k from CONFIG:4:8\n"},
		{[]string{"--max-tokens", "9"}, "", renamed, "-o max_completion_tokens=9 in place of --max-tokens\n"},
		{nil, "params.max_tokens = 9", renamed, "write max_completion_tokens in place of max_tokens in CONFIG:4:8\n"},
		{[]string{"-s", "Be brief."}, "", role, "leave out --system, or set system_role = \"user\" for here in the config file\n"},
		{nil, "", unknown, ""}, // what was not asked for
	} {
		h := configured(t, test.line)
		script := demo.Script(demo.Reply(http.StatusBadRequest, "application/json", test.body))
		server, err := demo.Start(script)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(server.Close)
		h.config(fmt.Sprintf("profile = \"here\"\n[profiles.here]\nbase_url = %q\n%s\n", server.URL(), test.line))
		r := h.run(append(test.args, "hi")...)
		_, hint, _ := strings.Cut(r.stderr, "hint: ")
		if want := strings.ReplaceAll(test.hint, "CONFIG", h.configPath()); hint != want || r.code != 8 || !strings.HasPrefix(r.stderr, "oax: the service refused the request (400): ") {
			t.Errorf("%v, %q: %+v, want the hint %q", test.args, test.line, r, want)
		}
	}
}

func ownLimits(t *testing.T) {
	h, _ := asks(t, demo.Exchange{Before: 30e9})
	h.config(fmt.Sprintf("profile = \"here\"\n[profiles.here]\nbase_url = %q\ntimeout = \"200ms\"\n", h.env["OPENAI_BASE_URL"]))
	r := h.run("hi")
	h.check(r, unsent("timeout", 6, "oax: no reply from ", " for 0.2 s\n"))
	if r := h.run("--timeout", "300ms", "hi"); !strings.Contains(r.stderr, " for 0.3 s\n") {
		t.Errorf("the flag does not win: %+v", r)
	}
}
