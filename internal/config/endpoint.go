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
	Env      func(name string) (string, bool) // the environment; an empty value counts as none
	Environ  []string                         // the environment of key_command
	KeyLimit time.Duration                    // how long key_command may take; 0 means 30 s
}

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
	BaseURL        string         // no slash at its end; empty only for Demo
	Model          string         // empty if nothing names one
	Key            Secret         // empty if the endpoint is local
	KeySource      string         // key_command, key, or the variable's name; empty without a key
	Params         map[string]any // parameters of the request body
	AllowPlainHTTP bool
}

// Endpoint settles the endpoint of a run. A flag wins over the environment, that
// over the file, and that over what is built in, with one exception:
// OPENAI_BASE_URL counts only when nothing has chosen a profile, and then only
// OPENAI_API_KEY goes with it. The errors are *UnknownProfileError, *NoBaseURLError,
// *BaseURLError, *KeyCommandError, *KeyError, *NoKeyError, *PlainHTTPError, or ctx's
// when it ended key_command; the Endpoint beside an error holds what was settled
// before it.
func (f *File) Endpoint(ctx context.Context, s Settings) (Endpoint, error) {
	chosen := cmp.Or(s.Profile, s.env("OAX_PROFILE"), f.Profile)
	e := Endpoint{Profile: cmp.Or(chosen, "openai")}
	p, err := f.profile(e.Profile)
	if err != nil {
		return e, err
	}
	setting := "base_url"
	if base := s.env("OPENAI_BASE_URL"); chosen == "" && base != "" {
		setting = "OPENAI_BASE_URL"
		p = profile{BaseURL: base, KeyEnv: "OPENAI_API_KEY", Model: p.Model, Params: p.Params}
	}
	e.Model = cmp.Or(s.Model, s.env("OAX_MODEL"), p.Model)
	e.Params, e.AllowPlainHTTP = p.Params, p.AllowPlainHTTP
	if e.Profile == Demo && p.BaseURL == "" {
		return e, nil
	}
	if e.BaseURL, err = base(p.BaseURL, e.Profile, setting); err != nil {
		return e, err
	}
	if e.Key, e.KeySource, err = p.key(ctx, s); err != nil {
		return e, err
	}
	return e, e.check(p)
}

// profile returns the profile of that name as the file has it, with what it
// leaves open taken from the built-in one of the same name.
func (f *File) profile(name string) (profile, error) {
	built, isBuilt := builtins()[name]
	p, isOurs := f.profiles[name]
	if !isBuilt && !isOurs {
		known := slices.Concat(slices.Collect(maps.Keys(f.profiles)), slices.Collect(maps.Keys(builtins())))
		slices.Sort(known)
		known = slices.Compact(known)
		return profile{}, &UnknownProfileError{name, known, nearest(name, known)}
	}
	p.BaseURL = cmp.Or(p.BaseURL, built.BaseURL)
	p.Model = cmp.Or(p.Model, built.Model)
	p.fallbackEnv = built.KeyEnv
	return p, nil
}

func base(text, profile, setting string) (string, error) {
	if text == "" {
		return "", &NoBaseURLError{profile}
	}
	normal, err := NormalizeBaseURL(text)
	if e, ok := err.(*BaseURLError); ok {
		e.Setting = setting
	}
	return normal, err
}
