package config

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Settings is what a run knows before it reads the file.
type Settings struct {
	Profile  string                           // by flag
	Model    string                           // by flag
	Timeout  time.Duration                    // by flag
	Params   map[string]Param                 // by flag
	Env      func(name string) (string, bool) // the environment; an empty value counts as none
	Environ  []string                         // the environment of key_command
	KeyLimit time.Duration                    // how long key_command may take; 0 means 30 s
}

// Param is a field of the request body that a flag sets.
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

// Endpoint is where a request goes and what is sent with it.
type Endpoint struct {
	Profile        string
	BaseURL        string            // no slash at its end; empty only for Demo
	Query          string            // added to the URL of every request, without ?
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
	API            string            // Completions or Responses; empty: not set
	SystemRole     string            // in place of system; may be empty
	Timeout        time.Duration     // the longest silence; 0 if not set
	ConnectTimeout time.Duration     // 0 if not set
	Proxy          Secret            // a URL, or NoProxy; empty: that of the environment
	CAFile         string            // further certificate authorities, as PEM; may be empty
	AllowPlainHTTP bool
	ReasoningTags  bool // text in <think> at the start of an answer is reasoning

	// Resolved are the settings in effect and where they come from.
	Resolved []Setting
}

// Endpoint resolves the endpoint of a run, by the order that the package comment
// describes. The errors are *UnknownProfileError, *NoBaseURLError, *BaseURLError,
// *KeyCommandError, *KeyError, *NoKeyError, *PlainHTTPError, or that of ctx if it ended
// key_command; the Endpoint beside an error holds what was resolved before it.
func (f *File) Endpoint(ctx context.Context, s Settings) (Endpoint, error) {
	e, p, err := f.resolved(s)
	if err != nil || e.BaseURL == "" {
		return e, err
	}
	e.Key, e.KeySource, err = p.key(ctx, s)
	switch failed := err.(type) {
	case nil:
		return e, f.checkKey(e, p)
	case *KeyCommandError:
		failed.Location = f.KeyLocation(e)
	case *KeyError:
		failed.Location = f.KeyLocation(e)
	}
	return e, err
}

// KnownEndpoint is Endpoint without key_command, which is not run: if the profile has one,
// the Endpoint has no key, and that is no error.
func (f *File) KnownEndpoint(s Settings) (Endpoint, error) {
	ended, end := context.WithCancel(context.Background())
	end()
	e, err := f.Endpoint(ended, s)
	if err == context.Canceled {
		err = nil
	}
	return e, err
}

// KeyLocation returns where the file has the key, or the key_command, that the endpoint
// uses. It is zero if a variable holds the key.
func (f *File) KeyLocation(e Endpoint) Location {
	if e.KeySource != "key" && e.KeySource != "key_command" {
		return Location{}
	}
	return f.Location(e.inFile(e.KeySource, "").name)
}

// resolved returns the endpoint without its key, and its profile.
func (f *File) resolved(s Settings) (Endpoint, profile, error) {
	var e Endpoint
	resolve(&e, "profile", &e.Profile, layers[string]{
		flag: layer[string]{s.Profile, "--profile"}, env: s.variable("OAX_PROFILE"),
		file: layer[string]{f.Profile, "profile"}, builtIn: "openai",
	})
	p, built, err := f.profile(e)
	if err != nil {
		return e, p, err
	}
	builtName := ""
	if built != (builtin{}) {
		builtName = e.Profile
	}
	resolve(&e, "endpoint", &p.Endpoint, layers[string]{file: e.inFile("endpoint", p.Endpoint), builtIn: builtName})
	base := layer[string]{}
	if e.Source("profile").From == BuiltIn {
		base = s.variable("OPENAI_BASE_URL")
	}
	if base.value != "" { // an endpoint of which only this variable is known
		p = profile{Model: cmp.Or(p.Model, built.model), Params: p.Params, fallbackEnv: "OPENAI_API_KEY"}
		built = builtin{anyModel: true}
	} else if p.BaseURL == "" {
		base = s.variable(built.baseEnv)
	}
	e.Local, e.KeyHeader, e.ModelsURL, e.OmitUsage = built.local, built.keyHeader, built.modelsURL, built.omitUsage
	e.NeedsModel = built != builtin{} && !built.local && !built.anyModel
	e.KeyEnv = cmp.Or(p.KeyEnv, p.fallbackEnv)
	resolve(&e, "base_url", &e.BaseURL, layers[string]{env: base, file: e.inFile("base_url", p.BaseURL), builtIn: built.baseURL})
	resolve(&e, "model", &e.Model, layers[string]{
		flag: layer[string]{s.Model, "--model"}, env: s.variable("OAX_MODEL"),
		file: e.inFile("model", p.Model), builtIn: built.model,
	})
	e.resolveRest(s, p, built)
	return e, p, f.resolveBase(&e, s, p, built)
}

