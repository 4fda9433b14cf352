package openai

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxErrorBody is how much of an error's text is read, in bytes.
const maxErrorBody = 64 << 10

// statusError says what a reply other than 200 means.
func (c *Client) statusError(about Error, resp *http.Response) error {
	body := c.errorBody(resp.Body)
	about.Kind = BadStatus
	about.shouldRetry = resp.Header.Get("X-Should-Retry")
	about.RetryAfter = retryAfter(resp.Header, time.Now())
	about.Reset = firstOf(resp.Header, "X-Ratelimit-Reset-Requests", "X-Ratelimit-Reset-Tokens", "X-Ratelimit-Reset")
	said, isJSON := parseError(body)
	if !isJSON {
		said.message = plainText(body)
	}
	c.quote(&about, said)
	switch status := about.Status; {
	case status >= 300 && status < 400 && resp.Header.Get("Location") != "":
		about.Kind = Redirected
		about.Location = c.redact(location(about.URL, resp.Header.Get("Location")))
	case status == http.StatusNoContent:
		about.Kind = EmptyReply
	case status == http.StatusBadRequest && !isJSON && wantsHTTPS(body):
		about.Kind = ExpectsHTTPS
	default:
		about.classify()
	}
	return &about
}

// quote takes over what the service said, without the key.
func (c *Client) quote(about *Error, said serviceError) {
	about.Message, about.Detail = c.redact(said.message), c.redact(said.detail)
	about.Code, about.Param = c.redact(said.code), c.redact(said.param)
}

// classify knows the failures that have names of their own by the service's code,
// or by the words that are common to all where there is no code.
func (e *Error) classify() {
	text := strings.ToLower(e.Message)
	switch {
	case e.Status == http.StatusPaymentRequired || e.Code == "insufficient_quota" || e.Code == "billing_hard_limit_reached":
		e.Kind = NoCredit
	case e.Code == "context_length_exceeded" || e.Status == http.StatusBadRequest && speaksOfContext(text):
		e.Kind = TooLong
	case e.Code == "model_not_found" || e.Code == "DeploymentNotFound" ||
		e.Status == http.StatusNotFound && e.Model != "" && strings.Contains(text, "model"):
		e.Kind = NoModel
	}
}

// errorBody reads the text of an error within its limits of size and time, and
// makes do with what came by then.
func (c *Client) errorBody(body io.ReadCloser) []byte {
	defer time.AfterFunc(c.Limits.ErrorBody, func() { body.Close() }).Stop()
	var buf bytes.Buffer
	io.Copy(&buf, io.LimitReader(body, maxErrorBody))
	return buf.Bytes()
}

// wantsHTTPS knows the replies of the common servers to plain HTTP on a TLS port.
func wantsHTTPS(body []byte) bool {
	text := string(body)
	return strings.Contains(text, "HTTP request to an HTTPS server") ||
		strings.Contains(text, "plain HTTP request was sent to HTTPS port")
}

// plainText returns an error body that is not JSON, unless it is a web page.
func plainText(body []byte) string {
	text := bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	if bytes.HasPrefix(text, []byte("<")) {
		return ""
	}
	return string(text)
}

// location resolves where a redirect points to, without what may be secret in it.
func location(from, to string) string {
	base, err := url.Parse(from)
	if err != nil {
		return to
	}
	target, err := base.Parse(to)
	if err != nil {
		return to
	}
	return withoutUser(target)
}

// withoutUser leaves out who asks: a name without a password is often a token.
func withoutUser(u *url.URL) string {
	shown := *u
	shown.User = nil
	return shown.String()
}

func firstOf(header http.Header, names ...string) string {
	for _, name := range names {
		if value := header.Get(name); value != "" {
			return value
		}
	}
	return ""
}
