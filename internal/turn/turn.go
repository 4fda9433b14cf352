// Package turn runs one turn: a request and its answer, from the saved prompt to the
// saved answer. It does not know who asks; a command line, a conversation and a server
// use it alike, and differ in the sinks that listen.
//
// What it promises, in the order of its steps:
//
//   - The prompt is synced to the disk while the request travels, and before anything of
//     the answer is shown.
//   - Each piece of the answer is in the journal before any sink gets it, so what a person
//     has seen is on disk, whatever kills the process next.
//   - The answer is saved and synced before the turn is reported as ended. It is complete
//     only if the endpoint said so.
//   - Output that hangs holds up neither the network nor the disk nor Ctrl-C. A full disk
//     or a broken output does not end the answer; only output that nobody reads does.
//
// There are two ways to listen. A Sink is called for each piece and must return at once.
// Whatever may be slow reads the Tape in a goroutine of its own, as the Printer does.
package turn

import (
	"context"
	"errors"
	"io"
	"slices"
	"syscall"
	"time"

	"oax/internal/chat"
	"oax/internal/openai"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/session/record"
)

// Options are what a turn needs.
type Options struct {
	Client  *openai.Client
	Request openai.Request
	Saver   Saver
	Output  *Printer // prints the answer; nil: nothing is printed
	Sinks   []Sink
	// Check returns what is wrong with a complete answer, or nil. It may be nil.
	Check     func(chat.Message) *report.Error
	Calls     bool             // an answer that asks for tools is whole: somebody else runs them
	Round     int              // of Rounds, which run the calls of the answer; 0: nobody does
	LengthSet bool             // the person limited the answer's length
	Now       func() time.Time // nil: time.Now
}

// Sink listens to a turn. Its methods are called by the turn's goroutine, and hold it up.
type Sink interface {
	// Delta takes a piece of the answer that is in the journal, and valid until it returns.
	Delta(*chat.Delta)
	// End is called once, when the answer is saved or could not be.
	End(End)
}

// End is how a turn ended.
type End struct {
	Message chat.Message  // zero if there is no answer
	Session string        // the session's ID; empty if nothing is saved
	Err     *report.Error // nil if all is well
	GoesOn  bool          // the calls of the answer are run, and another answer follows
}

// Result is what a turn returns.
type Result struct {
	Message  chat.Message  // the answer as far as it came
	Answered bool          // there is an answer, if only an empty one
	Err      *report.Error // nil if the whole answer came, is saved and printed
	SaveErr  error         // the prompt or the answer is not safe on the disk
	Times    report.Times
	Notes    []string // what there is to tell of the text and of the session

	Turn   string           // the ID of the answer's turn, if Rounds ran
	Before []record.Message // the answers before, whose calls Rounds ran, with calls and results
}

// Records returns what a prompt adds to a session: the system message, unless it is empty,
// and the prompt with the model and the profile it goes to. Replaced is how many invalid
// bytes of the prompt were replaced.
func Records(system string, prompt chat.Message, model, profile string, replaced int) []record.Message {
	var records []record.Message
	if system != "" {
		records = append(records, record.Message{Message: chat.Message{Role: chat.System, Text: system}})
	}
	prompt.Model = model
	return append(records, record.Message{Message: prompt, Profile: profile, Replaced: replaced})
}

// Results returns the records of the results of calls, which the model and the profile that
// asked for them get.
func Results(results []chat.Message, model, profile string) []record.Message {
	var records []record.Message
	turn := record.NewTurnID()
	for _, r := range results {
		r.Model = model
		records = append(records, record.Message{Message: r, Profile: profile, Turn: turn})
	}
	return records
}

// Begin saves the records of a prompt: in a session that goes on, or in a new one if s is
// nil. Without records the last prompt of s is asked again. If another process writes to
// s, the turn becomes a branch, so that neither loses anything, and log is told; it is told
// of calls of tools without a result too. Without a store nothing is saved. The error is one
// of session.Store's Create, Continue and Fork.
func Begin(store *session.Store, s *session.Session, log *report.Writer, records ...record.Message) (Saver, error) {
	for _, line := range report.Unfinished(s) {
		log.Line(line)
	}
	switch {
	case store == nil:
		return Unsaved{}, nil
	case s == nil:
		return saver(store.Create(records...))
	}
	w, err := store.Continue(s.Entry(), records...)
	busy, isBusy := errors.AsType[*session.BusyError](err)
	if !isBusy {
		return saver(w, err)
	}
	log.Line(report.Branch(busy))
	if last, _, ok := s.LastPrompt(); ok && len(records) == 0 {
		return saver(store.Fork(s, s.Turns()-1, last))
	}
	return saver(store.Fork(s, s.Turns(), records...))
}

// saver returns no Saver, rather than one that is a nil pointer, with an error.
func saver(w *session.Writer, err error) (Saver, error) {
	if err != nil {
		return nil, err
	}
	return w, nil
}

// turn is a turn that is running.
type turn struct {
	Options
	id         string // the session's
	tape       *Tape
	times      report.Times
	journalErr error // the first one
	syncErr    error // of the prompt
	hung       bool  // the disk does not answer; the saver is left to itself
}

