package report

// What a service replied. Its own words always follow ours.

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"oax/internal/openai"
	"oax/internal/term"
)

// goOn is what to type after an answer that broke off.
const goOn = `oax retry, or oax -c "go on"`

// ofService has the words for a failed request, of which no answer came, or not all of it.
func ofService(e *openai.Error) *Error {
	failed := serviceRow(e)
	failed.Cause = e
	return failed
}

func serviceRow(e *openai.Error) *Error {
	if failed := ofNetwork(e); failed != nil {
		return failed
	}
	if e.SaysTooLong() {
		return tooLong(e)
	}
	if failed := ofBody(e); failed != nil {
		return failed
	}
	switch e.Kind {
	case openai.Redirected:
		return ofRedirect(e)
	case openai.NoCredit:
		return &Error{What: withWords("the account has no credit left", serviceWords(e)), Kind: "quota", Code: ExitKey}
	case openai.OtherAPI:
		what := fmt.Sprintf("%s does not answer %q by this API (%d)", e.Host, e.Model, e.Status)
		return &Error{What: withWords(what, serviceWords(e)), Hint: "set api in the profile", Kind: fmt.Sprint(e.Status), Code: ExitRefused}
	case openai.NoModel:
		what := fmt.Sprintf("%s has no model %q", e.Host, e.Model)
		return &Error{What: withWords(what, serviceWords(e)), Hint: "oax models", Kind: "404", Code: ExitRefused}
	}
	return ofStatus(e)
}

// ofBody has the words for a body that is no answer, or a broken one. It returns nil if
// the error is not about the body.
func ofBody(e *openai.Error) *Error {
	failed := &Error{Kind: string(e.Why()), Code: ExitIncomplete}
	switch e.Kind {
	case openai.EmptyReply:
		failed.What, failed.Kind = e.Host+" sent an empty reply", "empty"
	case openai.BrokenEvent:
		failed.What = e.Host + " sent a broken event"
	case openai.NoList:
		failed.What, failed.Code = e.Host+" sent no list of models", ExitNetwork
	case openai.EventTooLong:
		failed.What = e.Host + " sent an event over 8 MiB"
	case openai.AnswerLimit:
		failed.What = "the answer passed 16 MiB; stopped"
	case openai.ResetLate:
		failed.What, failed.Hint = "the connection was reset", goOn
	case openai.Silence:
		failed.What, failed.Hint = fmt.Sprintf("no data from %s for %s", e.Host, term.Duration(e.Limit)), goOn
	case openai.NoText:
		failed.What, failed.Hint = "no answer text for "+term.Duration(e.Limit), goOn
	case openai.ServiceError:
		failed.What, failed.Code = withWords(e.Host+" reported an error", serviceWords(e)), ExitRefused
		if e.Busy() {
			failed.Code = ExitBusy
		}
	default:
		return nil
	}
	return failed
}

func ofRedirect(e *openai.Error) *Error {
	failed := &Error{Kind: "redirect", Code: ExitUsage}
	switch {
	case strings.HasPrefix(e.URL, "https://") && strings.HasPrefix(e.Location, "http://"):
		failed.What = fmt.Sprintf("%s redirects to %s; not followed (your key and prompt would be unencrypted)", e.Host, e.Location)
	case origin(e.URL) == origin(e.Location):
		failed.What, failed.Hint = "the endpoint moved to "+e.Location, "set base_url"
	default:
		failed.What = fmt.Sprintf("%s redirects to %s; not followed (your key and prompt would go there)", e.Host, e.Location)
		if strings.HasPrefix(e.Location, "http") {
			failed.Hint = fmt.Sprintf("set base_url to %s if you trust it", origin(e.Location))
		}
	}
	return failed
}

