package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// BaseURLError says why a base URL cannot be used. It does not hold the URL, which may
// have a password in it.
type BaseURLError struct {
	Setting  string // base_url or the variable, as OPENAI_BASE_URL
	Problem  string // continues a sentence that Setting begins
	Suggest  string // a URL that is likely to be meant; may be empty
	Location        // of the setting in the file; zero for a variable
}

func (e *BaseURLError) Error() string { return e.prefix(e.Setting + " " + e.Problem) }

// NoBaseURLError says that a profile has no base_url and no built-in one of its name
// has.
type NoBaseURLError struct {
	Profile  string
	Location // of the profile
}

func (e *NoBaseURLError) Error() string {
	return e.prefix(fmt.Sprintf("profile %q has no base_url", e.Profile))
}

// NormalizeBaseURL returns a base URL in the form that /chat/completions can be added
// to, or /responses: without a slash at its end. The error is a *BaseURLError.
func NormalizeBaseURL(text string) (string, error) {
	fail := func(problem string) (string, error) {
		return "", &BaseURLError{Setting: "base_url", Problem: problem}
	}
	text = strings.TrimSpace(text)
	lower := strings.ToLower(text)
	if !strings.HasPrefix(lower, "http://") && !strings.HasPrefix(lower, "https://") {
		return "", &BaseURLError{Setting: "base_url", Problem: "must begin with http:// or https://", Suggest: withScheme(text)}
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return fail("is not a URL") // the parser's text would repeat it
	case u.User != nil:
		return fail("must not hold a user name or password")
	case strings.Contains(u.Path, "/openai/deployments/"): // as Azure's portal shows it
		return "", &BaseURLError{Setting: "base_url", Problem: "must end before /openai; the deployment is the model", Suggest: u.Scheme + "://" + u.Host}
	case u.RawQuery != "" || u.ForceQuery:
		return fail("must not hold a query (?...)")
	case strings.Contains(text, "#"):
		return fail("must not hold a fragment (#...)")
	case u.Hostname() == "":
		return fail("names no host")
	}
	base := strings.TrimRight(u.String(), "/")
	for _, api := range []string{"/chat/completions", "/responses"} {
		if strings.HasSuffix(base, api) {
			return fail("should end before " + api)
		}
	}
	return base, nil
}

// withScheme returns the URL that text without a scheme is likely to mean, or nothing if
// that one would be refused too.
func withScheme(text string) string {
	if strings.Contains(text, "://") {
		return ""
	}
	scheme := "https://"
	if u, err := url.Parse("//" + text); err == nil && IsLoopback(u.Hostname()) {
		scheme = "http://"
	}
	base, _ := NormalizeBaseURL(scheme + text)
	return base
}

// IsLoopback reports whether host, without port or brackets, is this machine by its name
// or address: localhost, 127.0.0.0/8 or ::1. It makes no DNS query.
func IsLoopback(host string) bool {
	if strings.EqualFold(strings.TrimSuffix(host, "."), "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// isPrivate reports whether host is on a private network, by its name or address: the
// private and link-local ranges, that of carrier-grade and mesh networks (RFC 6598), a
// name without a dot, or one under local, lan, internal or home.arpa. A server there is
// somebody's own, at home or at work, and seldom needs a key.
func isPrivate(host string) bool {
	meshNetwork := netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64}), 10)
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.IsLoopback() || addr.IsPrivate() || addr.IsLinkLocalUnicast() || meshNetwork.Contains(addr.Unmap())
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for _, suffix := range []string{".local", ".lan", ".internal", ".home.arpa"} {
		if strings.HasSuffix(host, suffix) {
			return true
		}
	}
	return host != "" && !strings.Contains(host, ".")
}

// WithoutUser returns a proxy's URL without the user name and password in it. Of a URL
// that cannot be parsed it returns nothing but that.
func WithoutUser(text string) string {
	if text != "" && !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		return "(not a URL)"
	}
	u.User = nil
	return u.String()
}
