package turn

import (
	"oax/internal/chat"
	"oax/internal/report"
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
