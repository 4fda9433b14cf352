package endpoint

// How a client is made from the settings: headers, time limits, certificate authorities.

import (
	"cmp"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"oax/internal/chat"
	"oax/internal/config"
	"oax/internal/demo"
	"oax/internal/openai"
	"oax/internal/openai/completions"
	"oax/internal/report"
	"oax/internal/term"
)

// demoPace is the time between two words of the demo, about as fast as people read.
const demoPace = 25 * time.Millisecond

// connect makes the client, and starts the demo if that is the profile.
func (e *Endpoint) connect() error {
	if e.Profile == config.Demo && e.BaseURL == "" {
		server, err := demo.Start(demo.Guide(demoPace, demo.System{OS: runtime.GOOS, ConfigFile: e.options.File.Path}))
		if err != nil {
			return err
		}
		e.demo, e.BaseURL = server, server.URL()
	}
	base, err := url.Parse(e.BaseURL)
	if err != nil {
		return err
	}
	proxy, err := e.proxy()
	if err != nil {
		return err
	}
	roots, err := e.authorities()
	if err != nil {
		return err
	}
	header := http.Header{}
	var secrets []string
	for name, value := range e.Headers {
		header.Set(name, value.Reveal())
		if config.SecretHeader(name) {
			secrets = append(secrets, value.Reveal())
		}
	}
	e.Client = openai.New(openai.Config{
		API:       completions.API{SystemRole: chat.Role(e.SystemRole)},
		BaseURL:   e.BaseURL,
		Query:     e.Query,
		ModelsURL: e.ModelsURL,
		Key:       e.Key.Reveal(),
		KeyHeader: e.KeyHeader,
		UserAgent: "oax/" + e.options.Version,
		Header:    header,
		Secrets:   secrets,
		Roots:     roots,
		Local:     config.IsLoopback(base.Hostname()),
		Limits:    e.Limits(),
		Proxy:     proxy,
		OmitUsage: e.OmitUsage,

		ReasoningTags: e.ReasoningTags,

		Observe: e.observe,
		OnRetry: e.onRetry,
	})
	e.options.Debug.hide(e.Client.Redact)
	return nil
}

// observe wraps the transport of the client for the debug log and for Options.OnTrace.
func (e *Endpoint) observe(next http.RoundTripper) http.RoundTripper {
	if e.options.OnTrace != nil {
		next = tracer{next, e.options.OnTrace}
	}
	if log := e.options.Debug; log != nil && !e.options.DryRun {
		next = debugTransport{tracer{next, log.trace}, log}
	}
	return next
}

func (e *Endpoint) onRetry(r openai.Retry) {
	e.options.Debug.printf("retry %d of %d in %s: %s %d", r.Try, r.Most, term.Duration(r.Wait), r.Cause.Kind, r.Cause.Status)
	if e.options.OnRetry != nil {
		e.options.OnRetry(r)
	}
}

// Limits returns the default limits, but those that the settings change.
func (e *Endpoint) Limits() openai.Limits {
	limits := openai.DefaultLimits()
	if t := cmp.Or(e.Timeout, e.options.Timeout); t > 0 {
		limits.Send, limits.Headers, limits.Silence, limits.NoEvent = t, t, t, max(limits.NoEvent, t)
	}
	if t := e.ConnectTimeout; t > 0 {
		limits.Connect, limits.TLS = t, t
	}
	return limits
}

// authorities returns the system's certificate authorities and those of ca_file, or nil
// if there is no ca_file.
func (e *Endpoint) authorities() (*x509.CertPool, error) {
	if e.CAFile == "" {
		return nil, nil
	}
	path := e.caFile()
	hint := "see ca_file in " + e.location("ca_file").String()
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, report.Config(fmt.Sprintf("cannot read %s: %s", path, report.Cause(err)), hint)
	}
	roots, err := x509.SystemCertPool()
	if err != nil { // then those of the file alone
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, report.Config(path+" holds no certificate in PEM form", hint)
	}
	return roots, nil
}

// caFile returns the path of ca_file: relative to the home directory if it begins with
// ~/, else to the directory of the configuration.
func (e *Endpoint) caFile() string {
	if rest, ok := strings.CutPrefix(e.CAFile, "~/"); ok && e.options.Dirs.Home != "" {
		return filepath.Join(e.options.Dirs.Home, rest)
	}
	if filepath.IsAbs(e.CAFile) {
		return e.CAFile
	}
	return filepath.Join(filepath.Dir(e.options.File.Path), e.CAFile)
}
