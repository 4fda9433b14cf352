package main

import (
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"oax/internal/demo"
)

// reaching are the faults on the way to an endpoint that a profile describes.
var reaching = []fault{
	{row: "A24", what: "ALL_PROXY alone", test: allProxy},
	{row: "A24", what: "ALL_PROXY of a kind that cannot be used", test: func(t *testing.T) {
		h, script := scripted(t)
		h.env["ALL_PROXY"] = "socks://me:" + canary + "@127.0.0.1:1080/"
		h.check(h.run("hi"), want{code: 2})
		requested(t, script, 0)
		h.env["HTTP_PROXY"] = "http://127.0.0.1:9" // then the other is not used
		h.succeeds("--dry-run", "hi")
	}},
	{row: "A24", what: "a profile's own proxy", test: profileProxy},
	{row: "B6", what: "an authority of one's own", test: ownAuthority},
	{row: "A11", what: "a server on the local network needs no key", test: func(t *testing.T) {
		host, script := proxy(t, demo.Stream(demo.Answer("yes")...)) // stands in for the network
		h := newHome(t)
		delete(h.env, "OPENAI_API_KEY")
		h.env["OPENAI_BASE_URL"], h.env["HTTP_PROXY"] = "http://192.168.7.7:11434/v1", "http://"+host
		h.check(h.run("hi"), want{stdout: "yes\n", prompt: "hi", answer: "yes"})
		oneRequest(t, script, "hi")
	}},
	{row: "C1", what: "a refused field is traced to its flag or its line", test: refusedFields},
	{row: "B5", what: "a profile's own limits", waits: true, test: ownLimits},
}

func allProxy(t *testing.T) {
	for _, name := range []string{"ALL_PROXY", "all_proxy"} {
		host, script := proxy(t, demo.Stream(demo.Answer("by proxy")...))
		h := newHome(t)
		h.config(plainHTTP("http://x.invalid/v1"))
		h.env[name] = "http://" + host
		h.check(h.run("hi"), want{stdout: "by proxy\n", prompt: "hi", answer: "by proxy"})
		oneRequest(t, script, "hi")
	}
}

func profileProxy(t *testing.T) {
	host, script := proxy(t, demo.Stream(demo.Answer("by proxy")...))
	h := newHome(t)
	h.env["HTTP_PROXY"] = "http://127.0.0.1:9"
	h.config(plainHTTP("http://x.invalid/v1") + "proxy = \"http://" + host + "\"\n")
	h.check(h.run("hi"), want{stdout: "by proxy\n", prompt: "hi", answer: "by proxy"})
	oneRequest(t, script, "hi")
	h.config(plainHTTP("http://x.invalid/v1") + "proxy = \"none\"\n")
	h.checkRun(h.run("hi"), want{code: 6}) // without the proxy of the environment
}

func ownAuthority(t *testing.T) {
	server := httptest.NewTLSServer(demo.Script(demo.Stream(demo.Answer("yes")...)))
	t.Cleanup(server.Close)
	h := newHome(t)
	profile := fmt.Sprintf("profile = \"own\"\n[profiles.own]\nkey_env = \"OPENAI_API_KEY\"\nbase_url = %q\nmodel = \"m\"\nca_file = ", server.URL)
	h.config(profile + "\"own.pem\"\n")
	path := filepath.Join(filepath.Dir(h.configPath()), "own.pem")
	h.check(h.run("hi"), want{code: 2})
	write(t, path, "not a certificate")
	h.check(h.run("hi"), want{code: 2})
	write(t, path, certificate(server))
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
		args []string
		line string // of the profile
		body string
	}{
		{[]string{"--temperature", "0.2"}, "", refused},
		{nil, "params.temperature = 0.2", refused},
		{[]string{"-o", "top_k=3"}, "", unknown},
		{nil, "params.top_k = 3", unknown},
		{[]string{"--max-tokens", "9"}, "", renamed},
		{nil, "params.max_tokens = 9", renamed},
		{[]string{"-s", "Be brief."}, "", role},
		{nil, "", unknown}, // what nobody set
	} {
		h := configured(t, test.line)
		script := demo.Script(demo.Reply(http.StatusBadRequest, "application/json", test.body))
		h.config(fmt.Sprintf("profile = \"here\"\n[profiles.here]\nbase_url = %q\n%s\nmodel = \"m\"\n", listens(t, script), test.line))
		h.checkRun(h.run(append(test.args, "hi")...), want{code: 8})
	}
}

func ownLimits(t *testing.T) {
	h, _ := scripted(t, demo.Exchange{Before: 30e9})
	h.config(fmt.Sprintf("profile = \"here\"\n[profiles.here]\nbase_url = %q\ntimeout = \"1500ms\"\nmodel = \"m\"\n", h.env["OPENAI_BASE_URL"]))
	h.check(h.run("hi"), unsent("timeout", 6))
	h.checkRun(h.run("--timeout", "2500ms", "hi"), want{code: 6}) // the flag wins
}
