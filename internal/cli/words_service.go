package cli

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"oax/internal/config"
	"oax/internal/openai"
)

// explainService words a failed request: no answer has come, or not all of it.
func explainService(e *openai.Error) *report {
	if r := explainNetwork(e); r != nil {
		r.code = exitNetwork
		return r
	}
	if r := explainBody(e); r != nil {
		return r
	}
	switch e.Kind {
	case openai.Redirected:
		return explainRedirect(e)
	case openai.NoCredit:
		return &report{what: "the account has no credit left", kind: "quota", code: exitKey}
	case openai.TooLong:
		return &report{what: tooLong(e), hint: "start a new chat, or send only the last turns with --last 10", kind: "400", code: exitRefused}
	case openai.NoModel:
		return &report{what: fmt.Sprintf("%s has no model %q", e.Host, e.Model), hint: "oax models", kind: "404", code: exitRefused}
	}
	return explainStatus(e)
}

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
		return &report{what: fmt.Sprintf("proxy %s refused: %s", e.Proxy, lastCause(e.Err)), kind: "proxy"}
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

// explainBody words a body that is no answer, or a broken one.
func explainBody(e *openai.Error) *report {
	r := &report{kind: string(e.Why()), code: exitIncomplete}
	switch e.Kind {
	case openai.EmptyReply:
		r.what, r.kind = e.Host+" sent an empty reply", "empty"
	case openai.BrokenEvent:
		r.what = e.Host + " sent a broken event"
	case openai.EventTooLong:
		r.what = e.Host + " sent an event over 8 MiB"
	case openai.AnswerLimit:
		r.what = "the answer passed 16 MiB; stopped"
	case openai.ResetLate:
		r.what, r.hint = "the connection was reset", goOn
	case openai.Silence:
		r.what, r.hint = fmt.Sprintf("no data from %s for %s", e.Host, seconds(e.Limit)), goOn
	case openai.NoText:
		r.what, r.hint = "no answer text for "+seconds(e.Limit), goOn
	case openai.ServiceError:
		r.what = fmt.Sprintf("%s reported an error: %s", e.Host, inWords(e))
	default:
		return nil
	}
	return r
}

const goOn = `oax retry, or oax -c "go on"`

func explainRedirect(e *openai.Error) *report {
	r := &report{kind: "redirect", code: exitUsage}
	switch {
	case strings.HasPrefix(e.URL, "https://") && strings.HasPrefix(e.Location, "http://"):
		r.what = fmt.Sprintf("%s redirects to %s; not followed (your key and prompt would be unencrypted)", e.Host, e.Location)
	case origin(e.URL) == origin(e.Location):
		r.what = "the endpoint moved to " + e.Location
		r.hint = "set base_url"
	default:
		r.what = fmt.Sprintf("%s redirects to %s; not followed (your key and prompt would go there)", e.Host, e.Location)
		r.hint = fmt.Sprintf("set base_url to %s if you trust it", origin(e.Location))
	}
	return r
}

// explainStatus words a reply by its status (RFC 9110, section 15).
func explainStatus(e *openai.Error) *report {
	r := &report{kind: fmt.Sprint(e.Status), code: exitRefused}
	said := inWords(e)
	switch status := e.Status; {
	case status == 401:
		r.what, r.code = e.Host+" does not accept the API key (401)", exitKey
	case status == 403:
		r.what, r.code = withWords("not allowed (403)", said), exitKey
	case status == 404:
		r.what = fmt.Sprintf("nothing at %s (404)", e.URL)
		r.hint = "does base_url need /v1?"
	case status == 405, status == 415, status == 501:
		r.what, r.kind = withWords(fmt.Sprintf("%s refused the request (%d)", e.Host, status), said), "4xx"
		r.hint = "is this an OpenAI-compatible endpoint?"
	case status == 413:
		r.what = "the request is too large for " + e.Host
	case status == 422 && e.Param != "":
		r.what = withWords("the service refused the request (422)", e.Param+": "+said)
	case status == 429:
		r.what, r.code = rateLimited(e), exitBusy
	case status == 529, status >= 520 && status <= 524:
		r.what, r.kind, r.code = fmt.Sprintf("%s is overloaded (%d)", e.Host, status), "529", exitBusy
	case status >= 500, status == 408, status == 409:
		r.what, r.code = failing(e, said), exitBusy
		if status >= 500 {
			r.kind = "5xx"
		}
	default:
		r.what = withWords(fmt.Sprintf("the service refused the request (%d)", status), said)
	}
	return r
}

func failing(e *openai.Error, said string) string {
	what := fmt.Sprintf("%s failed (%d %s)", e.Host, e.Status, http.StatusText(e.Status))
	if e.Tries > 1 {
		what += fmt.Sprintf(" after %d tries", e.Tries)
	}
	return withWords(what, cut(said, 200))
}

func rateLimited(e *openai.Error) string {
	if e.Tries <= 1 && e.RetryAfter > 0 {
		if e.RetryAfter > 24*time.Hour {
			return "rate limited for more than a day"
		}
		return "rate limited until " + time.Now().Add(e.RetryAfter).Format("15:04")
	}
	what := "rate limited"
	if e.Tries > 1 {
		what = fmt.Sprintf("still rate limited after %d tries", e.Tries)
	}
	if e.Reset != "" {
		what += fmt.Sprintf(" (resets in %s)", e.Reset)
	}
	return withWords(what, inWords(e))
}

func tooLong(e *openai.Error) string {
	if limit, size := e.Tokens(); limit != "" {
		return fmt.Sprintf("the chat is too long for %s (%s tokens; limit %s)", e.Model, size, limit)
	}
	return withWords("the chat is too long for "+e.Model, inWords(e))
}

// inWords returns what the service said, cut to a length that can be read.
func inWords(e *openai.Error) string {
	said := e.Message
	if e.Detail != "" && !strings.Contains(said, e.Detail) {
		said = withWords(said, e.Detail)
	}
	return cut(said, 600)
}

func cut(text string, longest int) string {
	if utf8.RuneCountInString(text) > longest {
		return string([]rune(text)[:longest]) + "…"
	}
	return text
}

func withWords(what, said string) string {
	if said == "" {
		return what
	}
	return what + ": " + said
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

// lastCause returns the innermost error's text.
func lastCause(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return plainError(err)
		}
		err = inner
	}
}

func seconds(d time.Duration) string {
	if d >= 10*time.Minute {
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return fmt.Sprintf("%.3g s", d.Seconds())
}

func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}

// baseURL returns the base URL of a request as it would be under the scheme.
func baseURL(e *openai.Error, scheme string) string {
	_, rest, _ := strings.Cut(e.URL, "://")
	rest = strings.TrimSuffix(strings.TrimSuffix(rest, "/models"), "/chat/completions")
	return scheme + "://" + rest
}

// origin returns the scheme and host of a URL.
func origin(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return link
	}
	return u.Scheme + "://" + u.Host
}
