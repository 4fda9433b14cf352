package cli

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"oax/internal/config"
	"oax/internal/pick"
	"oax/internal/prompt"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/term"
	"oax/internal/turn"
)

// askCommand asks: the words are the prompt. It is what oax does without a command.
type askCommand struct {
	Continue bool    `short:"c" help:"Continue the session used last." group:"Sessions:"`
	Session  *string `placeholder:"ID" help:"Continue this session: its ID or the beginning of it, @ for the one used last, @2 for the one before." group:"Sessions:"`
	Recall   bool    `short:"r" help:"Pick a session with the fuzzy finder; the words are what to search for." group:"Sessions:"`

	Edit        bool `short:"e" help:"Write the prompt in $$VISUAL or $$EDITOR." group:"Sessions:"`
	Interactive bool `short:"i" help:"Stay in a conversation after the first answer." group:"Sessions:"`

	requestFlags
	outputFlags
	promptFlags

	Words []string `arg:"" optional:"" help:"The prompt."`
}

// Run sends the prompt and prints the answer, or begins a conversation.
func (a *askCommand) Run(ctx context.Context, p *Process, log *report.Writer) error {
	if err := a.requestFlags.check(a.outputFlags); err != nil {
		return err
	}
	maxInput, err := a.maxInput()
	if err != nil {
		return err
	}
	lib, err := p.openLibrary(log, a.NoSave)
	if err != nil {
		return err
	}
	if a.Template.lists() {
		return a.listTemplates(p, lib.file)
	}
	var template *config.Template
	if a.Template.set {
		t, err := lib.file.Template(a.Template.name)
		if err != nil {
			return err
		}
		template = &t
	}
	reader := prompt.Reader{Stdin: p.Stdin, Log: log, MaxInput: maxInput, StripHidden: a.StripHidden, Now: p.Now}
	ask := asker{p: p, lib: lib, log: log, flags: a.requestFlags, out: a.outputFlags}
	to := a.target(template)
	if a.converses(p, template) {
		s, err := a.session(ctx, p.picker(lib, log))
		if err != nil {
			return err
		}
		first, err := reader.Read(ctx, nil, nil, template, a.Var)
		if err != nil {
			return err
		}
		return a.converse(ctx, ask, to, s, first, reader)
	}
	s, message, err := a.compose(ctx, ask, reader, template)
	if err != nil {
		return err
	}
	if a.Interactive {
		if err := term.ReadFromTTY(p.Stdin); err != nil {
			return report.Usage("no terminal to continue at", "leave out -i")
		}
		return a.converse(ctx, ask, to, s, message, reader)
	}
	if message, err = reader.Check(message); err != nil {
		return err
	}
	return a.send(ctx, ask, to, s, message)
}

// converses reports whether there is nothing to ask yet, and a person to ask for it.
func (a *askCommand) converses(p *Process, t *config.Template) bool {
	asks := len(a.Words) > 0 && !a.Recall || len(a.Attach) > 0 || a.Edit || t != nil && !t.Prompt.Empty()
	return !asks && term.IsTerminal(p.Stdin) && term.IsTerminal(p.Stdout) && !a.JSON && !a.DryRun.set && !a.Raw
}

// compose returns the session that goes on, or nil, and the prompt. What is piped in is
// read before a session is looked for, since it need not wait; but a session is picked
// before its prompt is typed.
func (a *askCommand) compose(ctx context.Context, ask asker, reader prompt.Reader, t *config.Template) (s *session.Session, message prompt.Prompt, err error) {
	picker, words := ask.p.picker(ask.lib, ask.log), a.Words
	if a.Recall || a.Edit {
		if s, err = a.session(ctx, picker); err != nil {
			return nil, message, err
		}
	}
	if a.Recall {
		text, err := picker.ReadPrompt(ctx, s)
		if err != nil {
			return nil, message, err
		}
		words = slices.DeleteFunc([]string{text}, func(w string) bool { return w == "" })
	}
	if message, err = reader.Read(ctx, words, a.Attach, t, a.Var); err != nil {
		return nil, message, err
	}
	switch {
	case a.Edit:
		var last session.Message
		if s != nil {
			last, _ = s.LastAnswer()
		}
		_ = term.ReadFromTTY(ask.p.Stdin) // an editor that needs no terminal runs without
		message.Text, err = ask.p.editor(ask.lib).Compose(message.Text, last.Shown())
	case !a.Recall:
		s, err = a.session(ctx, picker)
	}
	return s, message, err
}

