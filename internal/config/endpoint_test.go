package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

const sample = `
[profiles.work]
base_url = "https://work.example/v1/"
key = "filekey"
key_env = "WORK_KEY"
model = "m-work"
params = { temperature = 0.5 }
[profiles.here]
base_url = "http://localhost:11434/v1"
[profiles.lan]
base_url = "http://lan.example:8080/v1"
key = "lankey"
[profiles.lan2]
base_url = "http://lan.example:8080/v1"
key = "lankey"
allow_plain_http = true
[profiles.far]
base_url = "https://far.example"
[profiles.empty]
[profiles.bad]
base_url = "https://bad.example?x"
[profiles.broken]
base_url = "https://broken.example"
key = "a\nb"
[profiles.command]
base_url = "https://command.example"
key_command = "exit 9"
`

// TestPrecedence: a flag wins over the environment, the environment over the file. The
// key of a profile is its own: key_command, key_env or key win over the usual variable of
// the service.
func TestPrecedence(t *testing.T) {
	const base = "https://api.openai.com/v1"
	for _, tt := range []struct {
		name           string
		file           string
		profile, model string
		env            map[string]string
		want           string // profile, base URL, model, key, source
	}{
		{name: "built in", env: map[string]string{"OPENAI_API_KEY": "k\n"}, want: "openai " + base + " gpt-5-mini k OPENAI_API_KEY"},
		{name: "file", file: `profile = "work"`, want: "work https://work.example/v1 m-work filekey key"},
		{name: "environment beats file", file: `profile = "work"`, env: map[string]string{"OAX_PROFILE": "here"}, want: "here http://localhost:11434/v1   "},
		{name: "flag beats environment", profile: "work", env: map[string]string{"OAX_PROFILE": "here"}, want: "work https://work.example/v1 m-work filekey key"},
		{name: "an empty variable is none", file: `profile = "work"`, env: map[string]string{"OAX_PROFILE": "", "OAX_MODEL": "", "WORK_KEY": ""}, want: "work https://work.example/v1 m-work filekey key"},
		{name: "key_env beats key", profile: "work", env: map[string]string{"WORK_KEY": "envkey"}, want: "work https://work.example/v1 m-work envkey WORK_KEY"},
		{name: "an unset key_env falls back on OPENAI_API_KEY", file: "[profiles.openai]\nkey_env = 'UNSET'", env: map[string]string{"OPENAI_API_KEY": "k"}, want: "openai " + base + " gpt-5-mini k OPENAI_API_KEY"},
		{name: "model by environment", profile: "work", env: map[string]string{"OAX_MODEL": "m-env"}, want: "work https://work.example/v1 m-env filekey key"},
		{name: "model by flag", profile: "work", model: "m-flag", env: map[string]string{"OAX_MODEL": "m-env"}, want: "work https://work.example/v1 m-flag filekey key"},
		{name: "base URL by environment", env: map[string]string{"OPENAI_BASE_URL": "http://127.0.0.1:1/v1/", "OPENAI_API_KEY": "k"}, want: "openai http://127.0.0.1:1/v1 gpt-5-mini k OPENAI_API_KEY"},
		{name: "not for a profile of the file", file: `profile = "work"`, env: map[string]string{"OPENAI_BASE_URL": "https://evil.example", "OPENAI_API_KEY": "k"}, want: "work https://work.example/v1 m-work filekey key"},
		{name: "not for a profile of the environment", env: map[string]string{"OAX_PROFILE": "work", "OPENAI_BASE_URL": "https://evil.example"}, want: "work https://work.example/v1 m-work filekey key"},
		{name: "not for a profile of the flag", profile: "openai", env: map[string]string{"OPENAI_BASE_URL": "https://evil.example", "OPENAI_API_KEY": "k"}, want: "openai " + base + " gpt-5-mini k OPENAI_API_KEY"},
		{name: "OPENAI_API_KEY is for openai", profile: "here", env: map[string]string{"OPENAI_API_KEY": "k"}, want: "here http://localhost:11434/v1   "},
		{name: "key beats OPENAI_API_KEY", file: "[profiles.openai]\nkey = 'own'\nmodel = 'm'", env: map[string]string{"OPENAI_API_KEY": "k"}, want: "openai " + base + " m own key"},
		{name: "the key of a profile is not for another host", file: "[profiles.openai]\nkey = 'own'\nkey_command='exit 9'\nmodel = 'm'", env: map[string]string{"OPENAI_BASE_URL": "https://evil.example", "OPENAI_API_KEY": "k"}, want: "openai https://evil.example m k OPENAI_API_KEY"},
		{name: "allowed plain http", profile: "lan2", want: "lan2 http://lan.example:8080/v1  lankey key"},
		{name: "demo", profile: "demo", env: map[string]string{"OPENAI_API_KEY": "k"}, want: "demo  demo  "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := load(t, tt.file+sample)
			e, err := f.Endpoint(t.Context(), Settings{Profile: tt.profile, Model: tt.model, Env: env(tt.env)})
			got := strings.Join([]string{e.Profile, e.BaseURL, e.Model, e.Key.Reveal(), e.KeySource}, " ")
			if err != nil || got != tt.want {
				t.Errorf("got  %s\nwant %s\nerror %v", got, tt.want, err)
			}
			if (e.Profile == "work") != (e.Params["temperature"] == 0.5) {
				t.Errorf("params %v", e.Params)
			}
		})
	}
}

