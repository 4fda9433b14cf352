package report

// What kept a request from getting a reply.

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"oax/internal/config"
	"oax/internal/openai"
	"oax/internal/term"
)

// ofNetwork returns nil if the request got a reply.
func ofNetwork(e *openai.Error) *Error {
	fail := func(kind, what, hint string) *Error {
		return &Error{What: what, Hint: hint, Kind: kind, Code: ExitNetwork}
	}
	switch e.Kind {
	case openai.Refused:
		if config.IsLoopback(hostname(e.Host)) {
			return fail("net", "nothing is listening on "+e.Host, "start the local server, or check base_url")
		}
		return fail("net", e.Host+" refused the connection", "")
	case openai.NoHost:
		return fail("net", "cannot find host "+hostname(e.Host), "check base_url and your network")
	case openai.NoRoute:
		return fail("net", fmt.Sprintf("no network route (looking up %s)", hostname(e.Host)), "")
	case openai.ConnectTimeout:
		return fail("net", fmt.Sprintf("no connection to %s within %s", e.Host, term.Duration(e.Limit)), "")
	case openai.TLSTimeout:
		return fail("tls", fmt.Sprintf("TLS handshake with %s took over %s", e.Host, term.Duration(e.Limit)), "")
	case openai.Untrusted:
		return fail("tls", e.Host+"'s certificate is not trusted: unknown authority", "behind a company proxy? SSL_CERT_FILE=/path/ca.pem")
	case openai.BadCertificate:
		return fail("tls", fmt.Sprintf("%s's certificate is not valid: %s", e.Host, certificateFault(e)), "")
	case openai.SpeaksPlainHTTP:
		return fail("tls", e.Host+" speaks plain http on this port", "base_url = "+baseURL(e, "http"))
	case openai.ExpectsHTTPS:
		return fail("tls", e.Host+" expects https on this port", "base_url = "+baseURL(e, "https"))
	case openai.TLSFailed:
		return fail("tls", "no TLS connection to "+e.Host, "")
	case openai.ProxyFailed:
		return fail("proxy", proxyFault(e), "")
	case openai.SendTimeout:
		return fail("timeout", fmt.Sprintf("%s took nothing more of the request for %s", e.Host, term.Duration(e.Limit)), "--timeout 10m to wait longer")
	case openai.ReplyTimeout:
		return fail("timeout", fmt.Sprintf("no reply from %s for %s", e.Host, term.Duration(e.Limit)), "--timeout 10m to wait longer")
	case openai.NoReply:
		return fail("net", e.Host+" closed the connection without replying", "")
	case openai.ResetBeforeReply:
		return fail("net", e.Host+" reset the connection without replying", "")
	case openai.HeadersTooLarge:
		return fail("protocol", "reply headers from "+e.Host+" are too large", "")
	case openai.Encoded:
		return fail("protocol", fmt.Sprintf("%s sent %q encoding, which was not asked for", e.Host, e.Encoding), "")
	case openai.NetworkFailed:
		return fail("net", fmt.Sprintf("no reply from %s: %s", e.Host, lastCause(e.Err)), limitHint(e.Err))
	case openai.WebPage:
		return fail("protocol", e.Host+" sent a web page, not an answer", "network login page? wrong base_url?")
	}
	return nil
}

// certificateFault continues a sentence about a certificate that is not valid.
func certificateFault(e *openai.Error) string {
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](e.Err); ok && invalid.Reason == x509.Expired {
		if from := invalid.Cert.NotBefore; time.Now().Before(from) {
			return "it is not valid before " + from.Format(time.DateOnly)
		}
		return "it expired on " + invalid.Cert.NotAfter.Format(time.DateOnly)
	}
	if name, ok := errors.AsType[x509.HostnameError](e.Err); ok {
		names := slices.Clone(name.Certificate.DNSNames)
		for _, ip := range name.Certificate.IPAddresses {
			names = append(names, ip.String())
		}
		if len(names) == 0 {
			return "it names no host; it should name " + name.Host
		}
		return fmt.Sprintf("it is for %s, not for %s", strings.Join(names, ", "), name.Host)
	}
	return lastCause(e.Err)
}

func proxyFault(e *openai.Error) string {
	proxy := "proxy " + e.Proxy
	if strings.HasPrefix(e.Proxy, "socks") {
		proxy = "SOCKS " + proxy
	}
	if e.Limit > 0 {
		return fmt.Sprintf("no connection through %s within %s", proxy, term.Duration(e.Limit))
	}
	return fmt.Sprintf("%s refused: %s", proxy, lastCause(e.Err))
}

// baseURL returns the base URL of a request as it would be under the scheme.
func baseURL(e *openai.Error, scheme string) string {
	_, rest, _ := strings.Cut(e.URL, "://")
	for _, path := range []string{"/models", "/chat/completions", "/responses"} {
		rest = strings.TrimSuffix(rest, path)
	}
	return scheme + "://" + rest
}

func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}
