package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"oax/internal/chat"
	"oax/internal/config"
	"oax/internal/session"
	"oax/internal/term"
)

// askCommand asks: the words are the prompt.
type askCommand struct {
	Continue bool    `short:"c" help:"Continue the newest session." group:"Sessions:"`
	Session  *string `placeholder:"ID" help:"Continue this session: its ID or the start of it, @ the newest, @2 the one before." group:"Sessions:"`
	Recall   bool    `short:"r" help:"Pick a session with the fuzzy finder; words are what to look for." group:"Sessions:"`

	Edit        bool `short:"e" help:"Write the prompt in $$VISUAL or $$EDITOR." group:"Sessions:"`
	Interactive bool `short:"i" help:"Go on at the terminal after the first answer." group:"Sessions:"`

	promptFlags

	Words []string `arg:"" optional:"" help:"The prompt."`

	only     bool             // the word is all there is on the command line
	template *config.Template // nil if none is asked for
}

// Run sends the prompt and prints the answer.
func (a *askCommand) Run(ctx context.Context, env *Env) error {
	if err := a.checkMistyped(env); err != nil {
		return err
	}
	if a.Template.lists() {
		return env.listTemplates()
	}
	store, err := env.openStore()
	if err != nil {
		return err
	}
	if a.template, err = a.chosenTemplate(env); err != nil {
		return err
	}
	if a.converses(env) {
		earlier, err := a.earlier(ctx, env, store)
		if err != nil {
			return err
		}
		raw, err := a.promptFlags.read(ctx, env, a.template, nil)
		if err != nil {
			return err
		}
		opening := prompt{system: raw.system, examples: raw.examples}
		env.adopt(earlier, &opening)
		return env.converse(ctx, store, earlier, &opening)
	}
	earlier, asked, err := a.read(ctx, env, store)
	if err != nil {
		return err
	}
	env.adopt(earlier, &asked)
	if a.Interactive {
		if err := env.atTerminal(); err != nil {
			return err
		}
		return env.converse(ctx, store, earlier, &asked)
	}
	place, err := env.settle(ctx, earlier)
	if err != nil {
		return env.refuse(store, earlier, place, asked, err)
	}
	defer place.close()
	request, err := env.newRequest(place, append(earlier.history(env.flags.Last), asked.examples...), asked.message())
	if err != nil {
		return err
	}
	if env.flags.DryRun {
		return place.print(env, request)
	}
	place.client.Connect(ctx)
	keep, err := env.begin(store, earlier, env.records(place, asked))
	if err != nil {
		return err
	}
	return env.ask(ctx, place, keep, request)
}

// converses reports whether there is nothing to ask yet, and a person to ask for it.
func (a *askCommand) converses(env *Env) bool {
	asks := len(a.Words) > 0 && !a.Recall || len(a.Attach) > 0 || a.Edit || a.template != nil && !a.template.Prompt.Empty()
	return !asks && term.IsTerminal(env.Stdin) && term.IsTerminal(env.Stdout) &&
		!env.flags.JSON && !env.flags.DryRun && !env.flags.Raw
}

// earlier returns the session that goes on, or nil.
func (a *askCommand) earlier(ctx context.Context, env *Env, store *session.Store) (*past, error) {
	if a.Recall {
		return env.pick(ctx, store, strings.Join(a.Words, " "))
	}
	ref, goesOn := "@", a.Continue
	if id := a.Session; id != nil { // an empty one begins no new session unasked
		ref, goesOn = *id, true
	}
	if !goesOn {
		return nil, nil
	}
	return env.load(store, ref)
}

// read returns the session that goes on, or nil, and the prompt. The prompt is read
// first, since what is piped in need not wait for anything, but that of a session to
// be picked.
func (a *askCommand) read(ctx context.Context, env *Env, store *session.Store) (*past, prompt, error) {
	if a.Recall {
		chosen, err := a.earlier(ctx, env, store)
		if err != nil {
			return nil, prompt{}, err
		}
		words, err := env.wordsFor(ctx, chosen)
		if err != nil {
			return nil, prompt{}, err
		}
		asked, err := a.prompt(ctx, env, words)
		return chosen, asked, err
	}
	if a.Edit {
		return a.edit(ctx, env, store)
	}
	asked, err := a.prompt(ctx, env, a.Words)
	if err != nil {
		return nil, prompt{}, err
	}
	earlier, err := a.earlier(ctx, env, store)
	return earlier, asked, err
}

// prompt returns what the words, standard input and the files make.
func (a *askCommand) prompt(ctx context.Context, env *Env, words []string) (prompt, error) {
	raw, err := a.promptFlags.read(ctx, env, a.template, words)
	if err != nil {
		return prompt{}, err
	}
	return env.prompt(raw)
}

