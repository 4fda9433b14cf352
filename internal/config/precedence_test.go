package config

import (
	"fmt"
	"maps"
	"testing"
	"time"
)

// TestLayers checks every setting with all the sources it can have, removed one after the
// other from the strongest. A source that a setting does not have is left out.
func TestLayers(t *testing.T) {
	for _, tt := range []struct {
		setting  string
		of       string // the profile; empty: the built-in default
		value    func(Endpoint) any
		flag     func(*Settings)
		env      map[string]string
		file     string // a line of the profile
		want     [4]any // by flag, environment, file, default; nil: there is no such source
		flagName string
	}{
		{
			setting: "model", of: "openai", value: func(e Endpoint) any { return e.Model },
			flag: func(s *Settings) { s.Model = "f" }, flagName: "--model",
			env: map[string]string{"OAX_MODEL": "e"}, file: "model = 'c'",
			want: [4]any{"f", "e", "c", "gpt-5-mini"},
		},
		{
			setting: "base_url", of: "azure", value: func(e Endpoint) any { return e.BaseURL },
			env:  map[string]string{"AZURE_OPENAI_ENDPOINT": "https://e.example/openai/v1"}, // used if the file has none
			want: [4]any{nil, "https://e.example/openai/v1", nil, nil},
		},
		{
			setting: "base_url", of: "groq", value: func(e Endpoint) any { return e.BaseURL },
			file: "base_url = 'https://c.example'",
			want: [4]any{nil, nil, "https://c.example", "https://api.groq.com/openai/v1"},
		},
		{
			setting: "api_version", of: "azure", value: func(e Endpoint) any { return e.Query },
			env: map[string]string{"OPENAI_API_VERSION": "e"}, file: "base_url = 'https://c.example'\napi_version = 'c'",
			want: [4]any{nil, "api-version=e", "api-version=c", nil},
		},
		{
			setting: "api_version", of: "azure", value: func(e Endpoint) any { return e.Query },
			env:  map[string]string{"AZURE_OPENAI_ENDPOINT": "https://e.example"},
			want: [4]any{nil, nil, nil, "api-version=2024-10-21"},
		},
		{
			setting: "timeout", of: "openai", value: func(e Endpoint) any { return e.Timeout },
			flag: func(s *Settings) { s.Timeout = time.Second }, flagName: "--timeout", file: "timeout = '2s'",
			want: [4]any{time.Second, nil, 2 * time.Second, time.Duration(0)},
		},
		{
			setting: "connect_timeout", of: "openai", value: func(e Endpoint) any { return e.ConnectTimeout },
			file: "connect_timeout = '2m'", want: [4]any{nil, nil, 2 * time.Minute, time.Duration(0)},
		},
		{
			setting: "params.temperature", of: "openai", value: func(e Endpoint) any { return e.Params["temperature"] },
			flag: func(s *Settings) { s.Params = map[string]Param{"temperature": {1.5, "--temperature"}} }, flagName: "--temperature",
			file: "params.temperature = 0.5", want: [4]any{1.5, nil, 0.5, nil},
		},
		{
			setting: "params.max_completion_tokens", of: "openai", value: func(e Endpoint) any { return fmt.Sprint(e.Params) },
			flag: func(s *Settings) { s.Params = map[string]Param{"max_tokens": {5, MaxTokensFlag}} }, flagName: "--max-tokens",
			file: "params.max_completion_tokens = 6",
			want: [4]any{"map[max_completion_tokens:5]", nil, "map[max_completion_tokens:6]", "map[]"},
		},
		{
			setting: "params.max_tokens", of: "mistral", value: func(e Endpoint) any { return fmt.Sprint(e.Params) },
			flag: func(s *Settings) { s.Params = map[string]Param{"max_tokens": {5, MaxTokensFlag}} }, flagName: "--max-tokens",
			file: "params.max_tokens = 6",
			want: [4]any{"map[max_tokens:5]", nil, "map[max_tokens:6]", "map[]"},
		},
		{
			setting: "params.max_completion_tokens", of: "openai", value: func(e Endpoint) any { return fmt.Sprint(e.Params) },
			flag: func(s *Settings) { s.Params = map[string]Param{"max_tokens": {5, MaxTokensFlag}} }, flagName: "--max-tokens",
			file: "params.max_tokens = 6", // the same under the name that the endpoint does not have
			want: [4]any{"map[max_completion_tokens:5]", nil, nil, nil},
		},
		{
			setting: "system_role", of: "openai", value: func(e Endpoint) any { return e.SystemRole },
			file: "system_role = 'developer'", want: [4]any{nil, nil, "developer", ""},
		},
		{
			setting: "proxy", of: "openai", value: func(e Endpoint) any { return e.Proxy.Reveal() },
			file: "proxy = 'http://p:1'", want: [4]any{nil, nil, "http://p:1", ""},
		},
		{
			setting: "ca_file", of: "openai", value: func(e Endpoint) any { return e.CAFile },
			file: "ca_file = 'a.pem'", want: [4]any{nil, nil, "a.pem", ""},
		},
		{
			setting: "allow_plain_http", of: "openai", value: func(e Endpoint) any { return e.AllowPlainHTTP },
			file: "allow_plain_http = true", want: [4]any{nil, nil, true, false},
		},
		{
			setting: "reasoning_tags", of: "openai", value: func(e Endpoint) any { return e.ReasoningTags },
			file: "reasoning_tags = true", want: [4]any{nil, nil, true, false},
		},
		{
			setting: "headers.X-Team", of: "openai", value: func(e Endpoint) any { return e.Headers["X-Team"].Reveal() },
			file: "headers.X-Team = 'c'", want: [4]any{nil, nil, "c", ""},
		},
	} {
		sources := []string{ByFlag, ByEnv, InFile, BuiltIn}
		for i, want := range tt.want {
			if want == nil {
				continue
			}
			t.Run(tt.setting+" of "+tt.of+" by "+sources[i], func(t *testing.T) {
				values := map[string]string{"OPENAI_API_KEY": "k", "AZURE_OPENAI_API_KEY": "k", "GROQ_API_KEY": "k", "MISTRAL_API_KEY": "k"}
				s := Settings{Profile: tt.of, Env: env(values)}
				if tt.of != "openai" && tt.setting != "model" {
					s.Model = "m"
				}
				if i == 0 && tt.flag != nil {
					tt.flag(&s)
				}
				if i <= 1 || tt.want[1] == nil { // a variable that is no source of this setting is set in every case
					maps.Copy(values, tt.env)
				}
				file := ""
				if i <= 2 && tt.file != "" {
					file = "[profiles." + tt.of + "]\n" + tt.file
				}
				f := load(t, file)
				e, err := f.Endpoint(t.Context(), s)
				if got := tt.value(e); err != nil || got != want {
					t.Errorf("%v, want %v; %v", got, want, err)
				}
				checkSource(t, f, e.Source(tt.setting), sources[i], tt.flagName)
			})
		}
	}
}