// session returns the session that goes on, or nil.
func (a *askCommand) session(ctx context.Context, picker pick.Picker) (*session.Session, error) {
	switch {
	case a.Recall:
		return picker.Pick(ctx, strings.Join(a.Words, " "))
	case a.Session == nil && !a.Continue:
		return nil, nil
	}
	ref := "@"
	if a.Session != nil { // an empty one does not begin a new session unasked
		ref = *a.Session
	}
	entry, err := picker.Store.Find(ref)
	if err != nil {
		return nil, err
	}
	return picker.Load(entry)
}

// target is what a prompt is sent to, and under which system message.
type target struct{ profile, model, system string }

// target returns what the flags set, and what the template sets where they set nothing. The
// template's model is for the template's profile.
func (a *askCommand) target(t *config.Template) target {
	to := target{a.Profile, a.Model, a.System}
	if t != nil && (to.profile == "" || to.profile == t.Profile) {
		to.profile = t.Profile
		if to.model == "" {
			to.model = t.Model
		}
	}
	return to
}

// send sends one prompt and prints the answer.
func (a *askCommand) send(ctx context.Context, ask asker, to target, s *session.Session, message prompt.Prompt) error {
	history := s.History()
	if to.system == "" {
		to.system = message.NewSystem(history)
	}
	e, err := ask.resolve(ctx, to, s)
	defer func() { e.Close() }() // there is one beside an error too
	begin := func() (turn.Saver, error) {
		records := turn.Records(to.system, message.Message(), e.Model, e.SavedProfile, message.Replaced)
		return turn.Begin(ask.store(), s, ask.log, records...)
	}
	if err != nil {
		return a.refuse(ctx, ask, begin, err)
	}
	request, err := e.Request(session.LastTurns(history, a.Last), to.system, message.Message())
	if err != nil {
		return err
	}
	return ask.send(ctx, e, request, begin)
}

// refuse ends a run whose prompt cannot be sent. A prompt that lacks only a key or a safe
// connection is saved, so that it need not be typed again.
func (a *askCommand) refuse(ctx context.Context, ask asker, begin func() (turn.Saver, error), cause error) error {
	_, plain := errors.AsType[*config.PlainHTTPError](cause)
	_, noKey := errors.AsType[*config.NoKeyError](cause)
	_, failed := errors.AsType[*config.KeyCommandError](cause)
	if !plain && !noKey && !failed || a.DryRun.set {
		return cause
	}
	saver, err := begin()
	if err != nil {
		return err
	}
	o := turn.Options{Saver: saver}
	if a.JSON {
		o.Output = ask.printer()
	}
	return turn.Refuse(ctx, o, report.Of(cause))
}

// listTemplates prints the templates, one a line: the name, and how the prompt begins.
func (a *askCommand) listTemplates(p *Process, file *config.File) error {
	templates := prompt.List(file)
	if len(templates) == 0 {
		return report.Nothing("there are no templates", `oax config edit, and write [templates.NAME] with prompt = "..."`)
	}
	var list []fact
	for _, t := range templates {
		list = append(list, fact{t, []string{t.Name, t.About}})
	}
	return p.printFacts(list, a.JSON, true)
}

// editor returns the person's editor.
func (p *Process) editor(lib *library) prompt.Editor {
	return prompt.Editor{
		Command: cmp.Or(p.Getenv("VISUAL"), p.Getenv("EDITOR")), Stdin: p.Stdin, Screen: p.Stderr,
		Environ: lib.file.WithoutKeys(p.Environ), Dir: lib.dirs.StateDir(),
	}
}
