package config

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"
)

// Settings is what a run knows before it looks at the file.
type Settings struct {
	Profile  string                           // by flag
	Model    string                           // by flag
	Timeout  time.Duration                    // by flag
	Params   map[string]Param                 // by flag
	Env      func(name string) (string, bool) // the environment; an empty value counts as none
	Environ  []string                         // the environment of key_command
	KeyLimit time.Duration                    // how long key_command may take; 0 means 30 s

	BeforeCommand func() // is called before key_command runs; nil: nothing is
}

// Param is a field of the request body that a flag gives.
type Param struct {
	Value any
	Flag  string // as typed
}

// MaxTokensFlag limits the answer, under the name that the endpoint has for it.
const MaxTokensFlag = "--max-tokens"

func (s Settings) env(name string) string {
	if s.Env == nil || name == "" {
		return ""
	}
	value, _ := s.Env(name)
	return value
}

// Endpoint is where a request goes and what goes with it.
type Endpoint struct {
	Profile        string
	BaseURL        string            // no slash at its end; empty only for Demo
	Query          string            // behind the URL of every request, without ?
	ModelsURL      string            // lists the models; empty: BaseURL/models
	Model          string            // empty if nothing names one
	Local          bool              // a built-in server that people run themselves
	NeedsModel     bool              // refuses a request that names none
	Key            Secret            // empty if the endpoint needs none
	KeySource      string            // key_command, key, or the variable's name; empty without a key
	KeyEnv         string            // the variable that may hold the key; empty if none does
	KeyHeader      string            // takes the key; empty: Authorization: Bearer
	Headers        map[string]Secret // further ones
	Params         map[string]any    // parameters of the request body
	OmitUsage      bool              // it refuses stream_options
	SystemRole     string            // in place of system; may be empty
	Timeout        time.Duration     // the longest silence; 0 if nothing says
	ConnectTimeout time.Duration     // 0 if nothing says
	Proxy          Secret            // a URL, or NoProxy; empty: that of the environment
	CAFile         string            // further certificate authorities, as PEM; may be empty
	AllowPlainHTTP bool
	ReasoningTags  bool // what stands in <think> at the start of an answer is reasoning

	// Settled are the settings in effect and where they come from.
	Settled []Setting
}

// Endpoint settles the endpoint of a run. A flag wins over the environment, that
// over the file, and that over what is built in, with one exception:
// OPENAI_BASE_URL counts only when nothing has chosen a profile, and then only
// OPENAI_API_KEY goes with it. The errors are *UnknownProfileError, *NoBaseURLError,
// *BaseURLError, *KeyCommandError, *KeyError, *NoKeyError, *PlainHTTPError, or ctx's
// when it ended key_command; the Endpoint beside an error holds what was settled
// before it.
func (f *File) Endpoint(ctx context.Context, s Settings) (Endpoint, error) {
	e, p, err := f.settled(s)
	if err != nil || e.BaseURL == "" {
		return e, err
	}
	if e.Key, e.KeySource, err = p.key(ctx, s); err != nil {
		return e, err
	}
	return e, e.check(p)
}

// settled returns the endpoint without its key.
func (f *File) settled(s Settings) (Endpoint, profile, error) {
	var e Endpoint
	settle(&e, "profile", &e.Profile, layers[string]{
		flag: given[string]{s.Profile, "--profile"}, env: s.variable("OAX_PROFILE"),
		file: given[string]{f.Profile, "profile"}, builtIn: "openai",
	})
	p, built, err := f.profile(e.Profile)
	if err != nil {
		return e, p, err
	}
	isBuilt := ""
	if built != (endpoint{}) {
		isBuilt = e.Profile
	}
	settle(&e, "endpoint", &p.Endpoint, layers[string]{file: e.inFile("endpoint", p.Endpoint), builtIn: isBuilt})
	base := given[string]{}
	if e.Source("profile").Place == BuiltIn {
		base = s.variable("OPENAI_BASE_URL")
	}
	if base.value != "" { // an endpoint of which nothing is known but that variable
		p = profile{Model: cmp.Or(p.Model, built.model), Params: p.Params, fallbackEnv: "OPENAI_API_KEY"}
		built = endpoint{anyModel: true}
	} else if p.BaseURL == "" {
		base = s.variable(built.baseEnv)
	}
	e.Local, e.KeyHeader, e.ModelsURL, e.OmitUsage = built.local, built.keyHeader, built.modelsURL, built.omitUsage
	e.NeedsModel = built != endpoint{} && !built.local && !built.anyModel
	e.KeyEnv = cmp.Or(p.KeyEnv, p.fallbackEnv)
	settle(&e, "base_url", &e.BaseURL, layers[string]{env: base, file: e.inFile("base_url", p.BaseURL), builtIn: built.baseURL})
	settle(&e, "model", &e.Model, layers[string]{
		flag: given[string]{s.Model, "--model"}, env: s.variable("OAX_MODEL"),
		file: e.inFile("model", p.Model), builtIn: built.model,
	})
	e.settleRest(s, p, built)
	return e, p, e.settleBase(s, p, built)
}