// checkSource checks the source of a value; a value that is not set has none.
func checkSource(t *testing.T, f *File, got Source, from, flag string) {
	t.Helper()
	if got.From != from && (from != BuiltIn || got.From != "") {
		t.Errorf("it comes from %+v, want %s", got, from)
	}
	if from == ByFlag && got.Name != flag {
		t.Errorf("the flag is %s, want %s", got.Name, flag)
	}
	if from == InFile && f.Position(got.Name).Line < 2 {
		t.Errorf("%s is at %+v", got.Name, f.Position(got.Name))
	}
}

// TestProfileLayers checks the one setting on which the others depend.
func TestProfileLayers(t *testing.T) {
	values := map[string]string{"OPENAI_API_KEY": "k", "OAX_PROFILE": "ollama"}
	f, none := load(t, "profile = 'vllm'"), load(t, "")
	for i, tt := range []struct {
		file    *File
		flag    string
		env     map[string]string
		profile string
		source  Source
	}{
		{f, "llamacpp", values, "llamacpp", Source{ByFlag, "--profile"}},
		{f, "", values, "ollama", Source{ByEnv, "OAX_PROFILE"}},
		{f, "", nil, "vllm", Source{InFile, "profile"}},
		{none, "", map[string]string{"OPENAI_API_KEY": "k"}, "openai", Source{BuiltIn, ""}},
	} {
		e, err := tt.file.Endpoint(t.Context(), Settings{Profile: tt.flag, Env: env(tt.env)})
		if err != nil || e.Profile != tt.profile || e.Source("profile") != tt.source {
			t.Errorf("%d: %s, %+v, %v", i, e.Profile, e.Source("profile"), err)
		}
	}
}
