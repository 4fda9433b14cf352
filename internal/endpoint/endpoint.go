// Package endpoint turns a profile and its key into a client that is ready to send.
//
// Resolve decides where a run sends its requests, by flags, environment and file in the
// order of package config. What an Endpoint sends can be printed in place of being sent
// (DryRun, Curl), watched (Options.OnTrace, DebugLog), and priced (Cost). Explain adds to
// a failure what only the endpoint and its settings can tell: which key was sent, which
// model has a similar name, which parameter to leave out.
package endpoint

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"time"

	"oax/internal/chat"
	"oax/internal/config"
	"oax/internal/demo"
	"oax/internal/openai"
	"oax/internal/report"
)

// Options are what an Endpoint is made from. File, Log and Settings.Env must be set.
type Options struct {
	File     *config.File
	Dirs     config.Dirs
	Settings config.Settings // the flags and the environment
	Version  string          // of the program, for the User-Agent header
	Log      *report.Writer
	Debug    *DebugLog          // records every request; nil: nothing is recorded
	OnRetry  func(openai.Retry) // is called before each wait; may be nil
	OnTrace  func(Trace)        // is called for each request once its reply has begun or it has failed; may be nil
	Timeout  time.Duration      // the longest silence, if the settings have none; 0: that of openai.DefaultLimits
	DryRun   bool               // nothing will be sent, not even to find a model
	Web      bool               // requests ask for the endpoint's own search of the web
	NoModel  bool               // requests need no model, so none is looked for
	NoSave   bool               // the list of models is not remembered for completion
}

// Endpoint is where requests go: the settings in effect, and a client that uses them.
type Endpoint struct {
	config.Endpoint
	Client *openai.Client // nil if nothing can be sent
	// SavedProfile is the profile to keep in a session, so that the session goes on with
	// it. It is empty if only the built-in default named it.
	SavedProfile string

	options Options
	demo    *demo.Server
}

// Resolve finds out where to send and with which key, and makes the client. It starts the
// built-in demo if that is the profile. If nothing names a model it takes the first one
// that the endpoint lists, and notes that if there are more.
//
// The Endpoint is never nil; Close must be called. Beside an error it holds what was
// resolved before. Beside a *config.NoKeyError it has a client, by which the network can
// be checked without a key. Other errors are those of config.File.Endpoint, the cause of
// ctx, and a *report.Error for a setting that cannot be used.
func Resolve(ctx context.Context, o Options) (*Endpoint, error) {
	resolved, err := o.File.Endpoint(ctx, o.Settings)
	e := &Endpoint{Endpoint: resolved, options: o}
	if e.Source("profile").From != config.BuiltIn {
		e.SavedProfile = e.Profile
	}
	if ctx.Err() != nil { // while key_command ran
		return e, context.Cause(ctx)
	}
	if _, noKey := err.(*config.NoKeyError); err != nil && !noKey {
		return e, err
	}
	if connectErr := e.connect(); connectErr != nil && err == nil {
		return e, connectErr
	}
	if o.Web && err == nil {
		err = e.addSearch()
	}
	if err == nil && e.Model == "" && e.wantsModel() && !o.NoModel && !o.DryRun {
		e.firstModel(ctx)
	}
	return e, err
}

// demoPace is the time between two words of the demo, about as fast as people read.
const demoPace = 25 * time.Millisecond

// connect makes the client, and starts the demo if that is the profile.
func (e *Endpoint) connect() error {
	if e.Profile == config.Demo && e.BaseURL == "" {
		server, err := demo.Start(demo.Guide(demoPace, demo.System{OS: runtime.GOOS, ConfigFile: e.options.File.Path}))
		if err != nil {
			return err
		}
		e.demo, e.BaseURL = server, server.URL()
	}
	base, err := url.Parse(e.BaseURL)
	if err != nil {
		return err
	}
	proxy, err := e.proxy()
	if err != nil {
		return err
	}
	roots, err := e.authorities()
	if err != nil {
		return err
	}
	header := http.Header{}
	var secrets []string
	for name, value := range e.Headers {
		header.Set(name, value.Reveal())
		if config.SecretHeader(name) {
			secrets = append(secrets, value.Reveal())
		}
	}
	api, other := e.apis()
	e.Client = openai.New(openai.Config{
		API:       api,
		Other:     other,
		OnOther:   e.useResponses,
		BaseURL:   e.BaseURL,
		Query:     e.Query,
		ModelsURL: e.ModelsURL,
		Key:       e.Key.Reveal(),
		KeyHeader: e.KeyHeader,
		UserAgent: "oax/" + e.options.Version,
		Header:    header,
		Secrets:   secrets,
		Roots:     roots,
		Local:     config.IsLoopback(base.Hostname()),
		Limits:    e.Limits(),
		Proxy:     proxy,
		OmitExtra: e.OmitUsage,

		ReasoningTags: e.ReasoningTags,

		Observe: e.observe,
		OnRetry: e.onRetry,
	})
	e.options.Debug.hide(e.Client.Redact)
	return nil
}

