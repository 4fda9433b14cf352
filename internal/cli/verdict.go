package cli

import (
	"errors"
	"fmt"
	"syscall"

	"oax/internal/chat"
	"oax/internal/openai"
	"oax/internal/session"
)

// verdict says how the answer ended, disregarding the disk. It is nil for a whole one.
func (t *turn) verdict(cause error, message chat.Message) *report {
	if message.State == chat.Complete && !isStop(cause) {
		return nil
	}
	if g, ok := cause.(gone); ok {
		return &report{kind: string(message.Why), signal: outputSignal(g.why), code: exitNothing}
	}
	if stop, ok := errors.AsType[Interrupted](cause); ok {
		return t.stopped(stop, message)
	}
	if failure, ok := errors.AsType[*openai.Error](cause); ok && !t.answer.Finished() {
		return t.failed(failure)
	}
	return t.incomplete(message)
}

// isStop reports whether the process has to end by a signal, whole answer or not.
func isStop(cause error) bool {
	_, stopped := errors.AsType[Interrupted](cause)
	_, unread := cause.(gone)
	return stopped || unread
}

func (t *turn) stopped(stop Interrupted, message chat.Message) *report {
	r := &report{kind: "stopped", signal: stop.Signal, code: exitNothing}
	switch {
	case t.answer.Nothing():
		r.what, r.newLine = "stopped", true
	case message.State == chat.Complete:
		r.saved = t.saved("")
	default:
		r.saved = t.saved("partial")
	}
	return r
}

// failed words a request or a stream that broke.
func (t *turn) failed(failure *openai.Error) *report {
	r := explainService(failure)
	if failure.Kind == openai.TooLong {
		r.hint = fitting(t.request.Messages, failure)
	}
	if t.answer.Nothing() {
		return r
	}
	r.code, r.kind = exitIncomplete, string(failure.Why())
	r.saved = t.saved("partial")
	if r.hint == "" {
		r.hint = goOn
	}
	return r
}

// incomplete words an answer that the service ended, but not as a whole one.
func (t *turn) incomplete(message chat.Message) *report {
	r := &report{kind: string(message.Why), code: exitIncomplete}
	switch message.Why {
	case chat.Length:
		r.what, r.hint = "the answer hit the length limit", `oax -c "go on"`
		if t.env.flags.MaxTokens != nil {
			r.code = 0
		}
	case chat.Failed:
		r.what, r.hint = fmt.Sprintf("the service gave the answer up (%q)", message.FinishReason), goOn
	case chat.Filter:
		r.what = "the service filtered the rest of the answer"
	case chat.Tool:
		r.what = fmt.Sprintf("the model asked for a tool (%q); not supported", message.ToolCalls[0].Name)
	case chat.Empty:
		r.what = "the model sent an empty answer"
		if message.Reasoning != "" {
			r.what = "the model sent reasoning but no answer"
		}
	default:
		r.what, r.hint = "the answer stopped early (connection closed)", goOn
		if !t.answer.Nothing() {
			r.saved = t.saved("partial")
		}
	}
	return r
}

// saved names the session, or is empty if nothing is saved.
func (t *turn) saved(how string) string {
	if t.keep.ID() == "" {
		return ""
	}
	if how != "" {
		how = " (" + how + ")"
	}
	return "session " + t.keep.ID() + how
}

// withDisk adds to the verdict what the disk did.
func (t *turn) withDisk(r *report, saveErr error) *report {
	if saveErr == nil && t.diskErr != nil {
		if save, ok := errors.AsType[*session.SaveError](t.diskErr); ok && save.Stage == "sync" {
			saveErr = t.diskErr
		}
	}
	if saveErr == nil {
		return r
	}
	disk := explain(saveErr)
	if r != nil && r.signal != nil {
		disk.signal = r.signal
	}
	return disk
}

// why returns what ended an answer early, as the session keeps it.
func why(cause error) chat.Why {
	if cause == nil {
		return ""
	}
	if failure, ok := errors.AsType[*openai.Error](cause); ok {
		return failure.Why()
	}
	if g, ok := cause.(gone); ok && errors.Is(g.why, syscall.EPIPE) {
		return chat.Pipe
	}
	return chat.Stopped
}
