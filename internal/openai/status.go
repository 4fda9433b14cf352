package openai

import (
	"bytes"
	"cmp"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxErrorBody is how much of an error's text is read, in bytes.
const maxErrorBody = 64 << 10

// statusError returns the *Error of a reply with another status than 200.
func (c *Client) statusError(about Error, resp *http.Response) error {
	body := c.errorBody(resp.Body)
	about.Kind = BadStatus
	about.shouldRetry = resp.Header.Get("X-Should-Retry")
	about.RetryAfter = retryAfter(resp.Header, time.Now())
	about.Reset = c.Redact(cmp.Or(resp.Header.Get("X-Ratelimit-Reset-Requests"), resp.Header.Get("X-Ratelimit-Reset-Tokens"),
		resp.Header.Get("X-Ratelimit-Reset")))
	reported := ParseError(body)
	isJSON := reported != nil
	if !isJSON {
		reported = &Reported{Message: plainText(body)}
	}
	c.quote(&about, reported)
	switch status := about.Status; {
	case status >= 300 && status < 400 && resp.Header.Get("Location") != "":
		about.Kind = Redirected
		about.Location = c.Redact(location(about.URL, resp.Header.Get("Location")))
	case status == http.StatusNoContent:
		about.Kind = EmptyReply
	case status == http.StatusBadRequest && !isJSON && wantsHTTPS(body):
		about.Kind = ExpectsHTTPS
	default:
		about.classify()
	}
	return &about
}

// quote copies what the service reported into about, without secrets.
func (c *Client) quote(about *Error, reported *Reported) {
	about.Message, about.Detail = c.Redact(reported.Message), c.Redact(reported.Detail)
	about.Code, about.Param = c.Redact(reported.Code), c.Redact(reported.Param)
}

// reported returns the error of a service that reports one at status 200.
func (c *Client) reported(about Error, reported *Reported) error {
	about.Kind = ServiceError
	c.quote(&about, reported)
	return &about
}

// classify sets the kinds that are known by the service's code, or by words that
// services have in common where there is no code.
func (e *Error) classify() {
	text := strings.ToLower(e.Message)
	e.OnlyIn = onlyIn(e.Message)
	switch {
	case e.OnlyIn != "":
		e.Kind = OtherAPI
	case e.Status == http.StatusPaymentRequired || e.Code == "insufficient_quota" || e.Code == "billing_hard_limit_reached":
		e.Kind = NoCredit
	case e.Code == "context_length_exceeded" || e.Status == http.StatusBadRequest && speaksOfContext(text):
		e.Kind = TooLong
	case e.Code == "model_not_found" || e.Code == "DeploymentNotFound" ||
		e.Status == http.StatusNotFound && e.Model != "" && strings.Contains(text, "model") &&
			containsAny(text, "not found", "not exist", "no model", "no such", "unknown model", "not available", "not a valid model"):
		e.Kind = NoModel
	}
}

// errorBody reads the text of an error, or as much as comes within its limits of size
// and time.
func (c *Client) errorBody(body io.ReadCloser) []byte {
	defer time.AfterFunc(c.config.Limits.ErrorBody, func() { body.Close() }).Stop()
	text, _ := io.ReadAll(io.LimitReader(body, maxErrorBody))
	return text
}

// wantsHTTPS recognizes the replies of common servers to plain HTTP on a TLS port.
func wantsHTTPS(body []byte) bool {
	return containsAny(string(body), "HTTP request to an HTTPS server", "plain HTTP request was sent to HTTPS port")
}

// plainText returns an error body that is not JSON, unless it is a web page.
func plainText(body []byte) string {
	text := bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	if bytes.HasPrefix(text, []byte("<")) {
		return ""
	}
	return string(text)
}

// location returns the absolute URL of a redirect, without user and password.
func location(from, to string) string {
	target, err := url.Parse(from)
	if err == nil {
		target, err = target.Parse(to)
	}
	if err != nil {
		return to
	}
	return withoutUser(target)
}

// withoutUser returns the URL without user and password: a user alone is often a token.
func withoutUser(u *url.URL) string {
	shown := *u
	shown.User = nil
	return shown.String()
}
