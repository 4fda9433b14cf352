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
`

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
		{name: "model by environment", profile: "work", env: map[string]string{"OAX_MODEL": "m-env"}, want: "work https://work.example/v1 m-env filekey key"},
		{name: "model by flag", profile: "work", model: "m-flag", env: map[string]string{"OAX_MODEL": "m-env"}, want: "work https://work.example/v1 m-flag filekey key"},
		{name: "base URL by environment", env: map[string]string{"OPENAI_BASE_URL": "http://127.0.0.1:1/v1/", "OPENAI_API_KEY": "k"}, want: "openai http://127.0.0.1:1/v1 gpt-5-mini k OPENAI_API_KEY"},
		{name: "not for a profile of the file", file: `profile = "work"`, env: map[string]string{"OPENAI_BASE_URL": "https://evil.example", "OPENAI_API_KEY": "k"}, want: "work https://work.example/v1 m-work filekey key"},
		{name: "not for a profile of the environment", env: map[string]string{"OAX_PROFILE": "work", "OPENAI_BASE_URL": "https://evil.example"}, want: "work https://work.example/v1 m-work filekey key"},
		{name: "not for a profile of the flag", profile: "openai", env: map[string]string{"OPENAI_BASE_URL": "https://evil.example", "OPENAI_API_KEY": "k"}, want: "openai " + base + " gpt-5-mini k OPENAI_API_KEY"},
		{name: "OPENAI_API_KEY is for openai", profile: "here", env: map[string]string{"OPENAI_API_KEY": "k"}, want: "here http://localhost:11434/v1   "},
		{name: "openai with a key of its own", file: "[profiles.openai]\nkey = 'own'\nmodel = 'm'", env: map[string]string{"OPENAI_API_KEY": "k"}, want: "openai " + base + " m own key"},
		{name: "its own key stays at home", file: "[profiles.openai]\nkey = 'own'\nkey_command='exit 9'\nmodel = 'm'", env: map[string]string{"OPENAI_BASE_URL": "https://evil.example", "OPENAI_API_KEY": "k"}, want: "openai https://evil.example m k OPENAI_API_KEY"},
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

func TestEndpointErrors(t *testing.T) {
	f := load(t, sample)
	for _, tt := range []struct {
		profile string
		env     map[string]string
		want    error
		text    string
	}{
		{"wrok", nil, &UnknownProfileError{"wrok", f.Profiles(), "work"},
			`no profile "wrok"; there are ` + strings.Join(f.Profiles(), ", ")},
		{"empty", nil, &NoBaseURLError{"empty"}, `profile "empty" has no base_url`},
		{"bad", nil, &BaseURLError{"base_url", "must not hold a query (?...)", ""}, "base_url must not hold a query (?...)"},
		{"", map[string]string{"OPENAI_BASE_URL": "localhost:1"}, &BaseURLError{"OPENAI_BASE_URL", "must begin with http:// or https://", "http://localhost:1"},
			"OPENAI_BASE_URL must begin with http:// or https://"},
		{"", nil, &NoKeyError{"openai", "https://api.openai.com/v1", "api.openai.com", "OPENAI_API_KEY"}, "no API key for https://api.openai.com/v1"},
		{"far", map[string]string{"OPENAI_API_KEY": "k"}, &NoKeyError{"far", "https://far.example", "far.example", ""}, "no API key for https://far.example"},
		{"lan", nil, &PlainHTTPError{"lan", "http://lan.example:8080/v1", "lan.example:8080"}, "refusing to send the key unencrypted to http://lan.example:8080"},
		{"broken", nil, &KeyError{"key", true}, "the API key holds a line break; check key"},
		{"", map[string]string{"OPENAI_API_KEY": "a\x1bb"}, &KeyError{"OPENAI_API_KEY", false}, "the API key holds a control character; check OPENAI_API_KEY"},
	} {
		e, err := f.Endpoint(t.Context(), Settings{Profile: tt.profile, Env: env(tt.env)})
		if err == nil || err.Error() != tt.text || fmt.Sprintf("%#v", err) != fmt.Sprintf("%#v", tt.want) {
			t.Errorf("%s: %#v", tt.profile, err)
		}
		if want := tt.profile; want != "" && e.Profile != want {
			t.Errorf("%s: profile %q beside the error", want, e.Profile)
		}
	}
}

// TestPlainHTTPOfTheEnvironment holds that leave given to a profile of the file
// is no leave for another host.
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
	list := []string{"model", "key", "key_env"}
	for typed, want := range map[string]string{"modle": "model", "mdel": "model", "kye": "key", "keyenv": "key_env", "xyz": "", "temperature": "", "": ""} {
		if got := nearest(typed, list); got != want {
			t.Errorf("%s: %q", typed, got)
		}
	}
	if !slices.Contains(settingNames(), "key_command") {
		t.Error(settingNames())
	}
}
