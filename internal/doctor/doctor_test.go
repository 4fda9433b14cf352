package doctor

import (
	"context"
	"encoding/pem"
	"errors"
	"flag"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"oax/internal/config"
	"oax/internal/demo"
	"oax/internal/report"
)

func TestMain(m *testing.M) {
	flag.Set("test.parallel", "8") // those that wait take no processor
	os.Exit(m.Run())
}

// examine runs the checks in a home of its own, which has a configuration. It returns what
// is printed and how the run ends.
func examine(ctx context.Context, t *testing.T, file string, timeout time.Duration) (string, *report.Error) {
	t.Helper()
	home := t.TempDir()
	environment := map[string]string{"HOME": home, "LANG": "C.UTF-8"}
	for _, name := range []string{"DATA", "CONFIG", "CACHE", "STATE"} {
		environment["XDG_"+name+"_HOME"] = filepath.Join(home, name)
	}
	path := filepath.Join(home, "CONFIG", "oax", "config.toml")
	must(t, os.MkdirAll(filepath.Dir(path), 0o700))
	must(t, os.WriteFile(path, []byte(file), 0o600))
	out, err := os.Create(filepath.Join(home, "out"))
	must(t, err)
	defer out.Close()
	err = Run(ctx, Options{
		Stdout: out, Log: report.NewWriter(out, false), Now: time.Now, Version: "test",
		Getenv: func(name string) string { return environment[name] },
		Settings: config.Settings{
			Timeout: timeout, Params: map[string]config.Param{"max_tokens": {Value: 1, Flag: config.MaxTokensFlag}},
			Env: func(name string) (string, bool) { value, ok := environment[name]; return value, ok },
		},
	})
	text, readErr := os.ReadFile(out.Name())
	must(t, readErr)
	end := report.Of(err)
	if end == nil {
		end = new(report.Error)
	}
	return string(text), end
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// profile returns a configuration with an endpoint.
func profile(server string) string {
	return "profile = \"lab\"\n[profiles.lab]\nmodel = \"small\"\nbase_url = \"" + server + "/v1\"\n"
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
		io.WriteString(w, body)
	}
}

func answers(steps ...demo.Step) http.HandlerFunc {
	return demo.Script(demo.Stream(steps...)).ServeHTTP
}

func hangs(_ http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body) // or nobody notices that the client has gone
	<-r.Context().Done()
}

// holds checks that a text has lines as the patterns say.
func holds(t *testing.T, text string, patterns ...string) {
	t.Helper()
	for _, pattern := range patterns {
		if !regexp.MustCompile("(?m)" + pattern).MatchString(text) {
			t.Errorf("no %q in\n%s", pattern, text)
		}
	}
}

