package endpoint

import (
	"cmp"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"oax/internal/config"
	"oax/internal/openai"
	"oax/internal/report"
	"oax/internal/term"
)

// How an endpoint is reached: time limits, certificate authorities, proxies.

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

// proxy returns the function that finds the proxy of a request. The profile's proxy is for
// all its requests. Else it is that of the environment: HTTPS_PROXY or HTTP_PROXY by the
// scheme of the endpoint, then ALL_PROXY, except for the hosts in NO_PROXY and this
// machine. The error is a *report.Error for a variable that holds no proxy.
func (e *Endpoint) proxy() (func(*http.Request) (*url.URL, error), error) {
	switch text := e.Proxy.Reveal(); text {
	case "":
		return e.environmentProxy()
	case config.NoProxy:
		return nil, nil
	default:
		proxy, err := url.Parse(text)
		return http.ProxyURL(proxy), err
	}
}

func (e *Endpoint) environmentProxy() (func(*http.Request) (*url.URL, error), error) {
	https, plain, all := e.variable("HTTPS_PROXY"), e.variable("HTTP_PROXY"), e.variable("ALL_PROXY")
	if strings.HasPrefix(e.BaseURL, "https:") {
		https = cmp.Or(https, all)
	} else {
		plain = cmp.Or(plain, all)
	}
	for _, v := range []variable{https, plain} {
		if err := v.check(); err != nil {
			return nil, err
		}
	}
	return openai.Proxies{HTTP: plain.value, HTTPS: https.value, Except: e.variable("NO_PROXY").value}.For, nil
}

// variable is an environment variable.
type variable struct{ name, value string }

// variable returns the variable of that name, else the one in small letters.
func (e *Endpoint) variable(name string) variable {
	for _, name := range []string{name, strings.ToLower(name)} {
		if value, _ := e.options.Settings.Env(name); value != "" {
			return variable{name, value}
		}
	}
	return variable{}
}

// check refuses a proxy that net/http would ignore without a word, to connect directly.
// The error does not repeat it, since it may hold a password.
func (v variable) check() error {
	value := v.value
	if value == "" {
		return nil
	}
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	u, err := url.Parse(value)
	if err != nil || u.Host == "" {
		return report.Config(v.name+" is not a URL", "set "+v.name+" to http://host:port, or remove it from the environment")
	}
	if !config.ProxyURL(value) {
		return report.Config(v.name+" names a kind of proxy that oax cannot use: "+u.Scheme, v.name+"=socks5://"+u.Host)
	}
	return nil
}