// edit lets the person write the prompt in an editor. It begins with the words and
// what is piped in, and may be all there is.
func (a *askCommand) edit(ctx context.Context, env *Env, store *session.Store) (*past, prompt, error) {
	earlier, err := a.earlier(ctx, env, store)
	if err != nil {
		return nil, prompt{}, err
	}
	raw, err := a.promptFlags.read(ctx, env, a.template, a.Words)
	if err != nil {
		return nil, prompt{}, err
	}
	_ = env.atTerminal() // an editor that needs none runs without
	if raw.text, err = env.compose(raw.text, earlier); err != nil {
		return nil, prompt{}, err
	}
	asked, err := env.prompt(raw)
	return earlier, asked, err
}

// checkMistyped refuses a single word that is nearly a command: it would be sent as
// a prompt, and paid for.
func (a *askCommand) checkMistyped(env *Env) error {
	if !a.only || len(a.Words) != 1 || !term.IsTerminal(env.Stdin) {
		return nil
	}
	word := a.Words[0]
	for _, c := range commands() {
		if !c.hidden && closeTo(word, c.name) {
			return &report{
				what: fmt.Sprintf("no command %s; did you mean %s?", word, c.name),
				hint: "to ask it: oax -- " + word, code: exitUsage, kind: "usage",
			}
		}
	}
	return nil
}

// closeTo allows one slip of the finger, and two in a longer name.
func closeTo(word, name string) bool {
	most := 1
	if len(name) > 4 {
		most = 2
	}
	return config.Distance(word, name) <= most
}

// ask runs the turn.
func (env *Env) ask(ctx context.Context, place *place, keep keeper, request request) error {
	t := &turn{env: env, keep: keep, client: place.client, request: request, cost: place.cost}
	err := t.run(ctx)
	place.rememberUsage(env)
	return place.addHints(ctx, err)
}

// records returns what the prompt adds to the session.
func (env *Env) records(place *place, asked prompt) []session.Message {
	var records []session.Message
	if env.flags.System != "" {
		records = append(records, session.Message{Message: chat.Message{Role: chat.System, Text: env.flags.System}})
	}
	for _, m := range asked.examples {
		records = append(records, session.Message{Message: m})
	}
	return append(records, session.Message{
		Message:  asked.to(place.Model),
		Profile:  place.chosen,
		Replaced: asked.replaced,
	})
}

// begin saves the prompt. A session that another process is writing to becomes a
// branch, so that neither loses anything.
func (env *Env) begin(store *session.Store, earlier *past, records []session.Message) (keeper, error) {
	if env.flags.NoSave {
		return notKept{}, nil
	}
	if earlier == nil {
		return create(store, records)
	}
	keep, err := store.Continue(earlier.entry(), records...)
	busy, isBusy := errors.AsType[*session.BusyError](err)
	if !isBusy {
		return keep, err
	}
	other := "another oax"
	if busy.PID != 0 {
		other += fmt.Sprintf(" (PID %d)", busy.PID)
	}
	env.said.line("this chat is open in " + other + "; your turn becomes a branch")
	if last, _, ok := earlier.LastPrompt(); ok && len(records) == 0 { // asked again
		return store.Fork(earlier.Session, earlier.Turns()-1, last)
	}
	return store.Fork(earlier.Session, earlier.Turns(), records...)
}

// keepsPrompt reports whether a prompt is worth keeping though it cannot be sent: it
// made sense, and only a key or a secure way is missing.
func keepsPrompt(cause error) bool {
	_, plain := cause.(*config.PlainHTTPError)
	_, none := cause.(*config.NoKeyError)
	_, failed := cause.(*config.KeyCommandError)
	return plain || none || failed
}

// refuse keeps a prompt that cannot be sent, so that it need not be typed again. A
// command line or a file that makes no sense keeps nothing.
func (env *Env) refuse(store *session.Store, earlier *past, place *place, asked prompt, cause error) error {
	r := explain(cause)
	if !keepsPrompt(cause) || env.flags.DryRun {
		return r
	}
	keep, err := env.begin(store, earlier, env.records(place, asked))
	if err != nil {
		return err
	}
	defer keep.Close()
	err = keep.Sync()
	if err == nil {
		err = noAnswer(keep, chat.Why(r.kind), r.what)
	}
	if err != nil {
		return err
	}
	if env.flags.JSON {
		(&jsonOutput{to: env.Stdout}).end(chat.Message{}, keep.ID(), r)
	}
	return r
}