// ProfileAndModel returns the profile and the model of a run: those that are set, else
// those of the session that goes on. The session's model is not for another profile.
func ProfileAndModel(profile, model, sessionProfile, sessionModel string) (string, string) {
	if profile != "" && profile != sessionProfile {
		return profile, model
	}
	if model == "" {
		model = sessionModel
	}
	return sessionProfile, model
}

// Close closes the connections, and stops the demo.
func (e *Endpoint) Close() {
	if e.Client != nil {
		e.Client.Close()
	}
	if e.demo != nil {
		e.demo.Close()
	}
}

// IsDemo reports whether this is the endpoint inside the program.
func (e *Endpoint) IsDemo() bool { return e.demo != nil }

// wantsModel reports whether the model of a request can be looked for: every endpoint gets
// one, except those that are known to have a default, and Azure, which alone has a Query
// and lists other names than those of its deployments.
func (e *Endpoint) wantsModel() bool {
	unknown := e.Source("endpoint") == config.Source{} && e.Source("base_url").From != config.ByEnv
	return e.Local || unknown || e.NeedsModel && e.Query == ""
}

// firstModel takes the first model that the endpoint lists. If that fails, the turn will
// find out why.
func (e *Endpoint) firstModel(ctx context.Context) {
	models := slices.DeleteFunc(e.modelNames(ctx), func(name string) bool {
		return strings.Contains(strings.ToLower(name), "embed")
	})
	if len(models) == 0 {
		return
	}
	e.Model = models[0]
	if len(models) > 1 {
		e.options.Log.Note(fmt.Sprintf("asking %s, the first of %d models; -m NAME asks another", e.Model, len(models)))
	}
}

// modelNames asks the endpoint for its models. It returns nothing if that fails or takes
// longer than 3 seconds.
func (e *Endpoint) modelNames(ctx context.Context) []string {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	models, err := e.Client.Models(ctx)
	if err != nil {
		return nil
	}
	var names []string
	for _, m := range models {
		names = append(names, m.ID)
	}
	return names
}

// Request joins a history, a new system message (empty: none), the message and the
// parameters. The system message goes after those that begin the history. The error is a
// *report.Error if the endpoint needs a model and none is named.
func (e *Endpoint) Request(history []chat.Message, system string, message chat.Message) (openai.Request, error) {
	if e.Model == "" && e.NeedsModel {
		return openai.Request{}, report.Config("no model named for "+e.Profile,
			fmt.Sprintf("oax models -p %s lists them; then -m NAME, or model in %s", report.Quote(e.Profile), e.options.File.Path))
	}
	n := 0
	for n < len(history) && history[n].Role == chat.System {
		n++
	}
	messages := slices.Clone(history[:n])
	if system != "" {
		messages = append(messages, chat.Message{Role: chat.System, Text: system})
	}
	for _, m := range history[n:] {
		if m.Asked != (chat.Endpoint{Profile: e.SavedProfile, Model: e.Model}) {
			m.Output = nil // it says nothing to another model
		}
		messages = append(messages, m)
	}
	messages = append(messages, message)
	return openai.Request{Model: e.Model, Messages: messages, Params: e.Params}, nil
}

// location returns where the profile has a setting. If the file does not have it, that is
// the file.
func (e *Endpoint) location(setting string) config.Location {
	file := e.options.File
	return config.Location{Path: file.Path, Position: file.Position("profiles." + e.Profile + "." + setting)}
}
