package config

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// TestBuiltins checks what must be true of every line of the table.
func TestBuiltins(t *testing.T) {
	f := load(t, "")
	for name, b := range builtins() {
		if normal, err := NormalizeBaseURL(b.baseURL); b.baseURL != "" && (err != nil || normal != b.baseURL) {
			t.Errorf("%s: base URL %q, %v", name, b.baseURL, err)
		}
		if u, _ := url.Parse(b.baseURL); !b.local && b.baseURL != "" && u.Scheme != "https" {
			t.Errorf("%s: the key would go unencrypted", name)
		}
		if b.local != (b.keyEnv == "") {
			t.Errorf("%s: local %v, key in %q", name, b.local, b.keyEnv)
		}
		if !slices.Contains(f.Profiles(), name) {
			t.Errorf("%s is no profile", name)
		}
		values := map[string]string{b.baseEnv: "https://r.example"}
		e, err := f.Endpoint(t.Context(), Settings{Profile: name, Env: env(values), Model: "m"})
		if missing, ok := errors.AsType[*NoKeyError](err); ok != !b.local || ok && missing.Env != b.keyEnv {
			t.Errorf("%s without a key: %v", name, err)
		}
		if e.NeedsModel && b.local {
			t.Errorf("%s is asked what models it has", name)
		}
	}
}

// TestEndpointOfAnotherName: a profile may name the built-in endpoint that it is like.
func TestEndpointOfAnotherName(t *testing.T) {
	f := load(t, `
[profiles.work]
endpoint = "azure"
base_url = "https://work.example/"
key = "k"
model = "my model"
[profiles.v1]
endpoint = "azure"
base_url = "https://work.example/openai/v1"
key = "k"
model = "d"
[profiles.reasons]
endpoint = "azure"
base_url = "https://work.example/openai"
api = "responses"
key = "k"
model = "d"
[profiles.gpu]
endpoint = "ollama"
base_url = "http://gpu.example:11434/v1"
[profiles.mirror]
endpoint = "groq"
base_url = "https://mirror.example"
[profiles.groq]
model = "llama"
[profiles.mistral]
base_url = "https://mirror.example"
`)
	keys := map[string]string{"GROQ_API_KEY": "gk", "MISTRAL_API_KEY": "mk", "AZURE_OPENAI_API_KEY": "ak"}
	for profile, want := range map[string]string{
		"work":    "https://work.example/openai/deployments/my%20model api-version=2024-10-21 https://work.example/openai/models?api-version=2024-10-21 api-key k",
		"reasons": "https://work.example/openai/v1   api-key k",
		"v1":      "https://work.example/openai/v1   api-key k",
		"gpu":     "http://gpu.example:11434/v1    ",
		"groq":    "https://api.groq.com/openai/v1    gk",
		"mistral": "https://mirror.example    mk",
		"mirror":  "https://mirror.example    ",
	} {
		e, err := f.Endpoint(t.Context(), Settings{Profile: profile, Env: env(keys)})
		got := strings.Join([]string{e.BaseURL, e.Query, e.ModelsURL, e.KeyHeader, e.Key.Reveal()}, " ")
		if got != want {
			t.Errorf("%s: %s\nwant %s", profile, got, want)
		}
		if _, none := errors.AsType[*NoKeyError](err); none != (profile == "mirror") {
			t.Errorf("%s: %v", profile, err)
		}
	}
}

// TestPortalURL: Azure's portal shows a URL that holds the deployment.
func TestPortalURL(t *testing.T) {
	_, err := NormalizeBaseURL("https://r.example/openai/deployments/d/chat/completions?api-version=2024-10-21")
	if e, ok := errors.AsType[*BaseURLError](err); !ok || e.Suggest != "https://r.example" {
		t.Error(err)
	}
}

// TestPrivateServers: a server on a private network needs no key, unless the profile names
// a variable for it.
func TestPrivateServers(t *testing.T) {
	for base, free := range map[string]bool{
		"http://192.168.1.5:11434/v1": true, "http://10.0.0.7": true, "http://172.16.0.1": true, "http://100.64.3.4:8080": true,
		"http://[fd00::1]:8080/v1": true, "http://[fe80::1]/v1": true, "http://gpu:8000/v1": true, "http://gpu.local/v1": true, "http://nas.home.arpa": true,
		"http://8.8.8.8": false, "https://gpu.example": false, "http://172.32.0.1": false, "http://[2001:db8::1]": false, "http://100.128.0.1": false,
	} {
		for line, needs := range map[string]bool{"": !free, "key_env = 'NONE'\n": true} {
			f := load(t, "[profiles.a]\nbase_url = '"+base+"'\n"+line)
			_, err := f.Endpoint(t.Context(), Settings{Profile: "a"})
			if _, missing := errors.AsType[*NoKeyError](err); missing != needs || !needs && err != nil {
				t.Errorf("%s with %q: %v", base, line, err)
			}
		}
		_, err := load(t, "").Endpoint(t.Context(), Settings{Env: env(map[string]string{"OPENAI_BASE_URL": base})})
		if (err == nil) != free {
			t.Errorf("OPENAI_BASE_URL=%s: %v", base, err)
		}
	}
}

// TestHeaderIsAKey: a header that authenticates replaces a key, and is as secret.
func TestHeaderIsAKey(t *testing.T) {
	for base, ok := range map[string]bool{"https://a.example": true, "http://a.example": false, "http://192.168.1.5": false} {
		f := load(t, "[profiles.a]\nbase_url = '"+base+"'\nheaders = { X-Api-Key = 'CANARY' }")
		e, err := f.Endpoint(t.Context(), Settings{Profile: "a"})
		if _, plain := errors.AsType[*PlainHTTPError](err); plain == ok || e.Headers["X-Api-Key"].Reveal() != "CANARY" {
			t.Errorf("%s: %v", base, err)
		}
	}
}
