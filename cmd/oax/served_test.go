package main

import (
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"oax/internal/demo"
)

// Runs of oax serve, and requests to it.

// served is an oax serve that runs, and what is needed to ask it.
type served struct {
	h      *home
	run    *running
	url    string // of the page
	token  string // for /v1, as in Authorization
	cookie string // for /api
}

// scriptedServer returns the server of a new home, whose endpoint is scripted.
func scriptedServer(t *testing.T, exchanges ...demo.Exchange) (*served, *demo.Scripted) {
	t.Helper()
	h, script := scripted(t, exchanges...)
	return h.serve(), script
}

// serve starts oax serve, under another program if one is given, and logs in.
func (h *home) serve(wrapper ...string) *served {
	h.t.Helper()
	cmd := h.command("serve", "--listen", "127.0.0.1:0")
	if len(wrapper) > 0 {
		h.under(cmd, wrapper...)
	}
	return h.served(cmd)
}

// serveWith starts oax serve with flags, and logs in.
func (h *home) serveWith(flags ...string) *served {
	h.t.Helper()
	return h.served(h.command(append([]string{"serve", "--listen", "127.0.0.1:0"}, flags...)...))
}

func (h *home) served(cmd *exec.Cmd) *served {
	h.t.Helper()
	s := &served{h: h, run: h.start(cmd, "http://")}
	s.run.until("it prints its address", func() bool { return strings.HasSuffix(s.run.printed(), "\n") })
	url, code, _ := strings.Cut(strings.TrimSpace(s.run.printed()), "#login=")
	s.url = url
	reply := s.ask("POST", "api/login", fmt.Sprintf(`{"code":%q}`, code), "Content-Type", "application/json")
	if reply.StatusCode != http.StatusNoContent || len(reply.Cookies()) != 1 {
		h.t.Fatalf("login: %s", reply.Status)
	}
	s.cookie = reply.Cookies()[0].Name + "=" + reply.Cookies()[0].Value
	s.token = "Bearer " + strings.TrimSpace(text(h.t, filepath.Join(h.dir, ".local/state/oax/serve/api.token")))
	return s
}

// end ends the test of a server, which must still run, and end well when it is told to.
func (s *served) end() {
	s.h.t.Helper()
	s.refuses(200, "GET", "healthz", "")
	if r := s.run.ends(syscall.SIGTERM); r.code != 0 && r.code != 143 {
		s.h.t.Errorf("oax serve: %+v", r)
	}
}

func (s *served) address() string {
	return strings.TrimSuffix(strings.TrimPrefix(s.url, "http://"), "/")
}

// ask sends a request with the token or the cookie, as its path needs. A header that is
// given as empty is not sent.
func (s *served) ask(method, path, body string, header ...string) *http.Response {
	s.h.t.Helper()
	reply, err := s.try(method, path, body, header...)
	if err != nil {
		s.run.cmd.Process.Signal(syscall.SIGTERM) // if it has not ended
		s.h.t.Fatalf("%v; the server: %+v", err, s.run.wait())
	}
	return reply
}

// try is ask of a server that may have died.
func (s *served) try(method, path, body string, header ...string) (*http.Response, error) {
	r, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	header = append([]string{"Authorization", s.token, "Cookie", s.cookie}, header...)
	if strings.HasPrefix(path, "api/") {
		header = header[2:]
	}
	for i := 0; i < len(header); i += 2 {
		name, value := header[i], header[i+1]
		switch {
		case name == "Host":
			r.Host = value
		case value == "":
			r.Header.Del(name)
		default:
			r.Header.Set(name, value)
		}
	}
	reply, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	s.h.t.Cleanup(func() { reply.Body.Close() })
	return reply, nil
}

// refuses wants a reply with a status, and no header by which a browser would let another
// page read it.
func (s *served) refuses(status int, method, path, body string, header ...string) *http.Response {
	s.h.t.Helper()
	reply := s.ask(method, path, body, header...)
	if reply.StatusCode != status {
		s.h.t.Errorf("%s /%s with %q: %s, want %d", method, path, header, reply.Status, status)
	}
	for name := range reply.Header {
		if strings.HasPrefix(name, "Access-Control-") {
			s.h.t.Errorf("%s /%s with %q: %s is sent", method, path, header, name)
		}
	}
	return reply
}
