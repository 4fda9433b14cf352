package cli

import (
	"context"

	"oax/internal/session"
)

// retryCommand asks the last question of a session again.
type retryCommand struct {
	Recall bool    `short:"r" help:"Pick the session with the fuzzy finder; ID is then what to look for."`
	ID     *string `arg:"" optional:"" help:"Session. Default: the newest."`
}

// Run sends the last prompt once more. The new answer counts; the old one stays in
// the file.
func (c *retryCommand) Run(ctx context.Context, env *Env) error {
	store, err := env.openStore()
	if err != nil {
		return err
	}
	w := which{Recall: c.Recall}
	if c.ID != nil {
		w.IDs = append(w.IDs, *c.ID)
	}
	sessions, err := env.chosen(ctx, store, w)
	if err != nil {
		return err
	}
	chosen, err := env.loadEntry(store, sessions[0])
	if err != nil {
		return err
	}
	asked, before, ok := chosen.LastPrompt()
	if !ok {
		return &report{what: "session " + chosen.ID + " has no question to ask again", hint: `oax --session ` + chosen.ID + ` "question"`, code: exitNothing, kind: "nothing"}
	}
	place, err := env.settle(ctx, chosen)
	if err != nil {
		return err
	}
	defer place.close()
	request, err := env.newRequest(place, lastTurns(before, env.flags.Last), asked.Message)
	if err != nil {
		return err
	}
	if env.flags.DryRun {
		return place.print(env, request)
	}
	place.client.Connect(ctx)
	keep, err := env.begin(store, chosen, []session.Message(nil))
	if err != nil {
		return err
	}
	return env.ask(ctx, place, keep, request)
}