// resolveRest resolves the settings that no other setting depends on.
func (e *Endpoint) resolveRest(s Settings, p profile, built builtin) {
	resolve(e, "timeout", &e.Timeout, layers[time.Duration]{
		flag: layer[time.Duration]{s.Timeout, "--timeout"},
		file: inFile(e.Profile, "timeout", p.Timeout.value()),
	})
	resolve(e, "connect_timeout", &e.ConnectTimeout, layers[time.Duration]{
		file: inFile(e.Profile, "connect_timeout", p.ConnectTimeout.value()),
	})
	resolve(e, "api", &e.API, layers[string]{file: e.inFile("api", p.API)})
	resolve(e, "system_role", &e.SystemRole, layers[string]{file: e.inFile("system_role", p.SystemRole)})
	resolve(e, "ca_file", &e.CAFile, layers[string]{file: e.inFile("ca_file", p.CAFile)})
	resolve(e, "allow_plain_http", &e.AllowPlainHTTP, layers[bool]{file: inFile(e.Profile, "allow_plain_http", p.AllowPlainHTTP)})
	resolve(e, "reasoning_tags", &e.ReasoningTags, layers[bool]{file: inFile(e.Profile, "reasoning_tags", p.ReasoningTags)})
	e.resolveHidden(p)
	e.resolveParams(s, p, cmp.Or(built.maxTokens, "max_tokens"))
}

// resolveHidden resolves settings that may hold a password. The list of what was
// resolved has them without it.
func (e *Endpoint) resolveHidden(p profile) {
	e.Proxy, e.Headers = p.proxy, p.headers
	resolve(e, "proxy", new(string), layers[string]{file: e.inFile("proxy", WithoutUser(p.proxy.Reveal()))})
	for _, name := range slices.Sorted(maps.Keys(p.headers)) {
		value := any(p.headers[name].Reveal())
		if SecretHeader(name) {
			value = p.headers[name]
		}
		e.add("headers."+name, value, Source{InFile, e.inFile("headers."+name, "").name})
	}
}

// resolveParams merges the fields of the request body: a flag wins over the profile.
func (e *Endpoint) resolveParams(s Settings, p profile, maxTokens string) {
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
		e.add("params."+name, e.Params[name], source[name])
	}
}

// resolveBase brings the base URL into the form that requests are made of.
func (f *File) resolveBase(e *Endpoint, s Settings, p profile, built builtin) (err error) {
	switch {
	case e.BaseURL == "" && e.Profile == Demo:
		return nil
	case e.BaseURL == "":
		return &NoBaseURLError{e.Profile, f.Location("profiles." + e.Profile)}
	}
	source := e.Source("base_url")
	e.BaseURL, err = NormalizeBaseURL(e.BaseURL)
	if failed, ok := err.(*BaseURLError); ok && source.From == ByEnv {
		failed.Setting = source.Name
	} else if ok {
		failed.Location = f.Location(source.Name)
	}
	if err != nil || !built.azure {
		return err
	}
	version := ""
	resolve(e, "api_version", &version, layers[string]{
		env: s.variable("OPENAI_API_VERSION"), file: e.inFile("api_version", p.APIVersion), builtIn: azureVersion,
	})
	if e.API != Responses || p.APIVersion != "" {
		e.deployment(version)
	} else if !strings.HasSuffix(e.BaseURL, "/v1") {
		e.BaseURL = strings.TrimSuffix(e.BaseURL, "/openai") + "/openai/v1"
	}
	return nil
}

// profile returns the endpoint's profile as the file has it, and the built-in one that it
// is like: the one it names, or the one of its own name.
func (f *File) profile(e Endpoint) (profile, builtin, error) {
	p, inFile := f.profiles[e.Profile]
	built, isBuilt := builtins()[cmp.Or(p.Endpoint, e.Profile)]
	if !isBuilt && !inFile {
		known, source := f.Profiles(), e.Source("profile")
		failed := &UnknownProfileError{Name: e.Profile, Known: known, Nearest: Nearest(e.Profile, known), Source: source}
		if source.From == InFile {
			failed.Location = f.Location(source.Name)
		}
		return profile{}, builtin{}, failed
	}
	// The key of a service is not for another host, unless that is all the profile changes.
	if p.BaseURL == "" || p.Endpoint == "" || built.baseURL == "" {
		p.fallbackEnv = built.keyEnv
	}
	return p, built, nil
}

// Profiles returns the names of all profiles, those of the file and the built-in ones,
// sorted.
func (f *File) Profiles() []string {
	names := slices.AppendSeq(slices.Collect(maps.Keys(f.profiles)), maps.Keys(builtins()))
	slices.Sort(names)
	return slices.Compact(names)
}

// OwnProfiles returns the names of the profiles of the file, sorted.
func (f *File) OwnProfiles() []string { return slices.Sorted(maps.Keys(f.profiles)) }

// UnknownProfileError says that there is no profile of that name.
type UnknownProfileError struct {
	Name     string
	Known    []string // in alphabetical order
	Nearest  string   // the known name that was probably meant; may be empty
	Source   Source   // of the name
	Location          // of the name in the file; zero if it comes from elsewhere
}

func (e *UnknownProfileError) Error() string {
	return e.prefix(fmt.Sprintf("no profile %q; there are %s", e.Name, strings.Join(e.Known, ", ")))
}