func TestEndpoints(t *testing.T) {
	listed := replies(200, `{"data":[{"id":"small"},{"id":"large"}]}`)
	for _, test := range []struct {
		name           string
		models, answer http.HandlerFunc
		want           []string
		code           int
	}{
		{"well", listed, answers(demo.Answer("ok")...), []string{
			"^ok  models         2 listed, small among them\n", "^ok  answer         first byte after .*, first token after"}, 0},
		{"reasons only", listed, answers(demo.Send(demo.Finish("length"))), []string{"^ok  answer .*; no text within one token\n"}, 0},
		{"one token is too few", listed, replies(400, `{"error":{"message":"Could not finish the message because max_tokens or model output limit was reached."}}`),
			[]string{"^ok  answer .*; no text within one token\n"}, 0},
		{"no such model", replies(200, `{"data":[{"id":"smal"}]}`), replies(404, `{"error":{"message":"no model","code":"model_not_found"}}`), []string{
			"^--  models         1 listed, small not among them\n +hint: the nearest is smal\n", `^!!  answer         HOST has no model "small": no model` + "\n +hint: oax models; closest: smal\n"}, 8},
		{"another name of the model", replies(200, `[]`), answers(demo.Answer("ok")...), []string{
			"^--  models         0 listed, small not among them\n", "^ok  answer"}, 0},
		{"no list", replies(404, `no`), answers(demo.Answer("ok")...), []string{
			"^--  models         the endpoint lists none: nothing at http://HOST/v1/models \\(404\\)", "^ok  answer"}, 0},
		{"wrong key", replies(401, `{}`), hangs, []string{"^!!  models         HOST does not accept the API key \\(401\\)\n +hint: "}, 4},
		{"silent", hangs, hangs, []string{"^!!  models         no reply from HOST for 2 s\n +hint: --timeout 10m to wait longer\n"}, 6},
		{"silent within the list", func(w http.ResponseWriter, r *http.Request) { w.(http.Flusher).Flush(); hangs(w, r) }, hangs,
			[]string{"^!!  models         no reply from HOST for 2 s\n +hint: --timeout 10m to wait longer\n"}, 6},
		{"silent on the question", listed, hangs, []string{"^!!  answer         no reply from HOST for 2 s\n"}, 6},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(routes(test.models, test.answer))
			defer server.Close()
			timeout := time.Minute
			if strings.HasPrefix(test.name, "silent") {
				timeout = 2 * time.Second // time enough for a busy machine to connect
			}
			out, end := examine(t.Context(), t, profile(server.URL), timeout)
			holds(t, strings.ReplaceAll(out, strings.TrimPrefix(server.URL, "http://"), "HOST"), test.want...)
			if end.Code != test.code {
				t.Errorf("exit %d, want %d", end.Code, test.code)
			}
		})
	}
}

func TestTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(routes(replies(200, `{"data":[{"id":"small"}]}`), answers(demo.Answer("ok")...)))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	path := filepath.Join(t.TempDir(), "ca.pem")
	must(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600))
	for _, test := range []struct {
		name, file, want string
		code             int
	}{
		{"its authority is known", profile(server.URL) + "ca_file = \"" + path + "\"\n",
			"^ok  network        .*TLS 1.3 in .*s, certificate by Acme Co, good until 2084-01-29\nok  models .*\nok  answer", 0},
		{"it is not", profile(server.URL), "^!!  network        .*'s certificate is not trusted: unknown authority\n +hint: .*SSL_CERT_FILE=.*\n--  terminal", report.ExitNetwork},
		{"plain http", profile(strings.Replace(server.URL, "https:", "http:", 1)),
			"^!!  models         .* expects https on this port\n +hint: base_url = https://", report.ExitNetwork},
	} {
		out, end := examine(t.Context(), t, test.file, time.Minute)
		holds(t, out, test.want)
		if end.Code != test.code {
			t.Errorf("%s: exit %d\n%s", test.name, end.Code, out)
		}
	}
}

func TestClosedPort(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	out, end := examine(t.Context(), t, profile(server.URL), time.Minute)
	holds(t, out, "^!!  network        nothing is listening on 127.0.0.1:[0-9]+\n +hint: start the local server")
	if end.Code != report.ExitNetwork || end.What != "there is a problem with: network" {
		t.Errorf("%+v\n%s", end, out)
	}
}

// A signal ends the checks: nothing that came of them is called a fault.
func TestSignal(t *testing.T) {
	asked := make(chan struct{})
	server := httptest.NewServer(routes(func(w http.ResponseWriter, r *http.Request) { close(asked); hangs(w, r) }, http.NotFound))
	defer server.Close()
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() { <-asked; cancel(report.Interrupted{Signal: os.Interrupt}) }()
	out, end := examine(ctx, t, profile(server.URL), time.Minute)
	if end.Signal != os.Interrupt || !errors.Is(context.Cause(ctx), report.Interrupted{Signal: os.Interrupt}) || strings.Contains(out, "!!") {
		t.Errorf("%+v\n%s", end, out)
	}
}
