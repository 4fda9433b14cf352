package serve

import (
	"bytes"
	"context"
	"encoding/xml"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"oax/internal/report"
	"oax/internal/session"
)

// TestRun: the server prints where it is, says so to a second one, and stops.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	config := Config{StateDir: filepath.Join(dir, "serve"), Now: time.Now, Store: session.New(session.Options{Dir: filepath.Join(dir, "sessions")})}
	stderr, err := os.Create(filepath.Join(dir, "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer stderr.Close()
	out, in := io.Pipe()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- Run(ctx, config, Options{Listen: "127.0.0.1:0", Stdout: in, Log: report.NewWriter(stderr, false)})
	}()
	line := make([]byte, 200)
	n, err := out.Read(line)
	url, code, ok := strings.Cut(strings.TrimSpace(string(line[:n])), "#login=")
	if err != nil || !ok || code == "" {
		t.Fatalf("it prints %q, %v", line[:n], err)
	}
	address := strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/")
	var second bytes.Buffer
	err = Run(ctx, config, Options{Listen: address, Stdout: &second, Log: report.NewWriter(stderr, true)})
	if e := report.Of(err); e.Code != 1 || !strings.Contains(e.What, "is in use") || !strings.Contains(e.Hint, url) {
		t.Errorf("a second server: %+v", e)
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("at the end: %v", err)
	}
	if got := Running(config.StateDir); got != "" {
		t.Errorf("after the end it runs at %s", got)
	}
	said, _ := os.ReadFile(stderr.Name())
	if want := "oax: serving on " + url + "; Ctrl-C stops\n"; !strings.HasPrefix(string(said), want) {
		t.Errorf("it says %q", said)
	}
}

