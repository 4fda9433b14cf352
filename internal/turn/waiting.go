package turn

import (
	"sync"
	"time"

	"oax/internal/chat"
	"oax/internal/report"
)

// maxSilence is how long nothing comes in the middle of an answer before the waiting line
// says so.
const maxSilence = 3 * time.Second

// Waiting returns a sink that stops a spinner as soon as there is something of the answer
// to see. Reasoning that is not shown makes the spinner say that the model is thinking.
// When nothing to see has come for maxSilence, again makes another spinner, unless it
// returns nil: the line cannot be drawn now.
func Waiting(spinner *report.Spinner, again func(since time.Time) *report.Spinner, showsReasoning bool) Sink {
	return &waiting{spinner: spinner, again: again, showsReasoning: showsReasoning}
}

type waiting struct {
	again          func(since time.Time) *report.Spinner
	showsReasoning bool

	mu       sync.Mutex // of what follows
	spinner  *report.Spinner
	thinking bool        // the spinner says so
	last     time.Time   // when there was something to see
	silence  *time.Timer // nil: nothing has been seen yet, or the answer has ended
}

func (w *waiting) Delta(d *chat.Delta) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case len(d.Text)+len(d.Refusal) > 0, len(d.Reasoning) > 0 && w.showsReasoning:
		w.spinner.Stop()
		w.spinner, w.thinking, w.last = nil, false, time.Now()
		if w.silence == nil {
			w.silence = time.AfterFunc(maxSilence, w.silent)
		}
		w.silence.Reset(maxSilence)
	case len(d.Reasoning) > 0 && !w.thinking:
		w.thinking = true
		w.spinner.Say("thinking")
	}
}

// silent is called when nothing to see has come for a while.
func (w *waiting) silent() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.silence == nil || w.spinner != nil || time.Since(w.last) < maxSilence {
		return
	}
	if w.spinner = w.again(w.last); w.spinner == nil {
		w.silence.Reset(maxSilence)
	} else if w.thinking {
		w.spinner.Say("thinking")
	}
}

func (w *waiting) End(End) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.spinner.Stop()
	if w.silence != nil {
		w.silence.Stop()
		w.silence = nil
	}
}
