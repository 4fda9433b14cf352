package cli

import (
	"cmp"
	"context"
	"encoding/json"

	"github.com/alecthomas/kong"

	"oax/internal/config"
	"oax/internal/converse"
	"oax/internal/converse/lineedit"
	"oax/internal/endpoint"
	"oax/internal/openai"
	"oax/internal/prompt"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/term"
	"oax/internal/turn"
)

// When oax is a conversation, and what it is made of.

// converses reports whether there is nothing to ask yet, and a person to ask for it.
func (a *askCommand) converses(p *Process, t *config.Template) bool {
	asks := len(a.Words) > 0 && !a.Recall || len(a.Attach) > 0 || a.Edit || t != nil && !t.Prompt.Empty()
	return !asks && term.IsTerminal(p.Stdin) && term.IsTerminal(p.Stdout) && !a.JSON && !a.DryRun.set && !a.Raw
}

// converse holds a conversation that begins with a prompt, which may be empty.
func (a *askCommand) converse(ctx context.Context, k asker, to target, s *session.Session, first prompt.Prompt, reader prompt.Reader) error {
	if a.System != "" {
		first.System = a.System
	}
	draft := prompt.Draft{Path: k.dirs.Draft()}
	if a.NoSave {
		draft.Path = ""
	}
	style, _ := k.style(a.textOptions(k.Process, k.file))
	return converse.Run(ctx, converse.Options{
		Stdin: k.Stdin, Stdout: k.Stdout, Stderr: k.Stderr, Getenv: k.Getenv,
		Environ: k.file.WithoutKeys(k.Environ), Now: k.Now,
		Store: k.store, Session: s, First: first, Reader: reader, Editor: k.editor(), Draft: draft, Style: style, Tools: k.tools,
		Ready: func(s *session.Session) error {
			settings, err := k.settings(to, s)
			if err == nil {
				_, err = k.file.KnownEndpoint(settings)
			}
			return err
		},
		Resolve: func(ctx context.Context, log *report.Writer, profile, model string, s *session.Session) (*endpoint.Endpoint, error) {
			k.log = log
			now := to
			if profile != "" {
				now.profile, now.model = profile, ""
			}
			now.model = cmp.Or(model, now.model)
			return k.resolve(ctx, now, s)
		},
		Turn: func(ctx context.Context, log *report.Writer, e *endpoint.Endpoint, r openai.Request, saver turn.Saver, s *session.Session, lend func(func())) turn.Result {
			k.log, k.lend = log, lend
			prompt.Reattach(r.Messages, log.Note)
			return k.run(ctx, e, r, saver, s)
		},
		Notify: k.notify, Notifies: k.file.Notify > 0,
		Pick: func(ctx context.Context, log *report.Writer, query string) (*session.Session, error) {
			k.log = log
			entry, err := k.store.Find(query)
			if query == "" || err != nil || entry.ID != query && query[0] != '@' {
				entry, err = k.picker().Pick(ctx, query)
			}
			if err != nil {
				return nil, err
			}
			return k.load(entry)
		},
		Suggest: func(kind, profile, begin string) (all []lineedit.Candidate) {
			t := &typed{p: k.Process, set: map[string]string{"profile": cmp.Or(profile, to.profile)}}
			for _, s := range t.values(&kong.Value{Name: kind, Tag: new(kong.Tag)}, begin).All {
				all = append(all, lineedit.Candidate{Value: s.Word, About: s.About})
			}
			return all
		},
		Cost: func(profile string, usage json.RawMessage, models ...string) (float64, bool) {
			return endpoint.Cost(k.file, profile, usage, models...)
		},
		Interrupts: k.Interrupts, Last: a.Last, Raw: a.Raw, NoSave: a.NoSave, Quiet: a.Quiet, Color: term.Colour(a.Color, true, k.Getenv),
	})
}