// ofStatus has the words for a reply by its status (RFC 9110, section 15).
func ofStatus(e *openai.Error) *Error {
	failed := &Error{Kind: fmt.Sprint(e.Status), Code: ExitRefused}
	words := serviceWords(e)
	switch status := e.Status; {
	case status == 401 && e.LacksPermission():
		failed.What, failed.Code = "not allowed (401)", ExitKey
	case status == 401:
		failed.What, failed.Code = e.Host+" does not accept the API key (401)", ExitKey
	case status == 403:
		failed.What, failed.Code = "not allowed (403)", ExitKey
	case status == 404:
		failed.What, failed.Hint = fmt.Sprintf("nothing at %s (404)", e.URL), pathHint(e.URL)
	case status == 405, status == 415, status == 501:
		failed.What, failed.Kind = fmt.Sprintf("%s refused the request (%d)", e.Host, status), "4xx"
		failed.Hint = "is this an OpenAI-compatible endpoint?"
	case status == 413:
		size := fmt.Sprintf("%.1f MiB", float64(e.Size)/(1<<20))
		if e.Size < 1<<20 {
			size = fmt.Sprintf("%d KiB", (e.Size+1<<10-1)>>10)
		}
		failed.What = fmt.Sprintf("the request is too large for %s (%s)", e.Host, size)
	case status == 422 && e.Param != "":
		failed.What, words = "the service refused the request (422)", e.Param+": "+words
	case status == 429:
		failed.What, failed.Code = rateLimited(e), ExitBusy
	case status == 529, status >= 520 && status <= 524:
		failed.What, failed.Kind, failed.Code = fmt.Sprintf("%s is overloaded (%d)", e.Host, status), "529", ExitBusy
	case status >= 500, status == 408, status == 409:
		failed.What, failed.Code, words = failing(e), ExitBusy, cut(words, 200)
		if status >= 500 {
			failed.Kind = "5xx"
		}
	default:
		failed.What = fmt.Sprintf("the service refused the request (%d)", status)
	}
	failed.What = withWords(failed.What, words)
	return failed
}

// pathHint returns what may be wrong with a base URL under which there is nothing.
func pathHint(link string) string {
	u, err := url.Parse(link)
	if err != nil || regexp.MustCompile(`/v[0-9]`).MatchString(u.Path) {
		return "check base_url: oax config show"
	}
	return "does base_url need /v1?"
}

func failing(e *openai.Error) string {
	what := fmt.Sprintf("%s failed (%s)", e.Host, strings.TrimSpace(fmt.Sprint(e.Status, " ", http.StatusText(e.Status))))
	if e.Tries > 1 {
		what += fmt.Sprintf(" after %d tries", e.Tries)
	}
	if when := comeBack(e); when != "" {
		what += "; unavailable " + when
	}
	return what
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
	return what
}

// Retrying returns what is waited for before a request is sent again: for a person at a
// terminal always, for a log only rate limits, else nothing.
func Retrying(r openai.Retry, terminal bool) string {
	wait := fmt.Sprintf("retrying in %s (%d/%d)", term.Duration(r.Wait.Round(100*time.Millisecond)), r.Try, r.Most)
	switch limited := r.Cause.Status == 429; {
	case limited && terminal:
		return "rate limited; " + wait + " — Ctrl-C to stop"
	case limited:
		return "rate limited; " + wait
	case terminal && r.Cause.Status != 0:
		return wait
	}
	return ""
}

// comeBack returns until when the service wants to be left alone, if that is too long for
// a retry.
func comeBack(e *openai.Error) string {
	switch {
	case e.RetryAfter <= time.Minute:
		return ""
	case e.RetryAfter > 24*time.Hour:
		return "for more than a day"
	}
	return "until " + time.Now().Add(e.RetryAfter).Format("15:04")
}

// resets returns when a rate limit ends, from the header that says so. Services give a
// duration (6m0s), seconds, or the seconds or milliseconds since 1970.
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

// serviceWords returns what the service said, cut to a length that can be read.
func serviceWords(e *openai.Error) string {
	words := e.Message
	if e.Detail != "" && !strings.Contains(words, e.Detail) {
		words = withWords(words, e.Detail)
	}
	return cut(words, 600)
}

func withWords(what, words string) string {
	if words == "" || what == "" {
		return what + words
	}
	return what + ": " + words
}

// cut returns text, or its first max characters and … if it is longer.
func cut(text string, max int) string {
	if utf8.RuneCountInString(text) > max {
		return string([]rune(text)[:max]) + "…"
	}
	return text
}

// lastCause returns the words of the innermost error.
func lastCause(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return Cause(err)
		}
		err = inner
	}
}

// origin returns the scheme and host of a URL.
func origin(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return link
	}
	return u.Scheme + "://" + u.Host
}
