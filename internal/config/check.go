package config

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// check moves what may be secret to where no print reaches it, and refuses values that
// no request could be made of.
func (f *File) check(path string) error {
	for _, name := range slices.Sorted(maps.Keys(f.profiles)) {
		p := f.profiles[name]
		setting, problem := p.problem()
		p.hide()
		f.profiles[name] = p
		if problem == "" {
			continue
		}
		e := &ParseError{Path: path, Key: "profiles." + name + "." + setting, Msg: problem}
		at := f.Position(e.Key)
		e.Line, e.Column = at.Line, at.Column
		return e
	}
	return nil
}

func (p *profile) hide() {
	p.secret, p.Key = secret(p.Key), ""
	p.proxy, p.Proxy = secret(p.Proxy), ""
	for name, value := range p.Headers {
		if p.headers == nil {
			p.headers = map[string]Secret{}
		}
		p.headers[name] = secret(value)
	}
	p.Headers = nil
}

// problem returns the first setting with a value that cannot be, and why.
func (p profile) problem() (setting, problem string) {
	if _, err := json.Marshal(p.Params); err != nil {
		return "params", "nan and inf cannot be sent in a request"
	}
	if setting := p.wrongPrice(); setting != "" {
		return setting, "must be a number from 0 on"
	}
	if _, known := builtins()[p.Endpoint]; p.Endpoint != "" && !known {
		names := slices.Sorted(maps.Keys(builtins()))
		if near := nearest(p.Endpoint, names); near != "" {
			return "endpoint", "no such endpoint; did you mean " + near + "?"
		}
		return "endpoint", "must be one of " + strings.Join(names, ", ")
	}
	if roles := []string{"", "system", "developer", "user"}; !slices.Contains(roles, p.SystemRole) {
		return "system_role", "must be system, developer or user"
	}
	if !ProxyURL(p.Proxy) && p.Proxy != "" && p.Proxy != NoProxy {
		return "proxy", `must be as "http://host:port" or "socks5://host:port", or "none"`
	}
	for setting, d := range map[string]duration{"timeout": p.Timeout, "connect_timeout": p.ConnectTimeout} {
		if d != "" && d.value() == 0 {
			return setting, "must be " + aTime
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Headers)) {
		if name == "" || strings.ContainsFunc(name, notInName) {
			return "headers." + name, "no header has such a name"
		}
		if strings.ContainsFunc(p.Headers[name], unicode.IsControl) {
			return "headers." + name, "a header holds no line break or control character"
		}
	}
	return "", ""
}

// notInName reports whether a header's name cannot hold the character (RFC 9110,
// section 5.6.2).
func notInName(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
}

// NoProxy in a profile sends its requests past every proxy.
const NoProxy = "none"

// ProxyURL reports whether text is the URL of a proxy that can be used.
func ProxyURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && slices.Contains([]string{"http", "https", "socks5", "socks5h"}, strings.ToLower(u.Scheme))
}
