package openai

import (
	"bytes"
	"cmp"
	"encoding/json"
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
	about.Reset = cmp.Or(resp.Header.Get("X-Ratelimit-Reset-Requests"), resp.Header.Get("X-Ratelimit-Reset-Tokens"),
		resp.Header.Get("X-Ratelimit-Reset"))
	reported, isJSON := parseError(body)
	if !isJSON {
		reported.message = plainText(body)
	}
	c.quote(&about, reported)
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

// quote copies what the service reported into about, without the key.
func (c *Client) quote(about *Error, reported serviceError) {
	about.Message, about.Detail = c.redact(reported.message), c.redact(reported.detail)
	about.Code, about.Param = c.redact(reported.code), c.redact(reported.param)
}

// classify sets the kinds that are known by the service's code, or by words that
// services have in common where there is no code.
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

// errorBody reads the text of an error, or as much as comes within its limits of size
// and time.
func (c *Client) errorBody(body io.ReadCloser) []byte {
	defer time.AfterFunc(c.Limits.ErrorBody, func() { body.Close() }).Stop()
	var buf bytes.Buffer
	io.Copy(&buf, io.LimitReader(body, maxErrorBody))
	return buf.Bytes()
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

// serviceError is an error as the service reports it.
type serviceError struct {
	message, detail, code, param string
}

// parseError finds the error in a JSON body, in any of the forms in use:
//
//	{"error": {"message": ..., "code": ..., "type": ..., "param": ..., "metadata": {"raw": ...}}}
//	{"error": "text"}, {"detail": "text"}, {"detail": [{"msg": ..., "loc": [...]}]}
//	{"message": ...} flat, a text alone, and any of them as the one element of an array
//	{"message": {"detail": [...]}}, {"message": [...]}, and either of them as JSON in a text
//
// It reports whether the body is JSON at all.
func parseError(body []byte) (serviceError, bool) {
	if !json.Valid(body) {
		return serviceError{}, false
	}
	for first := range elements(body) {
		body = first
		break
	}
	body = bytes.TrimSpace(body)
	if body[0] != '{' {
		return serviceError{message: text(body)}, true
	}
	reported := flatError(body)
	if inner := field(body, "error"); !isEmpty(inner) {
		reported = nestedError(inner, reported)
	}
	for _, message := range [][]byte{field(body, "message"), []byte(reported.message)} {
		if text, param := validationError(inside(message)); text != "" {
			reported.message, reported.param = text, param
		}
	}
	if reported.message == "" {
		reported.message, reported.param = validationError(field(body, "detail"))
	}
	return reported, true
}

// maxMessage is how much of an error's text that is taken, as JSON and in bytes.
const maxMessage = 64 << 10

// clip cuts off a string that is longer, behind a whole escape, and drops another value.
func clip(raw []byte) []byte {
	if len(raw) <= maxMessage {
		return raw
	}
	if raw[0] != '"' {
		return nil
	}
	end := 1
	for ; end < maxMessage; end++ {
		if raw[end] == '\\' {
			end++
			if raw[end] == 'u' {
				end += 4
			}
		}
	}
	return append(bytes.Clone(raw[:end]), '"')
}

func flatError(object []byte) serviceError {
	return serviceError{
		message: text(clip(field(object, "message"))),
		code:    firstText(clip(field(object, "code")), clip(field(object, "type"))),
		param:   text(clip(field(object, "param"))),
	}
}

// nestedError reads the value of an error field; outer fills what it leaves open.
func nestedError(inner []byte, outer serviceError) serviceError {
	if inner[0] != '{' {
		outer.message = firstText(clip(inner))
		return outer
	}
	reported := flatError(inner)
	reported.detail = text(clip(field(field(inner, "metadata"), "raw")))
	if reported.message == "" {
		reported.message = outer.message
	}
	if reported.message == "" {
		reported.message = string(inner[:min(len(inner), maxMessage)])
	}
	return reported
}

// inside returns the field detail of a message that is an object (Mistral), or the
// message if it is a list.
func inside(message []byte) []byte {
	if bytes.HasPrefix(message, []byte("[")) {
		return message
	}
	return field(message, "detail")
}

// validationError reads FastAPI's detail: a text, or a list of invalid fields.
func validationError(detail []byte) (message, param string) {
	if message = text(detail); message != "" {
		return message, ""
	}
	var list []struct {
		Msg string
		Loc []any
	}
	if json.Unmarshal(detail, &list) != nil || len(list) == 0 {
		return "", ""
	}
	if n := len(list[0].Loc); n > 0 {
		param, _ = list[0].Loc[n-1].(string)
	}
	return list[0].Msg, param
}

// firstText returns the first value that is not missing: the text of a string, or a
// number as it is written.
func firstText(values ...[]byte) string {
	for _, raw := range values {
		if s := text(raw); s != "" {
			return s
		}
		if isPresent(raw) && raw[0] != '"' {
			return string(raw)
		}
	}
	return ""
}