// TestEndpointErrors: an error about a profile has the line of the file that it is about.
func TestEndpointErrors(t *testing.T) {
	f := load(t, "profile = 'wrok'"+sample)
	line := func(n int) Location { return Location{f.Path, Position{Line: n}} }
	known := f.Profiles()
	for _, tt := range []struct {
		profile string
		env     map[string]string
		want    error
		text    string
	}{
		{"", nil, &UnknownProfileError{"wrok", known, "work", Source{InFile, "profile"}, line(1)},
			f.Path + `:1: no profile "wrok"; there are ` + strings.Join(known, ", ")},
		{"wrok", nil, &UnknownProfileError{"wrok", known, "work", Source{ByFlag, "--profile"}, Location{}},
			`no profile "wrok"; there are ` + strings.Join(known, ", ")},
		{"", map[string]string{"OAX_PROFILE": "wrok"}, &UnknownProfileError{"wrok", known, "work", Source{ByEnv, "OAX_PROFILE"}, Location{}},
			`no profile "wrok"; there are ` + strings.Join(known, ", ")},
		{"empty", nil, &NoBaseURLError{"empty", line(19)}, f.Path + `:19: profile "empty" has no base_url`},
		{"azure", nil, &NoBaseURLError{"azure", Location{}}, `profile "azure" has no base_url`},
		{"bad", nil, &BaseURLError{"base_url", "must not hold a query (?...)", "", line(21)}, f.Path + ":21: base_url must not hold a query (?...)"},
		{"openai", nil, &NoKeyError{"https://api.openai.com/v1", "OPENAI_API_KEY", Location{Path: f.Path}}, "no API key for https://api.openai.com/v1"},
		{"far", map[string]string{"OPENAI_API_KEY": "k"}, &NoKeyError{"https://far.example", "", line(17)}, "no API key for https://far.example"},
		{"lan", nil, &PlainHTTPError{"lan.example:8080"}, "refusing to send the key unencrypted to http://lan.example:8080"},
		{"broken", nil, &KeyError{"key", true, line(24)}, "the API key holds a line break; check key in " + f.Path + ":24"},
		{"openai", map[string]string{"OPENAI_API_KEY": "a\x1bb"}, &KeyError{"OPENAI_API_KEY", false, Location{}}, "the API key holds a control character; check OPENAI_API_KEY"},
		{"command", nil, &KeyCommandError{Setting: "key_command", ExitCode: 9, Location: line(27)}, "key_command exited 9"},
	} {
		e, err := f.Endpoint(t.Context(), Settings{Profile: tt.profile, Env: env(tt.env)})
		if err == nil || err.Error() != tt.text || fmt.Sprintf("%#v", err) != fmt.Sprintf("%#v", tt.want) {
			t.Errorf("%s: %#v\n%v", tt.profile, err, err)
		}
		if want := tt.profile; want != "" && e.Profile != want {
			t.Errorf("%s: profile %q beside the error", want, e.Profile)
		}
	}
	_, err := load(t, "").Endpoint(t.Context(), Settings{Env: env(map[string]string{"OPENAI_BASE_URL": "localhost:1"})})
	if e, ok := err.(*BaseURLError); !ok || *e != (BaseURLError{"OPENAI_BASE_URL", "must begin with http:// or https://", "http://localhost:1", Location{}}) {
		t.Errorf("%#v", err)
	}
}

// TestKeyLocation: a refused key can be found by the line of the file that it is in, or
// by the name of its variable.
func TestKeyLocation(t *testing.T) {
	f := load(t, sample+"key_env = 'SOME_KEY'\n")
	for _, tt := range []struct {
		profile string
		env     map[string]string
		source  string
		line    int
	}{
		{"work", nil, "key", 4},
		{"work", map[string]string{"OPENAI_API_KEY": "k"}, "key", 4},
		{"work", map[string]string{"WORK_KEY": "k"}, "WORK_KEY", 0},
		{"openai", map[string]string{"OPENAI_API_KEY": "k"}, "OPENAI_API_KEY", 0},
		{"here", nil, "", 0},
	} {
		e, err := f.Endpoint(t.Context(), Settings{Profile: tt.profile, Env: env(tt.env)})
		at := f.KeyLocation(e)
		if err != nil || e.KeySource != tt.source || at.Line != tt.line || (at.Path == f.Path) != (tt.line > 0) {
			t.Errorf("%s %v: %s at %v, %v", tt.profile, tt.env, e.KeySource, at, err)
		}
	}
}

// TestPlainHTTPOfTheEnvironment: what a profile allows is not allowed for another host.
func TestPlainHTTPOfTheEnvironment(t *testing.T) {
	f := load(t, "[profiles.openai]\nallow_plain_http = true")
	_, err := f.Endpoint(t.Context(), Settings{Env: env(map[string]string{"OPENAI_BASE_URL": "http://a.example", "OPENAI_API_KEY": "k"})})
	if _, ok := errors.AsType[*PlainHTTPError](err); !ok {
		t.Error(err)
	}
}

func TestEndpointOfTheZeroFile(t *testing.T) {
	_, err := (&File{}).Endpoint(t.Context(), Settings{})
	if _, ok := errors.AsType[*NoKeyError](err); !ok {
		t.Error(err)
	}
}

func TestNearest(t *testing.T) {
	for typed, want := range map[string]string{
		"modle": "model", "mdel": "model", "kye": "key", "keyenv": "key_env", "xyz": "", "temperature": "", "": "", "k": "",
		"gtp-4o": "gpt-4o", "gpt-5-mni": "gpt-5-mini", "claude-sonet-4-6": "claude-sonnet-4.5", "lama": "",
	} {
		if got := Nearest(typed, []string{"model", "key", "key_env", "gpt-4o", "gpt-5-mini", "claude-sonnet-4.5", "llama3.1:8b"}); got != want {
			t.Errorf("%s: %q", typed, got)
		}
	}
	if !slices.Contains(settingNames(), "key_command") {
		t.Error(settingNames())
	}
}
