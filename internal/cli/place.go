package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"oax/internal/chat"
	"oax/internal/config"
	"oax/internal/demo"
	"oax/internal/openai"
)

// request is what a turn sends.
type request = openai.Request

// place is where a turn is sent.
type place struct {
	config.Endpoint
	chosen  string // the profile, if something chose it: a continued session stays with it
	client  *openai.Client
	demo    *demo.Server
	file    *config.File
	failure *openai.Error // of the last turn, if it failed before its answer began
}

// settle finds out where to send and with which key. A continued session stays
// where it was, unless a flag says otherwise. The place is never nil.
func (env *Env) settle(ctx context.Context, earlier *past) (*place, error) {
	file, err := env.file()
	if err != nil {
		return &place{}, err
	}
	settings, err := env.settings(earlier)
	if err != nil {
		return &place{}, err
	}
	endpoint, err := file.Endpoint(ctx, settings)
	p := &place{Endpoint: endpoint, file: file}
	if settings.Profile != "" || env.getenv("OAX_PROFILE") != "" || file.Profile != "" {
		p.chosen = endpoint.Profile
	}
	if ctx.Err() != nil { // while key_command ran
		return p, context.Cause(ctx)
	}
	if err != nil {
		return p, err
	}
	if err := p.connect(env); err != nil {
		return p, err
	}
	if p.Model == "" && p.Local && !env.flags.DryRun {
		p.chooseModel(ctx, env)
	}
	return p, nil
}

// settings are what the flags and an earlier session leave to the environment and the
// file.
func (env *Env) settings(earlier *past) (config.Settings, error) {
	profile, model := earlier.asked()
	if env.flags.Profile != "" && env.flags.Profile != profile {
		profile, model = env.flags.Profile, ""
	}
	params, err := env.params()
	return config.Settings{
		Profile: profile,
		Model:   cmp.Or(env.flags.Model, model),
		Timeout: env.flags.Timeout,
		Params:  params,
		Env:     env.LookupEnv,
		Environ: env.Environ,

		BeforeCommand: env.Caught, // the command is to end with this process
	}, err
}

// chooseModel asks a server that has no default for the model it has. Where there are
// several, the person is told. A server that is not there is left for the turn to find.
func (p *place) chooseModel(ctx context.Context, env *Env) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	models, _ := p.client.Models(ctx)
	models = slices.DeleteFunc(models, func(m openai.Model) bool { return strings.Contains(strings.ToLower(m.ID), "embed") })
	if len(models) == 0 {
		return
	}
	p.Model = models[0].ID
	if len(models) > 1 {
		env.said.note(fmt.Sprintf("asking %s, the first of %d models; -m NAME asks another", p.Model, len(models)))
	}
}

func (p *place) close() {
	if p.demo != nil {
		p.demo.Close()
	}
}

// newRequest joins what was said, the prompt and the parameters.
func (env *Env) newRequest(p *place, history []chat.Message, asked chat.Message) (request, error) {
	if p.Model == "" && p.NeedsModel {
		return request{}, &report{
			what: "no model named for " + p.Profile,
			hint: fmt.Sprintf("oax models -p %s lists them; then -m NAME, or model in the config file", p.Profile),
			code: exitUsage, kind: "config",
		}
	}
	var messages []chat.Message
	for len(history) > 0 && history[0].Role == chat.System {
		messages, history = append(messages, history[0]), history[1:]
	}
	if env.flags.System != "" {
		messages = append(messages, chat.Message{Role: chat.System, Text: env.flags.System})
	}
	messages = append(messages, history...)
	messages = append(messages, asked)
	env.attachAgain(messages)
	return request{Model: p.Model, Messages: messages, Params: p.Params}, nil
}