// settleRest settles what no other setting depends on.
func (e *Endpoint) settleRest(s Settings, p profile, built endpoint) {
	settle(e, "timeout", &e.Timeout, layers[time.Duration]{
		flag: given[time.Duration]{s.Timeout, "--timeout"},
		file: inFile(e.Profile, "timeout", p.Timeout.value()),
	})
	settle(e, "connect_timeout", &e.ConnectTimeout, layers[time.Duration]{
		file: inFile(e.Profile, "connect_timeout", p.ConnectTimeout.value()),
	})
	settle(e, "system_role", &e.SystemRole, layers[string]{file: e.inFile("system_role", p.SystemRole)})
	settle(e, "ca_file", &e.CAFile, layers[string]{file: e.inFile("ca_file", p.CAFile)})
	settle(e, "allow_plain_http", &e.AllowPlainHTTP, layers[bool]{file: inFile(e.Profile, "allow_plain_http", p.AllowPlainHTTP)})
	settle(e, "reasoning_tags", &e.ReasoningTags, layers[bool]{file: inFile(e.Profile, "reasoning_tags", p.ReasoningTags)})
	e.settleHidden(p)
	e.settleParams(s, p, cmp.Or(built.maxTokens, "max_tokens"))
}

// settleHidden settles what may hold a password, of which the list tells no more than
// that it is there.
func (e *Endpoint) settleHidden(p profile) {
	e.Proxy, e.Headers = p.proxy, p.headers
	settle(e, "proxy", new(string), layers[string]{file: e.inFile("proxy", WithoutUser(p.proxy.Reveal()))})
	for _, name := range slices.Sorted(maps.Keys(p.headers)) {
		value := any(p.headers[name].Reveal())
		if SecretHeader(name) {
			value = p.headers[name]
		}
		e.note("headers."+name, value, Source{InFile, e.inFile("headers."+name, "").name})
	}
}

// settleParams merges the fields of the request body: a flag wins over the profile.
func (e *Endpoint) settleParams(s Settings, p profile, maxTokens string) {
	e.Params = map[string]any{}
	source := map[string]Source{}
	for name, value := range p.Params {
		e.Params[name], source[name] = value, Source{InFile, e.inFile("params."+name, "").name}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Params)) {
		param := s.Params[name]
		if param.Flag == MaxTokensFlag {
			delete(e.Params, "max_tokens")
			name = maxTokens
		}
		e.Params[name], source[name] = param.Value, Source{ByFlag, param.Flag}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Params)) {
		e.note("params."+name, e.Params[name], source[name])
	}
}

func (e *Endpoint) inFile(setting, value string) given[string] {
	return inFile(e.Profile, setting, value)
}

// settleBase brings the base URL into the form that requests are made of.
func (e *Endpoint) settleBase(s Settings, p profile, built endpoint) (err error) {
	if e.Profile == Demo && e.BaseURL == "" {
		return nil
	}
	if e.BaseURL, err = base(e.BaseURL, e.Profile, e.Source("base_url")); err != nil || !built.azure {
		return err
	}
	version := ""
	settle(e, "api_version", &version, layers[string]{
		env: s.variable("OPENAI_API_VERSION"), file: e.inFile("api_version", p.APIVersion), builtIn: azureVersion,
	})
	e.deployment(version)
	return nil
}

// profile returns the profile of that name as the file has it, and the built-in
// endpoint whose ways it has: the one it names, or the one of its own name.
func (f *File) profile(name string) (profile, endpoint, error) {
	p, isOurs := f.profiles[name]
	built, isBuilt := builtins()[cmp.Or(p.Endpoint, name)]
	if !isBuilt && !isOurs {
		known := f.Profiles()
		return profile{}, endpoint{}, &UnknownProfileError{name, known, nearest(name, known)}
	}
	// The key of a service is not for another host, unless that is all the profile changes.
	if p.BaseURL == "" || p.Endpoint == "" || built.baseURL == "" {
		p.fallbackEnv = built.keyEnv
	}
	return p, built, nil
}

func base(text, profile string, source Source) (string, error) {
	if text == "" {
		return "", &NoBaseURLError{profile}
	}
	normal, err := NormalizeBaseURL(text)
	if e, ok := err.(*BaseURLError); ok && source.Place == ByEnv {
		e.Setting = source.Name
	}
	return normal, err
}
