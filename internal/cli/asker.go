package cli

import (
	"cmp"
	"context"
	"errors"
	"time"

	"oax/internal/chat"
	"oax/internal/config"
	"oax/internal/endpoint"
	"oax/internal/openai"
	"oax/internal/prompt"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/session/record"
	"oax/internal/term"
	"oax/internal/tools"
	"oax/internal/turn"
)

// asker runs the turns of one command: it finds the endpoint, runs the tools that are
// offered, and prints answers as the flags want them.
type asker struct {
	*library
	flags requestFlags
	out   outputFlags
	again bool // the last prompt of the session is sent again, so that it is saved already
	tools *tools.Offer
	lend  func(do func()) // gives the terminal back for a question; nil: it is not taken
	retry turn.Retry      // the calls that were recorded before

	goesOn  bool           // no prompt is sent: the history ends with results of tools
	results []chat.Message // those of them that are not saved yet
}

// send sends a prompt with the history before it and prints the answer, or for --dry-run
// prints the request. s is the session that the prompt is saved in, nil for a new one.
func (k *asker) send(ctx context.Context, to target, s *session.Session, history []chat.Message, message prompt.Prompt) error {
	e, err := k.resolve(ctx, to, s)
	defer func() { e.Close() }() // there is one beside an error too
	save := func() (turn.Saver, error) {
		var records []record.Message
		if k.goesOn {
			records = turn.Results(k.results, e.Model, e.SavedProfile)
		} else if !k.again {
			records = turn.Records(to.system, message.Message(), e.Model, e.SavedProfile, message.Replaced)
		}
		store := k.store
		if k.flags.NoSave {
			store = nil
		}
		return turn.Begin(store, s, k.log, records...)
	}
	if err != nil {
		return k.refuse(ctx, save, err)
	}
	last := message.Message()
	if k.goesOn {
		last, history = history[len(history)-1], history[:len(history)-1]
	}
	request, err := e.Request(chat.LastTurns(history, k.flags.Last), to.system, last)
	if err != nil {
		return err
	}
	prompt.Reattach(request.Messages, k.log.Note)
	if request.Tools, err = turn.Offer(ctx, k.tools, k.log, k.spin()); err != nil {
		return err
	}
	if k.flags.DryRun.set {
		return k.printRequest(e, request)
	}
	e.Client.Connect(ctx)
	saver, err := save()
	if err != nil {
		return err
	}
	result := k.run(ctx, e, request, saver, s)
	k.notify(result)
	if result.Err != nil {
		return e.Explain(ctx, result.Err)
	}
	return nil
}

// notify rings the bell after a turn that took as long as the configuration says, and
// makes the terminal show a notification.
func (k *asker) notify(r turn.Result) {
	long := k.file.Notify > 0 && k.Now().Sub(r.Times.Sent) >= k.file.Notify
	stopped := r.Err != nil && r.Err.Signal != nil
	if !long || stopped || !term.IsTerminal(k.Stderr) || !term.MovesCursor(k.Getenv("TERM"), k.Getenv) {
		return
	}
	text := "the answer has come"
	if r.Err != nil {
		text = r.Err.What
	}
	k.Stderr.WriteString(term.Notification(text, k.Getenv))
}

// refuse ends a run whose prompt cannot be sent. A prompt that lacks only a key or a safe
// connection is saved, so that it need not be typed again.
func (k *asker) refuse(ctx context.Context, save func() (turn.Saver, error), cause error) error {
	_, plain := errors.AsType[*config.PlainHTTPError](cause)
	_, noKey := errors.AsType[*config.NoKeyError](cause)
	_, failed := errors.AsType[*config.KeyCommandError](cause)
	if !plain && !noKey && !failed || k.flags.DryRun.set || k.again {
		return cause
	}
	saver, err := save()
	if err != nil {
		return err
	}
	o := turn.Options{Saver: saver}
	if k.out.JSON {
		o.Output = k.printer(nil)
	}
	return turn.Refuse(ctx, o, report.Of(cause))
}

// resolve finds the endpoint of a prompt. A session goes on where it was, unless to says
// otherwise. The endpoint is never nil.
func (k *asker) resolve(ctx context.Context, to target, s *session.Session) (*endpoint.Endpoint, error) {
	settings, err := k.settings(to, s)
	if err == nil && !k.flags.DryRun.set {
		err = k.openDebug(k.flags.Debug)
		k.tools.Options.Log = k.debug
	}
	if err != nil {
		return &endpoint.Endpoint{}, err
	}
	return endpoint.Resolve(ctx, endpoint.Options{
		File: k.file, Dirs: k.dirs, Settings: settings, Version: k.Version, Log: k.log,
		OnRetry: func(r openai.Retry) { k.log.Note(report.Retrying(r, term.IsTerminal(k.Stderr))) }, DryRun: k.flags.DryRun.set, Web: k.flags.Web, NoSave: k.flags.NoSave, Debug: k.debug,
	})
}

