package cli

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"oax/internal/config"
	"oax/internal/export"
	"oax/internal/prompt"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/session/record"
	"oax/internal/term"
)

// How one prompt is asked: what it is made of, and which session and endpoint it goes to.
// asker.go sends it; converse.go has what happens if there is none.

// askCommand asks: the words are the prompt. It is what oax does without a command.
type askCommand struct {
	Continue bool    `short:"c" help:"Continue the session used last." group:"Sessions:"`
	Session  *string `placeholder:"ID" help:"Continue this session: its ID or the beginning of it, @ for the one used last, @2 for the one before." group:"Sessions:"`
	Recall   bool    `short:"r" help:"Pick a session with the fuzzy finder; the words are what to search for." group:"Sessions:"`

	Results     string `placeholder:"FILE" help:"Send the results of the tool calls that --calls printed, one JSON object with id and output a line; - reads them from standard input." group:"Sessions:"`
	Edit        bool   `short:"e" help:"Write the prompt in $$VISUAL or $$EDITOR." group:"Sessions:"`
	Interactive bool   `short:"i" help:"Stay in a conversation after the first answer." group:"Sessions:"`

	requestFlags
	outputFlags
	promptFlags

	Words []string `arg:"" optional:"" help:"The prompt."`
}

// Run sends the prompt and prints the answer, or begins a conversation.
func (a *askCommand) Run(ctx context.Context, p *Process, log *report.Writer) error {
	if err := errors.Join(a.requestFlags.check(a.outputFlags), a.promptFlags.check()); err != nil {
		return err
	}
	lib, err := p.openLibrary(ctx, log, a.NoSave)
	if err != nil {
		return err
	}
	if a.Template.lists() {
		return a.listTemplates(lib)
	}
	var template *config.Template
	if a.Template.set {
		t, err := lib.file.Template(a.Template.name)
		if err != nil {
			return err
		}
		template = &t
	}
	reader := prompt.Reader{Stdin: p.Stdin, Log: log, MaxInput: a.MaxInput, StripHidden: a.StripHidden, Now: p.Now}
	ask := asker{library: lib, flags: a.requestFlags, out: a.outputFlags, tools: lib.offer(a.requestFlags)}
	defer ask.tools.Close()
	to := a.target(template)
	if a.Results != "" {
		s, err := a.session(ctx, lib)
		if err != nil {
			return err
		}
		return a.sendResults(ctx, ask, to, s, reader)
	}
	if a.converses(p, template) {
		s, err := a.session(ctx, lib)
		if err != nil {
			return err
		}
		first, err := reader.Read(ctx, nil, nil, template, a.Var)
		if err != nil {
			return err
		}
		return a.converse(ctx, ask, to, s, first, reader)
	}
	s, message, err := a.compose(ctx, lib, reader, template)
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
	if to.system == "" {
		to.system = message.NewSystem(s.History())
	}
	return ask.send(ctx, to, s, s.History(), message)
}

// sendResults sends the results of the calls that the model asked for.
func (a *askCommand) sendResults(ctx context.Context, ask asker, to target, s *session.Session, reader prompt.Reader) error {
	if s == nil || len(a.Words) > 0 {
		return report.Usage("--results takes a session and no prompt", "oax -c --results -")
	}
	before, open, ok := s.OpenCalls()
	if !ok {
		return report.Usage("session "+s.ID+" waits for no result", "oax cat --last --json shows its last answer")
	}
	results, err := reader.Results(ctx, a.Results, open)
	if err != nil {
		return err
	}
	ask.goesOn, ask.results = true, results
	return ask.send(ctx, to, s, append(before, results...), prompt.Prompt{})
}

// compose returns the session that goes on, or nil, and the prompt. What is piped in is
// read before a session is looked for, since it need not wait; but a session is picked
// before its prompt is typed.
func (a *askCommand) compose(ctx context.Context, lib *library, reader prompt.Reader, t *config.Template) (s *session.Session, message prompt.Prompt, err error) {
	words := a.Words
	if a.Recall || a.Edit {
		if s, err = a.session(ctx, lib); err != nil {
			return nil, message, err
		}
	}
	if a.Recall {
		text, err := lib.picker().ReadPrompt(ctx, s)
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
		var last record.Message
		if s != nil {
			last, _ = s.LastAnswer()
		}
		_ = term.ReadFromTTY(lib.Stdin) // an editor that needs no terminal runs without
		message.Text, err = lib.editor().Compose(message.Text, last.Shown())
	case !a.Recall:
		s, err = a.session(ctx, lib)
	}
	return s, message, err
}

// session returns the session that goes on, or nil.
func (a *askCommand) session(ctx context.Context, lib *library) (*session.Session, error) {
	var entry session.Entry
	var err error
	switch {
	case a.Recall:
		entry, err = lib.picker().Pick(ctx, strings.Join(a.Words, " "))
	case a.Session != nil: // an empty one does not begin a new session unasked
		entry, err = lib.store.Find(*a.Session)
	case a.Continue:
		entry, err = lib.store.Find("@")
	default:
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return lib.load(entry)
}

// target is what a prompt is sent to, and under which system message.
type target struct{ profile, model, system string }

// target returns what the flags set, and what the template sets where they set nothing. The
// template's model is for the template's profile.
func (a *askCommand) target(t *config.Template) target {
	to := target{a.Profile, a.Model, a.System}
	if t != nil && (to.profile == "" || to.profile == t.Profile) {
		to.profile, to.model = t.Profile, cmp.Or(to.model, t.Model)
	}
	return to
}

// listTemplates prints the templates, one a line: the name, and how the prompt begins.
func (a *askCommand) listTemplates(lib *library) error {
	templates := prompt.List(lib.file)
	if len(templates) == 0 {
		return report.Nothing("there are no templates", `oax config edit, and write [templates.NAME] with prompt = "..."`)
	}
	var list []export.Fact
	for _, t := range templates {
		list = append(list, export.Fact{Object: t, Columns: []string{t.Name, t.About}})
	}
	return lib.printFacts(list, a.JSON, true)
}
