package cli

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"oax/internal/config"
	"oax/internal/openai"
)

// explainNetwork words what kept a request from getting a reply.
func explainNetwork(e *openai.Error) *report {
	switch e.Kind {
	case openai.Refused:
		if config.IsLoopback(hostname(e.Host)) {
			return &report{what: "nothing is listening on " + e.Host, hint: "start the local server, or check base_url", kind: "net"}
		}
		return &report{what: e.Host + " refused the connection", kind: "net"}
	case openai.NoHost:
		return &report{what: "cannot find host " + hostname(e.Host), hint: "check base_url and your network", kind: "net"}
	case openai.NoRoute:
		return &report{what: fmt.Sprintf("no network route (looking up %s)", hostname(e.Host)), kind: "net"}
	case openai.ConnectTimeout:
		return &report{what: fmt.Sprintf("no connection to %s within %s", e.Host, seconds(e.Limit)), kind: "net"}
	case openai.TLSTimeout:
		return &report{what: fmt.Sprintf("TLS handshake with %s took over %s", e.Host, seconds(e.Limit)), kind: "tls"}
	case openai.Untrusted:
		return &report{what: e.Host + "'s certificate is not trusted: unknown authority", hint: "behind a company proxy? SSL_CERT_FILE=/path/ca.pem", kind: "tls"}
	case openai.BadCertificate:
		return &report{what: fmt.Sprintf("%s's certificate is not valid: %s", e.Host, certificateFault(e)), kind: "tls"}
	case openai.SpeaksPlainHTTP:
		return &report{what: e.Host + " speaks plain http on this port", hint: "base_url = " + baseURL(e, "http"), kind: "tls"}
	case openai.ExpectsHTTPS:
		return &report{what: e.Host + " expects https on this port", hint: "base_url = " + baseURL(e, "https"), kind: "tls"}
	case openai.TLSFailed:
		return &report{what: "no TLS connection to " + e.Host, kind: "tls"}
	case openai.ProxyFailed:
		return &report{what: proxyFault(e), kind: "proxy"}
	case openai.ReplyTimeout:
		return &report{what: fmt.Sprintf("no reply from %s for %s", e.Host, seconds(e.Limit)), hint: "--timeout 10m to wait longer", kind: "timeout"}
	case openai.NoReply:
		return &report{what: e.Host + " closed the connection without replying", kind: "net"}
	case openai.ResetBeforeReply:
		return &report{what: e.Host + " reset the connection without replying", kind: "net"}
	case openai.HeadersTooLarge:
		return &report{what: "reply headers from " + e.Host + " are too large", kind: "protocol"}
	case openai.Encoded:
		return &report{what: fmt.Sprintf("%s sent %q encoding, which was not asked for", e.Host, e.Encoding), kind: "protocol"}
	case openai.NetworkFailed:
		return &report{what: fmt.Sprintf("no reply from %s: %s", e.Host, lastCause(e.Err)), kind: "net"}
	case openai.WebPage:
		return &report{what: e.Host + " sent a web page, not an answer", hint: "network login page? wrong base_url?", kind: "protocol"}
	}
	return nil
}

func certificateFault(e *openai.Error) string {
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](e.Err); ok && invalid.Reason == x509.Expired {
		const day = "2006-01-02"
		if from := invalid.Cert.NotBefore; time.Now().Before(from) {
			return "it counts only from " + from.Format(day)
		}
		return "it expired on " + invalid.Cert.NotAfter.Format(day)
	}
	if name, ok := errors.AsType[x509.HostnameError](e.Err); ok {
		names := name.Certificate.DNSNames
		for _, ip := range name.Certificate.IPAddresses {
			names = append(names, ip.String())
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
		return fmt.Sprintf("no connection through %s within %s", proxy, seconds(e.Limit))
	}
	return fmt.Sprintf("%s refused: %s", proxy, lastCause(e.Err))
}

// baseURL returns the base URL of a request as it would be under the scheme.
func baseURL(e *openai.Error, scheme string) string {
	_, rest, _ := strings.Cut(e.URL, "://")
	rest = strings.TrimSuffix(strings.TrimSuffix(rest, "/models"), "/chat/completions")
	return scheme + "://" + rest
}

func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}