// settings returns what the flags, the environment and the session say about the endpoint.
func (k *asker) settings(to target, s *session.Session) (config.Settings, error) {
	settings, err := k.flags.settings(k.Process)
	profile, model := s.LastAsked()
	settings.Profile, settings.Model = endpoint.ProfileAndModel(to.profile, to.model, profile, model)
	return settings, err
}

func (k *asker) printRequest(e *endpoint.Endpoint, r openai.Request) error {
	show := e.DryRun
	if k.flags.DryRun.value == "curl" {
		show = e.Curl
	}
	text, err := show(r, term.IsTerminal(k.Stdout))
	if err != nil {
		return err
	}
	return k.print(text)
}

func (k *asker) spin() report.SpinOptions {
	return report.SpinOptions{Getenv: k.Getenv, Now: k.Now, Off: k.out.JSON}
}

// run runs a turn, and the calls of tools that the answers ask for.
func (k *asker) run(ctx context.Context, e *endpoint.Endpoint, r openai.Request, saver turn.Saver, s *session.Session) turn.Result {
	offered := k.tools.Set()
	if offered == nil || k.flags.Calls { // somebody else runs them
		return k.turn(ctx, e, r, saver, 0)
	}
	rounds := turn.Rounds{
		Tools: offered, Allow: k.flags.Allow, Person: turn.Person{Stdin: k.Stdin, Stderr: k.Stderr, Getenv: k.Getenv, Lend: k.lend},
		Session: s, Asked: chat.Endpoint{Profile: e.SavedProfile, Model: e.Model}, Retry: k.retry, Now: k.Now,
		Log: k.log, Waiting: k.log.Spins(k.spin()),
		Output: func() *turn.Printer { return k.printer(nil) },
		Answer: func(ctx context.Context, r openai.Request, saver turn.Saver, round int) turn.Result {
			return k.turn(ctx, e, r, saver, round)
		},
	}
	if k.out.JSON {
		rounds.Events = turn.CallObjects(k.Stdout, term.IsTerminal(k.Stdout))
	}
	return rounds.Run(ctx, r, saver)
}

// turn runs one turn, prints the answer and what there is to tell of it. round is that of
// turn.Rounds, 0 if no calls are run.
func (k *asker) turn(ctx context.Context, e *endpoint.Endpoint, r openai.Request, saver turn.Saver, round int) turn.Result {
	spinning := k.spin()
	spinner, held := k.log.Spin(r.Model, spinning), k.log.Spins(spinning)
	defer held("")
	output := k.printer(held)
	again := func(since time.Time) *report.Spinner {
		columns, _ := term.Size(k.Stdout)
		column, ok := output.Column(columns)
		if !ok || !term.IsTerminal(k.Stdout) || k.out.Raw {
			return nil
		}
		spinning.Since, spinning.Column = since, column
		return k.log.Spin(r.Model, spinning)
	}
	o := turn.Options{
		Client: e.Client, Request: r, Saver: saver, Output: output, Sinks: []turn.Sink{turn.Waiting(spinner, again, k.flags.Reasoning)},
		Calls: k.flags.Calls, Round: round, LengthSet: k.flags.MaxTokens != nil && !k.flags.Calls, Now: k.Now,
	}
	if s := k.flags.Schema.schema; s != nil {
		o.Check = s.Check
	}
	result := turn.Run(ctx, o)
	k.debug.Ended(result.Message, saver.ID(), result.Err)
	for _, note := range result.Notes {
		k.log.Note(note)
	}
	if k.flags.Stats && result.Answered {
		cost := ""
		if amount, known := e.Cost(result.Message); known {
			cost = endpoint.Money(amount)
		}
		k.log.Line(result.Times.Line(result.Message.Usage, cost))
	}
	return result
}

// printer returns what prints an answer in the form that the flags want. It tells held what
// is held back meanwhile.
func (k *asker) printer(held func(what string)) *turn.Printer {
	o := k.out.textOptions(k.Process, k.file)
	o.Reasoning, o.Held = k.flags.Reasoning, held
	form := turn.NewText(o)
	switch {
	case k.out.JSON:
		form = turn.NewJSON(o.Terminal)
	case k.flags.Calls:
		form = turn.NewCalls(o.Terminal)
	case k.flags.Code.Set():
		form = turn.NewCode(o, func(answer string) (string, error) { return k.flags.Code.Of(answer) })
	}
	return turn.NewPrinter(k.Stdout, form)
}

// textOptions say how a text is to look on standard output.
func (f outputFlags) textOptions(p *Process, file *config.File) turn.TextOptions {
	return turn.TextOptions{
		Terminal: term.IsTerminal(p.Stdout), Raw: f.Raw, Markdown: f.Markdown.value, Color: f.Color, Getenv: p.Getenv,
		Wrap:    cmp.Or(f.Wrap, file.Wrap),
		Columns: func() int { columns, _ := term.Size(p.Stdout); return columns },
	}
}
