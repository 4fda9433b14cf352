package cli

import (
	"context"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"oax/internal/demo"
	"oax/internal/openai"
)

// doctored runs a command line in a home of its own, with a configuration.
func doctored(t *testing.T, config string, args ...string) (stdout string, code int) {
	t.Helper()
	home := t.TempDir()
	environment := map[string]string{"HOME": home, "LANG": "C.UTF-8"}
	for _, name := range []string{"DATA", "CONFIG", "CACHE", "STATE"} {
		environment["XDG_"+name+"_HOME"] = filepath.Join(home, name)
	}
	for name, value := range environment {
		t.Setenv(name, value)
	}
	path := configFile()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(filepath.Join(home, "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	exit := Run(t.Context(), &Env{
		Stdin: nil, Stdout: out, Stderr: out, Now: time.Now, Version: "test",
		LookupEnv: func(name string) (string, bool) { value, ok := environment[name]; return value, ok },
	}, args)
	text, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text), exit.Code
}

// routes serve what doctor asks for.
func routes(models, answer http.HandlerFunc) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/v1/models", models)
	mux.HandleFunc("/v1/chat/completions", answer)
	return mux
}

func replies(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		w.Write([]byte(body))
	}
}

func answers(steps ...demo.Step) http.HandlerFunc {
	return demo.Script(demo.Stream(steps...)).ServeHTTP
}

func TestDoctorOfEndpoints(t *testing.T) {
	listed := replies(200, `{"data":[{"id":"small"},{"id":"large"}]}`)
	hangs := func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // or nobody notices that the client has gone
		<-r.Context().Done()
	}
	for _, test := range []struct {
		name           string
		models, answer http.HandlerFunc
		want           []string
		code           int
	}{
		{"well", listed, answers(demo.Answer("ok")...), []string{
			"ok  models         2 listed, small among them\n", "ok  answer         first byte after .*, first token after"}, 0},
		{"reasons only", listed, answers(demo.Send(demo.Finish("length"))), []string{"ok  answer .*; no text within one token\n"}, 0},
		{"one token is too few", listed, replies(400, `{"error":{"message":"Could not finish the message because max_tokens or model output limit was reached."}}`),
			[]string{"ok  answer .*; no text within one token\n"}, 0},
		{"no such model", replies(200, `{"data":[{"id":"smal"}]}`), replies(404, `{"error":{"message":"no model","code":"model_not_found"}}`), []string{
			"--  models         1 listed, small not among them\n +hint: the nearest is smal\n", `!!  answer         HOST has no model "small"` + "\n +hint: oax models; closest: smal\n"}, 8},
		{"another name of the model", replies(200, `[]`), answers(demo.Answer("ok")...), []string{
			"--  models         0 listed, small not among them\n", "ok  answer"}, 0},
		{"no list", replies(404, `no`), answers(demo.Answer("ok")...), []string{
			"--  models         the endpoint lists none: nothing at http://HOST/v1/models \\(404\\)\n", "ok  answer"}, 0},
		{"wrong key", replies(401, `{}`), hangs, []string{"!!  models         HOST does not accept the API key \\(401\\)\n +hint: "}, 4},
		{"silent", hangs, hangs, []string{"!!  models         no reply from HOST for 0.3 s\n +hint: --timeout 10m to wait longer\n"}, 6},
		{"silent within the list", func(w http.ResponseWriter, r *http.Request) { w.(http.Flusher).Flush(); hangs(w, r) }, hangs,
			[]string{"!!  models         it took too long\n +hint: --timeout 5m to wait longer\n"}, 6},
		{"silent on the question", listed, hangs, []string{"!!  answer         no reply from HOST for 0.3 s\n"}, 6},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(routes(test.models, test.answer))
			defer server.Close()
			host := strings.TrimPrefix(server.URL, "http://")
			config := "profile = \"lab\"\n[profiles.lab]\nmodel = \"small\"\nbase_url = \"" + server.URL + "/v1\"\n"
			timeout := "--timeout=5s"
			if strings.HasPrefix(test.name, "silent") {
				timeout = "--timeout=300ms" // time enough for a busy machine to connect
			}
			out, code := doctored(t, config, "doctor", timeout)
			holds(t, strings.ReplaceAll(out, host, "HOST"), test.want...)
			if code != test.code {
				t.Errorf("exit %d, want %d", code, test.code)
			}
		})
	}
}

func holds(t *testing.T, text string, patterns ...string) {
	t.Helper()
	for _, pattern := range patterns {
		if !regexp.MustCompile("(?m)" + pattern).MatchString(text) {
			t.Errorf("no %q in\n%s", pattern, text)
		}
	}
}

func TestDoctorOfTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(routes(replies(200, `{"data":[{"id":"small"}]}`), answers(demo.Answer("ok")...)))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	path := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(path, block, 0o600); err != nil {
		t.Fatal(err)
	}
	config := "profile = \"lab\"\n[profiles.lab]\nmodel = \"small\"\nbase_url = \"" + server.URL + "/v1\"\n"
	out, code := doctored(t, config+"ca_file = \""+path+"\"\n", "doctor")
	holds(t, out, "^ok  TLS            TLS 1.3, certificate by Acme Co, good until 2084-01-29, .* ms\n", "^ok  answer")
	if code != 0 {
		t.Errorf("exit %d\n%s", code, out)
	}
	out, code = doctored(t, config, "doctor")
	holds(t, out, "^ok  TCP", "^!!  TLS            .*'s certificate is not trusted: unknown authority\n +hint: .*SSL_CERT_FILE")
	if code != exitNetwork || strings.Contains(out, "models") {
		t.Errorf("exit %d\n%s", code, out)
	}
	out, code = doctored(t, strings.Replace(config, "https:", "http:", 1), "doctor")
	holds(t, out, "^!!  TLS            .* expects https on this port\n +hint: base_url = https://")
	if code != exitNetwork {
		t.Errorf("exit %d\n%s", code, out)
	}
}

func TestDoctorOfClosedPort(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	out, code := doctored(t, "profile = \"lab\"\n[profiles.lab]\nbase_url = \""+server.URL+"\"\n", "doctor")
	holds(t, out, "^!!  TCP            nothing is listening on 127.0.0.1:[0-9]+\n +hint: start the local server")
	if code != exitNetwork {
		t.Errorf("exit %d\n%s", code, out)
	}
}

func TestDoctorStops(t *testing.T) {
	asked := make(chan struct{})
	server := httptest.NewServer(routes(func(_ http.ResponseWriter, r *http.Request) { close(asked); <-r.Context().Done() }, http.NotFound))
	defer server.Close()
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() { <-asked; cancel(Interrupted{os.Interrupt}) }()
	environment := map[string]string{"OPENAI_BASE_URL": server.URL + "/v1"}
	exit := Run(ctx, &Env{
		Stdout: out, Stderr: out, Now: time.Now,
		LookupEnv: func(name string) (string, bool) { value, ok := environment[name]; return value, ok },
	}, []string{"doctor"})
	if exit.Signal != os.Interrupt {
		t.Errorf("it ended by %v", exit)
	}
}

// The reason that is given for colour must be the rule by which term decides.
func TestColourWhy(t *testing.T) {
	for _, test := range []struct {
		environment, mode string
		tty               bool
		want              string
		on                bool
	}{
		{"TERM=xterm", "auto", true, "for a terminal", true},
		{"TERM=xterm", "auto", false, "standard output is no terminal", false},
		{"TERM=xterm NO_COLOR=1 FORCE_COLOR=1", "auto", true, "NO_COLOR is set", false},
		{"NO_COLOR=1", "always", false, "--color=always", true},
		{"TERM=xterm", "never", true, "--color=never", false},
		{"FORCE_COLOR=1", "auto", false, "FORCE_COLOR is set", true},
		{"FORCE_COLOR=0 TERM=xterm", "auto", true, "for a terminal", true},
		{"CLICOLOR_FORCE=1", "auto", false, "CLICOLOR_FORCE is set", true},
		{"TERM=xterm CLICOLOR=0", "auto", true, "CLICOLOR=0", false},
		{"TERM=dumb", "auto", true, "TERM is dumb, which is not known", false},
		{"", "auto", true, "TERM is not set, which is not known", false},
	} {
		environment := map[string]string{}
		for _, pair := range strings.Fields(test.environment) {
			name, value, _ := strings.Cut(pair, "=")
			environment[name] = value
		}
		env := &Env{LookupEnv: func(name string) (string, bool) { value, ok := environment[name]; return value, ok }, flags: &flags{}}
		env.flags.Color = test.mode
		if why, on := env.colourWhy(test.tty); why != test.want || on != test.on {
			t.Errorf("%s, %s, %v: %q, %v; want %q, %v", test.environment, test.mode, test.tty, why, on, test.want, test.on)
		}
	}
}

func TestStepOf(t *testing.T) {
	lookup := &net.DNSError{IsTimeout: true}
	for _, test := range []struct {
		err  error
		want string
	}{
		{nil, ""},
		{&openai.Error{Kind: openai.NoHost}, "DNS"},
		{&openai.Error{Kind: openai.NoRoute, Err: lookup}, "DNS"},
		{&openai.Error{Kind: openai.NoRoute, Err: syscall.ENETUNREACH}, "TCP"},
		{&openai.Error{Kind: openai.ConnectTimeout}, "TCP"},
		{&openai.Error{Kind: openai.TLSTimeout}, "TLS"},
		{&openai.Error{Kind: openai.ProxyFailed}, "proxy"},
		{&openai.Error{Kind: openai.BadStatus}, ""},
	} {
		if got := stepOf(test.err); got != test.want {
			t.Errorf("%v: %q, want %q", test.err, got, test.want)
		}
	}
}
