package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
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
	chosen string // the profile, if something chose it: a continued session stays with it
	client *openai.Client
	demo   *demo.Server
}

// demoPace is how fast a person reads along.
const demoPace = 25 * time.Millisecond

// settle finds out where to send and with which key. A continued session stays
// where it was, unless a flag says otherwise. The place is never nil.
func (env *Env) settle(ctx context.Context, earlier *past) (*place, error) {
	file, err := env.file()
	if err != nil {
		return &place{}, err
	}
	profile, model := earlier.asked()
	if env.flags.Profile != "" && env.flags.Profile != profile {
		profile, model = env.flags.Profile, ""
	}
	if env.flags.Model != "" {
		model = env.flags.Model
	}
	endpoint, err := file.Endpoint(ctx, config.Settings{Profile: profile, Model: model, Env: env.LookupEnv, Environ: env.Environ})
	p := &place{Endpoint: endpoint}
	if profile != "" || env.getenv("OAX_PROFILE") != "" || file.Profile != "" {
		p.chosen = endpoint.Profile
	}
	if err != nil {
		return p, err
	}
	return p, p.connect(env)
}

// connect makes the client, and starts the built-in endpoint if that is asked for.
func (p *place) connect(env *Env) error {
	if p.Profile == config.Demo && p.BaseURL == "" {
		server, err := demo.Start(demo.Guide(demoPace))
		if err != nil {
			return err
		}
		p.demo, p.BaseURL = server, server.URL()
	}
	if err := checkProxies(env); err != nil {
		return err
	}
	base, err := url.Parse(p.BaseURL)
	if err != nil {
		return err
	}
	p.client = &openai.Client{
		BaseURL:   p.BaseURL,
		Key:       p.Key.Reveal(),
		UserAgent: "oax/" + env.Version,
		Local:     config.IsLoopback(base.Hostname()),
		Limits:    env.limits(),
		Proxy:     http.ProxyFromEnvironment,
		OmitUsage: env.refusesUsage(p.BaseURL),
		OnRetry:   env.retryNotice,
	}
	return nil
}

func (env *Env) limits() openai.Limits {
	limits := openai.DefaultLimits()
	if t := env.flags.Timeout; t > 0 {
		limits.Headers, limits.Silence, limits.NoEvent = t, t, max(limits.NoEvent, t)
	}
	return limits
}

func (p *place) close() {
	if p.demo != nil {
		p.demo.Close()
	}
}

// checkProxies refuses a proxy setting that net/http would pass over in silence and
// go directly.
func checkProxies(env *Env) error {
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
		value := env.getenv(name)
		if value == "" {
			continue
		}
		if !strings.Contains(value, "://") {
			value = "http://" + value
		}
		if u, err := url.Parse(value); err != nil || u.Host == "" {
			return &report{what: name + " is not a URL", hint: "unset " + name + ", or give it as http://host:port", code: exitUsage, kind: "config"}
		}
	}
	return nil
}

// newRequest joins what was said, the prompt and the parameters.
func (env *Env) newRequest(p *place, history []chat.Message, text string) (request, error) {
	params, err := env.params(p)
	if err != nil {
		return request{}, err
	}
	var messages []chat.Message
	for len(history) > 0 && history[0].Role == chat.System {
		messages, history = append(messages, history[0]), history[1:]
	}
	if env.flags.System != "" {
		messages = append(messages, chat.Message{Role: chat.System, Text: env.flags.System})
	}
	messages = append(messages, history...)
	messages = append(messages, chat.Message{Role: chat.User, Text: text})
	return request{Model: p.Model, Messages: messages, Params: params}, nil
}

// params returns the body's further fields: those of the profile, then the flags'.
func (env *Env) params(p *place) (map[string]any, error) {
	params := map[string]any{}
	for name, value := range p.Params {
		params[name] = value
	}
	for name, text := range env.flags.Option {
		if !json.Valid([]byte(text)) {
			return nil, &report{
				what: fmt.Sprintf("-o %s: %s is not JSON", name, text),
				hint: fmt.Sprintf(`a text wants quotes: -o '%s="%s"'`, name, text), code: exitUsage, kind: "usage",
			}
		}
		params[name] = json.RawMessage(text)
	}
	if env.flags.Temperature != nil {
		params["temperature"] = *env.flags.Temperature
	}
	if env.flags.MaxTokens != nil {
		params["max_tokens"] = *env.flags.MaxTokens
	}
	return params, nil
}

// print shows the request as it would be sent, with the key masked.
func (p *place) print(env *Env, r request) error {
	hr, err := p.client.HTTPRequest(context.Background(), r)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", hr.Method, hr.URL)
	if hr.Header.Get("Authorization") != "" {
		hr.Header.Set("Authorization", "Bearer [key]")
	}
	if err := hr.Header.Write(&b); err != nil {
		return err
	}
	body, err := hr.GetBody()
	if err != nil {
		return err
	}
	var object json.RawMessage
	if err := json.NewDecoder(body).Decode(&object); err != nil {
		return err
	}
	fmt.Fprintf(&b, "\n%s\n", object)
	return env.print(strings.ReplaceAll(b.String(), "\r\n", "\n"))
}

// addHints adds to a refusal what only the endpoint's settings or the endpoint
// itself can tell.
func (p *place) addHints(ctx context.Context, err error) error {
	r, ok := errors.AsType[*report](err)
	if !ok || r.signal != nil {
		return err
	}
	switch {
	case r.code == exitKey && r.kind == "401" && p.KeySource != "":
		r.hint = "which key: from " + p.KeySource
		if tail := p.Key.Tail(); tail != "" {
			r.hint += ", ends …" + tail
		}
	case r.code == exitKey && r.kind == "401":
		r.hint = "set OPENAI_API_KEY, or key_command in the config file"
	case r.kind == "404" && r.code == exitRefused && strings.Contains(r.what, "has no model"):
		if near := p.nearestModel(ctx); near != "" {
			r.hint = "oax models; closest: " + near
		}
	}
	return r
}
