package cli

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

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

// explainBody words a body that is no answer, or a broken one.
func explainBody(e *openai.Error) *report {
	r := &report{kind: string(e.Why()), code: exitIncomplete}
	switch e.Kind {
	case openai.EmptyReply:
		r.what, r.kind = e.Host+" sent an empty reply", "empty"
	case openai.BrokenEvent:
		r.what = e.Host + " sent a broken event"
	case openai.NoList:
		r.what, r.code = e.Host+" sent no list of models", exitNetwork
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
		r.what, r.code = withWords(e.Host+" reported an error", inWords(e)), exitRefused
		if e.Busy() {
			r.code = exitBusy
		}
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
		if strings.HasPrefix(e.Location, "http") {
			r.hint = fmt.Sprintf("set base_url to %s if you trust it", origin(e.Location))
		}
	}
	return r
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

func size(bytes int64) string {
	if bytes < 1<<20 {
		return fmt.Sprintf("%d KiB", (bytes+1<<10-1)>>10)
	}
	return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
}

func seconds(d time.Duration) string {
	if d >= 10*time.Minute {
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return fmt.Sprintf("%.3g s", d.Seconds())
}

// origin returns the scheme and host of a URL.
func origin(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return link
	}
	return u.Scheme + "://" + u.Host
}
