package cli

import (
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"oax/internal/chat"
	"oax/internal/config"
	"oax/internal/demo"
	"oax/internal/openai"
)

// demoPace is how fast a person reads along.
const demoPace = 25 * time.Millisecond

// connect makes the client, and starts the built-in endpoint if that is asked for.
func (p *place) connect(env *Env) error {
	if p.Profile == config.Demo && p.BaseURL == "" {
		server, err := demo.Start(demo.Guide(demoPace))
		if err != nil {
			return err
		}
		p.demo, p.BaseURL = server, server.URL()
	}
	proxy, err := env.proxy(p)
	if err != nil {
		return err
	}
	roots, err := env.authorities(p)
	if err != nil {
		return err
	}
	base, err := url.Parse(p.BaseURL)
	if err != nil {
		return err
	}
	p.client = &openai.Client{
		BaseURL:    p.BaseURL,
		Query:      p.Query,
		ModelsURL:  p.ModelsURL,
		Key:        p.Key.Reveal(),
		KeyHeader:  p.KeyHeader,
		UserAgent:  "oax/" + env.Version,
		Header:     p.header(),
		SystemRole: chat.Role(p.SystemRole),
		Roots:      roots,
		Local:      config.IsLoopback(base.Hostname()),
		Limits:     p.limits(env),
		Proxy:      proxy,
		OmitUsage:  p.OmitUsage || env.refusesUsage(p.BaseURL),

		ReasoningTags: p.ReasoningTags,

		OnRetry:   env.retryNotice,
		OnFailure: func(e *openai.Error) { p.failure = e },
	}
	return env.watch(p)
}

func (p *place) header() http.Header {
	header := http.Header{}
	for name, value := range p.Headers {
		header.Set(name, value.Reveal())
	}
	return header
}

// limits are those of the endpoint, where anything says some.
func (p *place) limits(env *Env) openai.Limits {
	limits := patient(env.limits(), p.Timeout)
	if t := p.ConnectTimeout; t > 0 {
		limits.Connect, limits.TLS = t, t
	}
	return limits
}

func (env *Env) limits() openai.Limits { return patient(openai.DefaultLimits(), env.flags.Timeout) }

// patient allows a silence as long as t, before the answer and within it.
func patient(limits openai.Limits, t time.Duration) openai.Limits {
	if t > 0 {
		limits.Headers, limits.Silence, limits.NoEvent = t, t, max(limits.NoEvent, t)
	}
	return limits
}

// authorities are the system's and those of the profile's file; nil if that names none.
func (env *Env) authorities(p *place) (*x509.CertPool, error) {
	if p.CAFile == "" {
		return nil, nil
	}
	path := env.besideConfig(p.CAFile)
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, p.unusable("ca_file", fmt.Sprintf("cannot read %s: %s", path, plainError(err)))
	}
	roots, err := x509.SystemCertPool()
	if err != nil { // then the file's alone
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, p.unusable("ca_file", path+" holds no certificate in PEM form")
	}
	return roots, nil
}

// unusable is a setting that cannot be used, and where it stands.
func (p *place) unusable(setting, what string) error {
	return &report{what: what, hint: fmt.Sprintf("see %s in %s", setting, p.stands(setting)), code: exitUsage, kind: "config"}
}

// besideConfig returns the path of a file that the configuration names: from the home
// directory if it begins with ~/, else from where the configuration is.
func (env *Env) besideConfig(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		return filepath.Join(env.getenv("HOME"), rest)
	}
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(configFile()), path)
}
