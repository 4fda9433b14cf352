package config

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// key returns the profile's key and where it came from: key_command if there is
// one, else the first of key_env, key and the built-in variable that holds any.
func (p profile) key(ctx context.Context, s Settings) (Secret, string, error) {
	if p.KeyCommand != "" {
		if s.BeforeCommand != nil {
			s.BeforeCommand()
		}
		text, err := runKeyCommand(ctx, p.KeyCommand, s.Environ, cmp.Or(s.KeyLimit, 30*time.Second))
		if err != nil {
			return Secret{}, "", err
		}
		key, err := clean(text, "key_command")
		return key, "key_command", err
	}
	for _, from := range []struct{ text, source string }{
		{s.env(p.KeyEnv), p.KeyEnv},
		{p.secret.Reveal(), "key"},
		{s.env(p.fallbackEnv), p.fallbackEnv},
	} {
		key, err := clean(from.text, from.source)
		if err != nil || key.Reveal() != "" {
			return key, from.source, err
		}
	}
	return Secret{}, "", nil
}

// check refuses an endpoint that needs a key and has none, and one that would
// get its key unencrypted over a network. A server of people's own needs none, unless
// the profile says where one would be.
func (e Endpoint) check(p profile) error {
	u, err := url.Parse(e.BaseURL)
	if err != nil {
		return err
	}
	hasKey := e.Key.Reveal() != "" || e.secretHeader()
	switch {
	case IsLoopback(u.Hostname()):
		return nil
	case !hasKey && p.KeyEnv == "" && (e.Local || isNear(u.Hostname())):
		return nil
	case !hasKey:
		return &NoKeyError{e.Profile, e.BaseURL, u.Host, e.KeyEnv}
	case u.Scheme == "http" && !e.AllowPlainHTTP:
		return &PlainHTTPError{e.Profile, e.BaseURL, u.Host}
	}
	return nil
}

// secretHeader reports whether the profile's own headers say who asks.
func (e Endpoint) secretHeader() bool {
	for name := range e.Headers {
		if SecretHeader(name) {
			return true
		}
	}
	return false
}

// NoKeyError says that nothing gives a key for a host that is not this machine.
type NoKeyError struct {
	Profile string
	BaseURL string
	Host    string // with the port, if one is given
	Env     string // the variable that was looked at, if any was
}

func (e *NoKeyError) Error() string { return "no API key for " + e.BaseURL }

// PlainHTTPError says that the key would travel unencrypted to a host that is
// not this machine, which the profile does not allow.
type PlainHTTPError struct {
	Profile string
	BaseURL string
	Host    string // with the port, if one is given
}

func (e *PlainHTTPError) Error() string {
	return "refusing to send the key unencrypted to http://" + e.Host
}

// NoBaseURLError says that a profile leaves base_url out and no built-in one of
// its name has it.
type NoBaseURLError struct{ Profile string }

func (e *NoBaseURLError) Error() string {
	return fmt.Sprintf("profile %q has no base_url", e.Profile)
}

// UnknownProfileError says that there is no profile of that name.
type UnknownProfileError struct {
	Name    string
	Known   []string // in alphabetical order
	Nearest string   // the known name it was likely meant to be; may be empty
}

func (e *UnknownProfileError) Error() string {
	return fmt.Sprintf("no profile %q; there are %s", e.Name, strings.Join(e.Known, ", "))
}