// Run sends the request, saves and prints the answer while it arrives, and closes the
// saver. If ctx ends, the turn does, and what came of the answer is saved.
func Run(ctx context.Context, o Options) Result {
	t := newTurn(o)
	defer t.close()
	defer t.saveIfCrashed()
	defer boundMemory(o.Request.Messages)()
	// Output that nobody reads ends the request, but neither saving nor reporting.
	reading, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if t.Output != nil {
		t.Output.start(t.tape, func(err error) {
			if endsTurn(err) {
				stop(err)
			}
		})
	}
	cause := t.ask(ctx, reading)
	if p, ok := errors.AsType[*Panic](cause); ok {
		panic(p)
	}
	return t.end(ctx, cause)
}

func newTurn(o Options) *turn {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &turn{Options: o, id: o.Saver.ID(), tape: NewTape()}
}

// newEnd returns a turn that has nothing but an end.
func newEnd(o Options) *turn {
	t := newTurn(o)
	t.tape.Close()
	if t.Output != nil {
		t.Output.start(t.tape, func(error) {})
	}
	return t
}

func (t *turn) close() {
	if t.Output != nil {
		t.Output.abandon()
	}
	if !t.hung {
		t.Saver.Close()
	}
}

// saveIfCrashed saves what has come of the answer if the program panics.
func (t *turn) saveIfCrashed() {
	if p := recover(); p != nil {
		if !t.hung {
			_ = t.Saver.Finish(t.tape.Message(chat.Crash))
		}
		panic(p)
	}
}

// ask sends the request, which ends with reading, and takes the answer. The error is what
// ended the answer before the endpoint did.
func (t *turn) ask(ctx, reading context.Context) error {
	synced := make(chan error, 1)
	go func() { synced <- t.sync(ctx) }()
	t.times.Sent = t.Now()
	stream, err := t.Client.Stream(reading, t.Request)
	if err == nil {
		defer stream.Close()
	}
	t.syncErr = <-synced
	switch {
	case err != nil:
		return err
	case t.hung:
		return context.Cause(ctx)
	}
	for {
		delta, err := stream.Next(reading)
		if delta != nil {
			t.take(delta)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// take saves a delta, then shows it.
func (t *turn) take(delta *chat.Delta) {
	for piece := range delta.Pieces() {
		if err := t.Saver.Journal(piece); err != nil && t.journalErr == nil {
			t.journalErr = err
		}
		t.times.Arrived(piece, t.Now())
		for _, sink := range t.Sinks {
			sink.Delta(piece)
		}
		t.tape.Add(piece)
	}
}

// end saves the answer, prints its end and finds out how the turn went.
func (t *turn) end(ctx context.Context, cause error) Result {
	t.tape.Close()
	answer := &t.tape.answer // nobody adds to it any more
	answered := !answer.Nothing() || answer.Finished()
	message := answer.End(why(cause))
	asks := len(message.ToolCalls) > 0 && message.State == chat.Complete
	runs := asks && 0 < t.Round && t.Round < MaxRounds
	if asks && !runs && !t.Calls { // nobody runs them
		message.State, message.Why = chat.Incomplete, chat.NoTool
	}
	ending := report.Ending{
		Message: message, Nothing: answer.Nothing(), Cause: cause,
		Session: t.id, LengthSet: t.LengthSet, Request: t.Request.Messages, Rounds: t.Round,
	}
	freeMemory(answer.Len())
	ending.SaveErr = t.save(ctx, ending.Message, answered, report.Answer(ending))
	ending.Session = t.id
	if cause == nil && ctx.Err() != nil {
		ending.Cause = context.Cause(ctx)
	}
	err := report.Answer(ending)
	if err == nil && t.Check != nil && !runs {
		err = t.Check(ending.Message)
	}
	end := End{Session: ending.Session, Err: err, GoesOn: runs && err == nil}
	if answered {
		end.Message = ending.Message
	}
	return Result{
		Message: ending.Message, Answered: answered, Err: t.show(ctx, end, ending), SaveErr: ending.SaveErr,
		Times: t.times, Notes: t.notes(message),
	}
}

// show tells the sinks and the output how the turn ended, waits for the output, and
// returns how the turn ended with what the output met.
func (t *turn) show(ctx context.Context, end End, ending report.Ending) *report.Error {
	for _, sink := range t.Sinks {
		sink.End(end)
	}
	if t.Output == nil {
		return end.Err
	}
	formErr, err := t.Output.finish(ctx, end)
	if p, ok := errors.AsType[*Panic](err); ok {
		panic(p)
	}
	switch {
	case endsTurn(err):
		ending.Cause = err
	case err != nil:
		ending.OutputErr = err
		return report.Answer(ending)
	case ctx.Err() != nil:
		ending.Cause = context.Cause(ctx)
	case end.Err == nil:
		return formErr
	}
	if end.Err == nil {
		return report.Answer(ending)
	}
	return end.Err
}

func (t *turn) notes(answer chat.Message) []string {
	var notes []string
	if t.Output != nil {
		notes = t.Output.notes()
	}
	if len(answer.Parts) > 0 {
		notes = append(notes, report.Parts(answer.Parts))
	}
	notes = append(notes, report.ServerItems(answer)...)
	if t.hung {
		return notes
	}
	return slices.Concat(notes, t.Saver.Notes())
}

// why returns what ended an answer early, as the session keeps it.
func why(cause error) chat.Why {
	failure, ok := errors.AsType[*openai.Error](cause)
	switch {
	case ok:
		return failure.Why()
	case cause == nil:
		return ""
	case errors.Is(cause, syscall.EPIPE):
		return chat.Pipe
	}
	return chat.Stopped
}
