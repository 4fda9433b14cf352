package main

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"oax/internal/chat"
	"oax/internal/config"
	"oax/internal/demo"
	"oax/internal/openai"
	"oax/internal/openai/completions"
	"oax/internal/report"
	"oax/internal/turn"
)

// limits are faults that the program waits for longer than a test can. They are turns in
// this process, which differ from the program's in nothing but one time limit.
var limits = []fault{
	{row: "A13", what: "key_command hangs", waits: true, test: func(t *testing.T) {
		h := newHome(t)
		for _, command := range []string{"sleep 99", "sleep 99 & sleep 98; echo k", "yes"} {
			h.config("profile = \"here\"\n[profiles.here]\nbase_url = \"http://127.0.0.1:1/v1\"\nkey_command = \"" + command + "\"\n")
			file, _, err := config.Load(h.configPath())
			must(t, err)
			_, err = file.Endpoint(t.Context(), config.Settings{KeyLimit: limit, Environ: h.environ(), Env: func(string) (string, bool) { return "", false }})
			h.checkRun(h.reported("key_command = "+command, err), want{code: 4})
		}
	}},
	{row: "B5", what: "connecting hangs", waits: true, test: func(t *testing.T) {
		address, listener := silent(t)
		fillQueue(t, listener)
		for _, scheme := range []string{"http", "https"} {
			h := newHome(t)
			h.check(h.turn(openai.New(openai.Config{API: completions.API{}, BaseURL: scheme + "://" + address + "/v1", Limits: openai.Limits{Connect: limit}})), unsent("net", 6))
		}
	}},
	{row: "B10", what: "the TLS handshake stalls", test: func(t *testing.T) {
		address, _ := silent(t) // the system takes the connection, and nobody says hello
		h := newHome(t)
		h.check(h.turn(openai.New(openai.Config{API: completions.API{}, BaseURL: "https://" + address + "/v1", Limits: openai.Limits{Connect: patience, TLS: limit}})), unsent("tls", 6))
	}},
	{row: "B11", what: "the proxy does not answer", waits: true, test: func(t *testing.T) {
		address, _ := silent(t)
		for _, scheme := range []string{"socks5", "http", "https"} {
			h, proxy := newHome(t), &url.URL{Scheme: scheme, Host: address}
			limits := openai.Limits{Connect: limit, TLS: limit}
			h.check(h.turn(openai.New(openai.Config{API: completions.API{}, BaseURL: "https://x.invalid/v1", Limits: limits, Proxy: http.ProxyURL(proxy)})), unsent("proxy", 6))
		}
	}},
	{row: "C19", what: "an error body that never ends", test: func(t *testing.T) {
		h, script := scripted(t, demo.Exchange{Status: 400, Body: []demo.Step{demo.Send([]byte("half of the")), demo.Hold()}})
		limits := openai.DefaultLimits()
		limits.ErrorBody = limit
		h.check(h.turn(openai.New(openai.Config{API: completions.API{}, BaseURL: h.env["OPENAI_BASE_URL"], Limits: limits})), unsent("400", 8))
		played(t, script, "hold")
	}},
	{row: "D11", what: "bytes that make no event", waits: true, test: func(t *testing.T) {
		bytes := drip([]byte(strings.Repeat("x", 100_000)), 20*time.Millisecond)
		lines := kept(10_000, 20*time.Millisecond)
		for _, steps := range [][]demo.Step{bytes, lines} {
			h, _ := scripted(t, demo.Stream(append([]demo.Step{sendText("Hello")}, steps...)...))
			limits := openai.DefaultLimits()
			limits.NoEvent = limit
			streamed{want: partAnswer("Hello", "stall")}.check(h, h.turn(openai.New(openai.Config{API: completions.API{}, BaseURL: h.env["OPENAI_BASE_URL"], Limits: limits})))
		}
	}},
}

// limit is the time limit of these rows.
const limit = time.Second

// turn asks "hi" in this process, and saves and prints what comes of it as the program
// does.
func (h *home) turn(c *openai.Client) result {
	h.t.Helper()
	stdout, printed := reader(h.t)
	stderr, said := reader(h.t)
	log := report.NewWriter(stderr, false)
	prompt := chat.Message{Role: chat.User, Text: "hi"}
	saver, err := turn.Begin(h.openStore(time.Now), nil, log, turn.Records("", prompt, "m", "", 0)...)
	must(h.t, err)
	r := turn.Run(h.t.Context(), turn.Options{
		Client: c, Request: openai.Request{Model: "m", Messages: []chat.Message{prompt}}, Saver: saver,
		Output: turn.NewPrinter(stdout, turn.NewText(turn.TextOptions{Color: "never"})),
	})
	end := result{command: "oax hi"}
	if r.Err != nil {
		log.Error(r.Err)
		end.code = r.Err.Code
	}
	stdout.Close()
	stderr.Close()
	end.stdout, end.stderr = <-printed, <-said
	h.clean(end.stdout + end.stderr)
	return end
}

// reported is the end of a run that fails with an error.
func (h *home) reported(command string, err error) result {
	h.t.Helper()
	stderr, said := reader(h.t)
	end := report.Of(err)
	if end == nil {
		h.t.Fatalf("%s does not fail", command)
	}
	report.NewWriter(stderr, false).Error(end)
	stderr.Close()
	return result{command: command, stderr: <-said, code: end.Code}
}

// silent is an address where connections are never answered.
func silent(t *testing.T) (address string, listener *net.TCPListener) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { l.Close() })
	return l.Addr().String(), l.(*net.TCPListener)
}

// fillQueue makes connections until the next one hangs.
func fillQueue(t *testing.T, listener *net.TCPListener) {
	t.Helper()
	raw, err := listener.SyscallConn()
	must(t, err)
	must(t, raw.Control(func(fd uintptr) { err = listenWithoutQueue(fd) }))
	for range 200 {
		conn, err := net.DialTimeout("tcp", listener.Addr().String(), 200*time.Millisecond)
		if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
			return
		}
		must(t, err)
		t.Cleanup(func() { conn.Close() })
	}
	t.Fatal("the queue does not fill")
}
