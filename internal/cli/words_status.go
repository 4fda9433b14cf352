package cli

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"oax/internal/openai"
)

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
		r.what = fmt.Sprintf("the request is too large for %s (%s)", e.Host, size(e.Size))
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
	what := fmt.Sprintf("%s failed (%s)", e.Host, strings.TrimSpace(fmt.Sprint(e.Status, " ", http.StatusText(e.Status))))
	if e.Tries > 1 {
		what += fmt.Sprintf(" after %d tries", e.Tries)
	}
	if when := comeBack(e); when != "" {
		what += "; unavailable " + when
	}
	return withWords(what, cut(said, 200))
}

func rateLimited(e *openai.Error) string {
	if when := comeBack(e); when != "" {
		return "rate limited " + when
	}
	what := "rate limited"
	if e.Tries > 1 {
		what = fmt.Sprintf("still rate limited after %d tries", e.Tries)
	}
	if e.Reset != "" {
		what += fmt.Sprintf(" (resets %s)", resets(e.Reset))
	}
	return withWords(what, inWords(e))
}

// comeBack says when the service wants to be asked again, if nobody waits for that.
func comeBack(e *openai.Error) string {
	switch {
	case e.RetryAfter <= time.Minute:
		return ""
	case e.RetryAfter > 24*time.Hour:
		return "for more than a day"
	}
	return "until " + time.Now().Add(e.RetryAfter).Format("15:04")
}

// resets puts the header that tells the end of a rate limit into words. Services give
// a duration (6m0s), seconds, or the seconds or milliseconds since 1970.
func resets(header string) string {
	if _, err := time.ParseDuration(header); err == nil {
		return "in " + header
	}
	number, err := strconv.ParseFloat(header, 64)
	switch {
	case err != nil:
		return "at " + header
	case number > 1e11:
		return "at " + time.UnixMilli(int64(number)).Format("15:04")
	case number > 1e9:
		return "at " + time.Unix(int64(number), 0).Format("15:04")
	}
	return "in " + header + " s"
}

func tooLong(e *openai.Error) string {
	if limit, size := e.Tokens(); limit != "" {
		return fmt.Sprintf("the chat is too long for %s (%s tokens; limit %s)", e.Model, size, limit)
	}
	return withWords("the chat is too long for "+e.Model, inWords(e))
}
