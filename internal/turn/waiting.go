package turn

import (
	"fmt"
	"time"

	"oax/internal/chat"
	"oax/internal/openai"
	"oax/internal/report"
	"oax/internal/term"
)

// Waiting returns a sink that stops a spinner as soon as there is something of the answer
// to see. Reasoning that is not shown makes the spinner say that the model is thinking.
func Waiting(spinner *report.Spinner, showsReasoning bool) Sink {
	return &waiting{spinner: spinner, showsReasoning: showsReasoning}
}

type waiting struct {
	spinner        *report.Spinner
	showsReasoning bool
	thinking       bool // the spinner says so
}

func (w *waiting) Delta(d *chat.Delta) {
	switch {
	case len(d.Text)+len(d.Refusal) > 0, len(d.Reasoning) > 0 && w.showsReasoning:
		w.spinner.Stop()
	case len(d.Reasoning) > 0 && !w.thinking:
		w.thinking = true
		w.spinner.Say("thinking")
	}
}

func (w *waiting) End(End) { w.spinner.Stop() }

// RetryNotice returns a function for openai.Client.OnRetry that tells what is waited for
// before the request is sent again: a person at a terminal always, a log of rate limits
// only.
func RetryNotice(log *report.Writer, terminal bool) func(openai.Retry) {
	return func(r openai.Retry) {
		wait := fmt.Sprintf("retrying in %s (%d/%d)", term.Duration(r.Wait.Round(100*time.Millisecond)), r.Try, r.Most)
		switch limited := r.Cause.Status == 429; {
		case limited && terminal:
			log.Note("rate limited; " + wait + " — Ctrl-C to stop")
		case limited:
			log.Note("rate limited; " + wait)
		case terminal && r.Cause.Status != 0:
			log.Note(wait)
		}
	}
}