// TestRunning: an announced server is one that answers as oax serve does. What a server that
// was killed left behind is removed, once nothing has its port.
func TestRunning(t *testing.T) {
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") }))
	defer page.Close()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	go func() {
		for {
			conn, err := silent.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
	plain, _ := start(t, answers(nil, "x"))
	client, err := net.Dial("tcp", page.Listener.Addr().String()) // nobody listens at its own port, and nobody else gets it
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	certificate, err := Certificate(t.TempDir(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	encrypted, _ := startWith(t, answers(nil, "x"), func(c *Config) { c.TLS = &certificate })
	for _, tt := range []struct {
		name, announced string
		runs, stays     bool
	}{
		{"a server", plain.URL(), true, true},
		{"one with TLS", encrypted.URL(), true, true},
		{"a page of another program", page.URL + "/", false, true},
		{"a program that says nothing", "http://" + silent.Addr().String() + "/", false, true},
		{"nothing has the port", "http://" + client.LocalAddr().String() + "/", false, false},
		{"it is being written", "", false, true},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "running.1")
		if err := os.WriteFile(path, []byte(tt.announced+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := Running(dir); (got != "") != tt.runs || tt.runs && got != tt.announced {
			t.Errorf("%s: it runs at %q", tt.name, got)
		}
		if _, err := os.Stat(path); (err == nil) != tt.stays {
			t.Errorf("%s: of its file: %v", tt.name, err)
		}
	}
}

// TestRunShowsTheCode: with --tls the fingerprint and a QR code of several lines are shown.
func TestRunShowsTheCode(t *testing.T) {
	dir := t.TempDir()
	config := Config{StateDir: dir, Now: time.Now, Store: session.New(session.Options{Dir: dir})}
	out, in := io.Pipe()
	ctx, stop := context.WithCancel(t.Context())
	var screen bytes.Buffer
	done := make(chan error, 1)
	go func() {
		done <- Run(ctx, config, Options{Listen: "127.0.0.1:0", TLS: true, Stdout: in, Screen: &screen, Log: report.NewWriter(os.Stderr, true)})
	}()
	line := make([]byte, 200)
	n, err := out.Read(line)
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if want := qrCode(strings.TrimSpace(string(line[:n]))); err != nil || !strings.HasPrefix(string(line[:n]), "https://127.0.0.1:") || screen.String() != want {
		t.Errorf("%q, %v\n%s", line[:n], err, screen.String())
	}
}

func TestRunRefuses(t *testing.T) {
	dir := t.TempDir()
	config := Config{StateDir: dir, Now: time.Now, Store: session.New(session.Options{Dir: dir})}
	ctx, stop := context.WithCancel(t.Context())
	stop() // it ends at once if it starts
	for _, tt := range []struct {
		name string
		o    Options
		code int
	}{
		{"an address that others can reach", Options{Listen: "0.0.0.0:0"}, 2},
		{"a browser for such an address", Options{Listen: "0.0.0.0:0", TLS: true, Open: true}, 2},
		{"no port", Options{Listen: "127.0.0.1"}, 2},
	} {
		tt.o.Stdout, tt.o.Log = io.Discard, report.NewWriter(os.Stderr, true)
		if err := Run(ctx, config, tt.o); err == nil || report.Of(err).Code != tt.code {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if _, err := Env(dir, "127.0.0.1:0"); report.Of(err).Code != 2 {
		t.Errorf("--env with port 0: %v", err)
	}
}

func TestEnv(t *testing.T) {
	dir := t.TempDir()
	first, err := Env(dir, "0.0.0.0:8629")
	again, _ := Env(dir, "0.0.0.0:8629")
	if err != nil || first != again || !strings.HasPrefix(first, "export OPENAI_BASE_URL='http://127.0.0.1:8629/v1'\nexport OPENAI_API_KEY='oax-api-") {
		t.Errorf("%q, %v", first, err)
	}
	path := filepath.Join(dir, "api.token")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	for _, broken := range []string{"x\n", "oax-api-short\n"} {
		if err := os.WriteFile(path, []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Env(dir, "127.0.0.1:1"); err == nil {
			t.Errorf("a token file that holds %q is taken", broken)
		}
	}
}

// TestCertificate: the certificate stays, and has a fingerprint and a QR code.
func TestCertificate(t *testing.T) {
	dir := t.TempDir()
	first, err := Certificate(dir, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, "certificate.pem")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	again, err := Certificate(dir, time.Now())
	if err != nil || fingerprint(&first) != fingerprint(&again) || len(fingerprint(&first)) != 95 {
		t.Errorf("%s, %s, %v", fingerprint(&first), fingerprint(&again), err)
	}
	later, err := Certificate(dir, time.Now().Add(certificateAge))
	if err != nil || fingerprint(&later) == fingerprint(&first) {
		t.Errorf("one that is out of date stays: %v", err)
	}
	if code := qrCode("https://127.0.0.1:8629/#login=x"); strings.Count(code, "\n") < 10 {
		t.Errorf("%s", code)
	}
}

// TestUnit: the unit runs the program with its arguments, whatever is in them.
func TestUnit(t *testing.T) {
	command := []string{"/opt/my \"oax\"/100%", "serve", "--model", "a$b&c<"}
	unit := systemdUnit(command)
	if want := `ExecStart="/opt/my \"oax\"/100%%" "serve" "--model" "a$$b&c<"` + "\n"; !strings.Contains(unit, want) {
		t.Errorf("%s", unit)
	}
	var list struct {
		Words []string `xml:"dict>array>string"`
		Keys  []string `xml:"dict>key"`
	}
	if err := xml.Unmarshal([]byte(launchdUnit("/log", command)), &list); err != nil || !slices.Equal(list.Words, command) || list.Keys[0] != "Label" {
		t.Errorf("%+v, %v", list, err)
	}
	if file, hint := Unit("/state", "/bin/oax", "serve"); !strings.Contains(file, "/bin/oax") || !strings.HasPrefix(hint, "oax serve --unit > ") {
		t.Errorf("%s\n%s", file, hint)
	}
	verify, err := exec.LookPath("systemd-analyze")
	if err != nil {
		return // there is no systemd here to read it
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "oax.service")
	if err := os.WriteFile(path, []byte(systemdUnit([]string{self, "serve", "--model", `a$b %i "c"\d`})), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(verify, "--user", "verify", path)
	cmd.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+t.TempDir())
	if out, err := cmd.CombinedOutput(); err != nil || strings.Contains(string(out), "oax.service") {
		t.Errorf("systemd: %v, %s", err, out)
	}
}

// TestVerbose: each request is told in a line, without what was searched for and without
// tokens.
func TestVerbose(t *testing.T) {
	lines := make(chan string, 10)
	s, _ := startWith(t, answers(nil, "yes"), func(c *Config) { c.Verbose = func(line string) { lines <- line } })
	id := relayed(t, s, body(true, "x"))
	call(t, s, "GET", "/api/sessions?q=secret", "", 200, nil)
	call(t, s, "GET", "/api/a%0Ab", "", 404, nil)
	send(t, s, "GET", "/v1/x", "", "Authorization", "")
	for _, want := range []string{`^POST /v1/chat/completions 200 \S+ session ` + id + `$`, `^GET /api/sessions 200 \S+$`, `^GET /api/a%0Ab 404 \S+$`, `^GET /v1/x 401 \S+$`} {
		if line := <-lines; !regexp.MustCompile(want).MatchString(line) {
			t.Errorf("%q, want %s", line, want)
		}
	}
	conn, _, err := websocket.Dial(t.Context(), s.URL()+"api/live", &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer " + webToken(s)}}})
	if err != nil {
		t.Fatal(err)
	}
	conn.CloseNow()
	if line := <-lines; !strings.HasPrefix(line, "GET /api/live 101 ") {
		t.Errorf("%q", line)
	}
}
