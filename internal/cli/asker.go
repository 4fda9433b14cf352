package cli

import (
	"bytes"
	"context"
	"encoding/json"

	"oax/internal/converse"
	"oax/internal/endpoint"
	"oax/internal/export"
	"oax/internal/openai"
	"oax/internal/prompt"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/term"
	"oax/internal/turn"
)

// asker runs the turns of one command: it finds the endpoint, and prints answers as the
// flags want them.
type asker struct {
	p     *Process
	lib   *library
	log   *report.Writer
	flags requestFlags
	out   outputFlags
}

// resolve finds the endpoint of a prompt. A session goes on where it was, unless to says
// otherwise. The endpoint is never nil.
func (k *asker) resolve(ctx context.Context, to target, s *session.Session) (*endpoint.Endpoint, error) {
	settings, err := k.flags.settings(k.p)
	if err != nil {
		return &endpoint.Endpoint{}, err
	}
	sessionProfile, sessionModel := s.LastAsked()
	settings.Profile, settings.Model = endpoint.ProfileAndModel(to.profile, to.model, sessionProfile, sessionModel)
	o := endpoint.Options{
		File: k.lib.file, Dirs: k.lib.dirs, Settings: settings, Version: k.p.Version, Log: k.log,
		OnRetry: func(r openai.Retry) { turn.RetryNotice(k.log, term.IsTerminal(k.p.Stderr))(r) }, DryRun: k.flags.DryRun.set, NoSave: k.flags.NoSave,
	}
	if debug := k.flags.Debug; debug.set && !k.flags.DryRun.set && k.lib.debug == nil {
		if k.lib.debug, err = endpoint.OpenDebug(debug.path, k.lib.dirs, k.p.Version, k.log); err != nil {
			return &endpoint.Endpoint{}, err
		}
	}
	o.Debug = k.lib.debug
	return endpoint.Resolve(ctx, o)
}

// store returns where sessions are saved, or nil if nothing is to be.
func (k *asker) store() *session.Store {
	if k.flags.NoSave {
		return nil
	}
	return k.lib.store
}

// send sends a request, or only prints it for --dry-run. begin saves the prompt.
func (k *asker) send(ctx context.Context, e *endpoint.Endpoint, r openai.Request, begin func() (turn.Saver, error)) error {
	prompt.Reattach(r.Messages, k.log.Note)
	if k.flags.DryRun.set {
		return k.printRequest(e, r)
	}
	e.Client.Connect(ctx)
	saver, err := begin()
	if err != nil {
		return err
	}
	result := k.turn(ctx, e, r, saver)
	if result.Err == nil {
		return nil
	}
	return e.Explain(ctx, result.Err)
}

func (k *asker) printRequest(e *endpoint.Endpoint, r openai.Request) error {
	tty := term.IsTerminal(k.p.Stdout)
	if !k.flags.DryRun.curl {
		return e.WriteRequest(k.p.Stdout, r, tty)
	}
	var command bytes.Buffer
	notes, err := e.WriteCurl(&command, r, tty)
	if err != nil {
		return err
	}
	for _, note := range notes {
		k.log.Note(note)
	}
	return k.p.print(command.String())
}

// turn runs one turn, prints the answer and what there is to tell of it.
func (k *asker) turn(ctx context.Context, e *endpoint.Endpoint, r openai.Request, saver turn.Saver) turn.Result {
	spinner := k.log.Spin(r.Model, report.SpinOptions{Getenv: k.p.Getenv, Now: k.p.Now, Off: k.out.JSON})
	o := turn.Options{
		Client: e.Client, Request: r, Saver: saver, Output: k.printer(), Sinks: []turn.Sink{turn.Waiting(spinner, k.flags.Reasoning)},
		LengthSet: k.flags.MaxTokens != nil, Now: k.p.Now,
	}
	if s := k.flags.Schema.schema; s != nil {
		o.Check = s.Check
	}
	result := turn.Run(ctx, o)
	k.lib.debug.Ended(result.Message, saver.ID(), result.Err)
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

// printer returns what prints an answer in the form that the flags want.
func (k *asker) printer() *turn.Printer {
	o := k.out.textOptions(k.p)
	o.Reasoning = k.flags.Reasoning
	form := turn.NewText(o)
	switch {
	case k.out.JSON:
		form = turn.NewJSON(o.Terminal)
	case k.flags.Code.Set():
		form = turn.NewCode(o, func(answer string) (string, error) { return k.flags.Code.Of(answer) })
	}
	return turn.NewPrinter(k.p.Stdout, form)
}

// textOptions say how a text is to look on standard output.
func (f outputFlags) textOptions(p *Process) turn.TextOptions {
	return turn.TextOptions{
		Terminal: term.IsTerminal(p.Stdout), Raw: f.Raw, Markdown: f.Markdown, Color: f.Color, Getenv: p.Getenv,
	}
}

// converse holds a conversation that begins with a prompt, which may be empty.
func (a *askCommand) converse(ctx context.Context, k asker, to target, s *session.Session, first prompt.Prompt, reader prompt.Reader) error {
	if a.System != "" {
		first.System = a.System
	}
	draft := prompt.Draft{Path: k.lib.dirs.Draft()}
	if a.NoSave {
		draft.Path = ""
	}
	viewer := turn.NewViewer(a.textOptions(k.p))
	_, styled := viewer.(*term.Markdown)
	return converse.Run(ctx, converse.Options{
		Stdin: k.p.Stdin, Stdout: k.p.Stdout, Stderr: k.p.Stderr, Getenv: k.p.Getenv,
		Environ: k.lib.file.WithoutKeys(k.p.Environ), Now: k.p.Now,
		Store: k.lib.store, Session: s, First: first, Reader: reader, Editor: k.p.editor(k.lib), Draft: draft,
		Style: export.Style{TimeFormat: k.lib.file.TimeFormat, Viewer: viewer, Bold: styled},
		Resolve: func(ctx context.Context, log *report.Writer, profile, model string, s *session.Session) (*endpoint.Endpoint, error) {
			k.log = log
			now := to
			if profile != "" {
				now.profile, now.model = profile, ""
			}
			if model != "" {
				now.model = model
			}
			return k.resolve(ctx, now, s)
		},
		Turn: func(ctx context.Context, log *report.Writer, e *endpoint.Endpoint, r openai.Request, saver turn.Saver) turn.Result {
			k.log = log
			prompt.Reattach(r.Messages, log.Note)
			return k.turn(ctx, e, r, saver)
		},
		Pick: func(ctx context.Context, log *report.Writer, query string) (*session.Session, error) {
			return k.p.picker(k.lib, log).Pick(ctx, query)
		},
		Cost: func(profile string, usage json.RawMessage, models ...string) (float64, bool) {
			return endpoint.Cost(k.lib.file, profile, usage, models...)
		},
		Interrupts: k.p.Interrupts, Last: a.Last, Raw: a.Raw, NoSave: a.NoSave, Quiet: a.Quiet,
	})
}
