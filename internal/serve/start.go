package serve

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"oax/internal/config"
	"oax/internal/report"
	"oax/internal/serve/auth"
)

// What oax serve does from its start to its end.

// DefaultAddress is where the server listens if nothing else is said.
const DefaultAddress = "127.0.0.1:8629"

// Options are what was typed.
type Options struct {
	Listen string
	Open   bool // open a browser
	TLS    bool
	Expose bool // an address that others can reach may be used without TLS

	Stdout io.Writer
	Screen io.Writer // takes the QR code: standard error
	Log    *report.Writer
}

// StateDir returns the directory of the server's files.
func StateDir(dirs config.Dirs) string { return filepath.Join(dirs.StateDir(), "serve") }

// Run serves until ctx ends. The errors are *report.Error.
func Run(ctx context.Context, c Config, o Options) error {
	local, err := isLocal(o.Listen)
	switch {
	case err != nil:
		return report.Usage("--listen wants an address and a port, as "+DefaultAddress, "")
	case !local && !o.TLS && !o.Expose:
		return report.Usage("others can reach "+o.Listen+", and could read the token on its way",
			"add --tls to encrypt, or --expose if something else does")
	case !local && o.Open:
		return report.Usage("--open is for an address of this machine alone", "leave out --open")
	}
	if o.TLS {
		certificate, err := Certificate(c.StateDir, c.Now())
		if err != nil {
			return err
		}
		c.TLS = &certificate
	}
	var lost atomic.Bool // something is not saved
	c.NotSaved = func(err error) {
		lost.Store(true)
		o.Log.Error(report.Of(err))
	}
	other := Running(c.StateDir)
	s, err := Start(o.Listen, c)
	if errors.Is(err, syscall.EADDRINUSE) {
		return inUse(other, o.Listen)
	}
	if err != nil {
		return startError(err, o.Listen)
	}
	defer s.announce()()
	if err := report.Print(o.Stdout, s.LoginURL()+"\n"); err != nil {
		s.Stop(ctx)
		return err
	}
	o.Log.Line("serving on " + s.URL() + "; Ctrl-C stops")
	if other != "" {
		o.Log.Note("the same chats are served at " + other + " already")
	}
	if o.TLS || o.Expose {
		if c.TLS != nil {
			o.Log.Note("certificate SHA-256 " + fingerprint(c.TLS))
		}
		_, _ = io.WriteString(o.Screen, qrCode(s.LoginURL())) // who cannot see it has the line
	}
	o.Log.Hint(`for other programs: eval "$(oax serve --env)"`)
	if o.Open {
		openBrowser(s.LoginURL())
	}
	<-ctx.Done()
	s.Stop(context.Background())
	if lost.Load() {
		return report.New(report.ExitDisk, "disk", "not everything is saved", "")
	}
	return nil
}

// Env returns the commands for a POSIX shell by which other programs use the server. The
// error is a *report.Error.
func Env(dir, listen string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil || port == "0" {
		return "", report.Usage("--env needs a port that is known", "as in --listen "+DefaultAddress)
	}
	token, err := auth.APIToken(dir)
	if err != nil {
		return "", err
	}
	if address, err := netip.ParseAddr(host); host == "" || err == nil && address.IsUnspecified() {
		host = "127.0.0.1"
	}
	return fmt.Sprintf("export OPENAI_BASE_URL='http://%s/v1'\nexport OPENAI_API_KEY='%s'\n", net.JoinHostPort(host, port), token), nil
}

// isLocal reports whether only this machine can reach an address.
func isLocal(listen string) (bool, error) {
	host, _, err := net.SplitHostPort(listen)
	return err == nil && config.IsLoopback(host), err
}

// announce writes where the server runs, for a second one and for oax doctor. It returns what
// takes that back.
func (s *Server) announce() func() {
	path := filepath.Join(s.config.StateDir, fmt.Sprint("running.", os.Getpid()))
	_ = os.WriteFile(path, []byte(s.URL()+"\n"), 0o600) // only told
	return func() { _ = os.Remove(path) }
}

// Running returns the address of a server that runs on the state directory, or nothing. What
// those that were killed left behind is removed, once nothing has their port.
func Running(dir string) string {
	announced, _ := filepath.Glob(filepath.Join(dir, "running.*")) // none: none runs
	for _, path := range announced {
		data, _ := os.ReadFile(path)
		address := strings.TrimSpace(string(data))
		serving, err := isServing(address)
		if serving {
			return address
		}
		if errors.Is(err, syscall.ECONNREFUSED) {
			_ = os.Remove(path)
		}
	}
	return ""
}

// isServing reports whether a server of oax answers at an address within a second. The error
// is that of the network.
func isServing(address string) (bool, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"healthz", nil)
	if err != nil {
		return false, err
	}
	transport := http.Transport{DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} // the server signs its own, and is told nothing
	reply, err := transport.RoundTrip(request)
	if err != nil {
		return false, err
	}
	defer reply.Body.Close()
	var health struct{ Status string }
	err = json.NewDecoder(io.LimitReader(reply.Body, 1<<10)).Decode(&health)
	return err == nil && health.Status == "ok", err
}

// inUse says that the port is taken; other is where another server runs, or empty.
func inUse(other, listen string) error {
	_, port, _ := net.SplitHostPort(listen)
	hint := "another port: oax serve --listen 127.0.0.1:0"
	if other != "" {
		hint = "oax serves at " + other + " already; another port: oax serve --listen 127.0.0.1:0"
	}
	return report.Failed("in-use", "port "+port+" is in use", hint)
}

func startError(err error, listen string) error {
	if file, ok := errors.AsType[*auth.TokenFileError](err); ok {
		return report.Config(file.Error(), "delete it, and oax serve makes another: rm "+report.Quote(file.Path))
	}
	return report.Failed("serve", "cannot serve on "+listen+": "+report.Cause(err), "")
}

// openBrowser opens a page. If it cannot, the person has the address.
func openBrowser(url string) {
	name, args := "xdg-open", []string{url}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", url}
	}
	if cmd := exec.Command(name, args...); cmd.Start() == nil {
		go cmd.Wait()
	}
}
