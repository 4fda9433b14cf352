package report

// How a turn ended, in words: what became of the answer, the disk and the output.

import (
	"errors"
	"fmt"

	"oax/internal/chat"
	"oax/internal/openai"
)

// Ending holds the facts of how a turn ended.
type Ending struct {
	Message chat.Message // the answer as far as it came
	Nothing bool         // no part of an answer came
	// Cause ended the turn before the service ended the answer: an *openai.Error, an
	// Interrupted, EPIPE or EIO of an output that nobody reads, or nil.
	Cause     error
	Session   string         // the session's ID; empty if nothing is saved
	LengthSet bool           // the person limited the length of the answer
	Request   []chat.Message // what was sent
	SaveErr   error          // of saving the prompt or the answer
	Rounds    int            // how many answers in a row asked for tools that were run
	OutputErr error          // of standard output, other than a reader that went away
}

// Answer returns how a turn ended, or nil if the whole answer came, is saved and printed.
// Code is 0 for an answer as short as the person wanted it.
func Answer(e Ending) *Error {
	return e.withOutput(e.withDisk(e.ofAnswer()))
}

// ofAnswer disregards the disk and what the output met.
func (e Ending) ofAnswer() *Error {
	if stop, ok := errors.AsType[Interrupted](e.Cause); ok {
		return e.ofSignal(stop)
	}
	failure, failed := errors.AsType[*openai.Error](e.Cause)
	switch {
	case failed && e.Message.FinishReason == "" && e.Message.Why == failure.Why():
		return e.ofFailure(failure)
	case !failed && unread(e.Cause):
		return &Error{Kind: string(e.Message.Why), Signal: outputSignal(e.Cause), Code: ExitFailure}
	case e.Message.State == chat.Complete && failed && failure.Kind == openai.ServiceError:
		// The answer is whole, as the service said before: that is no failure.
		return &Error{What: serviceRow(failure).What + " (after the answer)", Kind: string(chat.Failed)}
	case e.Message.State == chat.Complete:
		return nil
	case !failed && e.Nothing && e.Cause != nil:
		return Of(e.Cause)
	}
	short := e.incomplete()
	if failed && failure.Kind == openai.ServiceError { // the reason came after the finish reason, or with it
		short.What = withWords(short.What, serviceWords(failure))
	}
	return short
}

func (e Ending) ofSignal(stop Interrupted) *Error {
	stopped := &Error{Kind: "stopped", Signal: stop.Signal, Code: ExitFailure}
	switch {
	case e.Nothing:
		stopped.What, stopped.NewLine = "stopped", true
	case e.Message.State != chat.Complete:
		stopped.Saved = e.saved()
	}
	return stopped
}

// ofFailure reports a request or a stream that broke.
func (e Ending) ofFailure(failure *openai.Error) *Error {
	failed := *ofService(failure)
	if failure.SaysTooLong() {
		failed.Hint = fitHint(e.Request, failure)
	}
	if e.Nothing {
		return &failed
	}
	failed.Code, failed.Kind, failed.Saved = ExitIncomplete, string(failure.Why()), e.saved()
	if failed.Hint == "" {
		failed.Hint = goOn
	}
	return &failed
}

// incomplete reports an answer that the service ended, but not as a whole one.
func (e Ending) incomplete() *Error {
	m := e.Message
	failed := &Error{Kind: string(m.Why), Code: ExitIncomplete}
	switch m.Why {
	case chat.Length:
		failed.What, failed.Hint = "the answer hit the length limit", `oax -c "go on"`
		if e.LengthSet && len(m.ToolCalls) == 0 { // of calls the person wants all or none
			failed.Code = 0
		}
	case chat.Failed:
		failed.What, failed.Hint = fmt.Sprintf("the service gave up on the answer (%q)", m.FinishReason), goOn
	case chat.Filter:
		failed.What = "the service filtered the rest of the answer"
	case chat.NoTool:
		failed.What = fmt.Sprintf("the model asked for a tool (%q); not supported", m.ToolCalls[0].Name)
		if e.Rounds > 0 {
			failed.What = fmt.Sprintf("the model asked for tools %d times in a row; the last calls were not run", e.Rounds)
			failed.Hint = `oax -c "go on"`
		}
	case chat.Empty:
		failed.What = "the model sent an empty answer"
		if m.Reasoning != "" {
			failed.What = "the model sent reasoning but no answer"
		}
	default:
		failed.What, failed.Hint = "the answer stopped early (connection closed)", goOn
		if !e.Nothing {
			failed.Saved = e.saved()
		}
	}
	return failed
}

// saved names the session that holds the answer, or is empty if none does.
func (e Ending) saved() string {
	switch {
	case e.Session == "" || e.SaveErr != nil:
		return ""
	case e.Message.State == chat.Complete:
		return "session " + e.Session
	}
	return "session " + e.Session + " (partial)"
}

// withDisk returns what could not be saved in place of how the answer ended.
func (e Ending) withDisk(r *Error) *Error {
	if e.SaveErr == nil {
		return r
	}
	disk := *Of(e.SaveErr)
	if r != nil && r.Signal != nil {
		disk.Signal, disk.NewLine = r.Signal, r.NewLine
	}
	return &disk
}

// withOutput adds what could not be printed, behind what could not be saved.
func (e Ending) withOutput(r *Error) *Error {
	if e.OutputErr == nil || r != nil && r.Signal != nil {
		return r
	}
	output := *Output(e.OutputErr)
	if e.SaveErr == nil {
		output.Saved = e.saved()
		return &output
	}
	both := *r
	both.What += "; " + output.What
	return &both
}
