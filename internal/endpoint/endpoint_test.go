package endpoint

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"oax/internal/chat"
	"oax/internal/config"
	"oax/internal/demo"
	"oax/internal/report"
)

// lab is a person with a configuration and an endpoint that gives the replies of a script.
type lab struct {
	t       *testing.T
	script  *demo.Scripted
	url     string
	stderr  *os.File
	options Options
}

// newLab writes the configuration, in which URL is replaced by the base URL of the script,
// and ROOT by that without /v1.
func newLab(t *testing.T, configuration string, replies ...demo.Exchange) *lab {
	t.Helper()
	l := &lab{t: t, script: demo.Script(replies...)}
	server, err := demo.Start(l.script)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	l.url = server.URL()
	dirs, err := config.FindDirs(func(name string) string {
		if name == "HOME" || name == "USERPROFILE" {
			return t.TempDir()
		}
		return ""
	})
	if err != nil {
		t.Fatal(err)
	}
	path := dirs.ConfigFile()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	configuration = strings.NewReplacer("URL", l.url, "ROOT", strings.TrimSuffix(l.url, "/v1")).Replace(configuration)
	if err := os.WriteFile(path, []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	file, _, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if l.stderr, err = os.Create(filepath.Join(t.TempDir(), "stderr")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.stderr.Close() })
	l.options = Options{File: file, Dirs: dirs, Version: "test", Log: report.NewWriter(l.stderr, false)}
	l.environment()
	return l
}

// environment sets the variables, given as name and value.
func (l *lab) environment(pairs ...string) {
	values := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = pairs[i+1]
	}
	l.options.Settings.Env = func(name string) (string, bool) { value, ok := values[name]; return value, ok }
}

func (l *lab) resolve() *Endpoint {
	l.t.Helper()
	e, err := Resolve(l.t.Context(), l.options)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(e.Close)
	return e
}

// printed returns what was written to standard error.
func (l *lab) printed() string {
	l.t.Helper()
	text, err := os.ReadFile(l.stderr.Name())
	if err != nil {
		l.t.Fatal(err)
	}
	return string(text)
}

func list(names ...string) demo.Exchange {
	return demo.Reply(200, "application/json", `{"data":[{"id":"`+strings.Join(names, `"},{"id":"`)+`"}]}`)
}

// Where no model is named the first that the endpoint lists is taken, unless the endpoint
// is known to need none, or lists something else than what a request may name.
func TestFirstModel(t *testing.T) {
	models := list("nomic-embed-text", "qwen3", "llama3")
	const note = "oax: asking qwen3, the first of 2 models; -m NAME asks another\n"
	for name, test := range map[string]struct {
		profile  string
		list     demo.Exchange
		dryRun   bool
		model    string
		note     string
		requests int
	}{
		"an unknown endpoint":    {"base_url = 'URL'", models, false, "qwen3", note, 1},
		"a local server":         {"base_url = 'URL'\nendpoint = 'ollama'", models, false, "qwen3", note, 1},
		"a service":              {"base_url = 'URL'\nendpoint = 'groq'", models, false, "qwen3", note, 1},
		"a single model":         {"base_url = 'URL'", list("only"), false, "only", "", 1},
		"a model is named":       {"base_url = 'URL'\nmodel = 'm'", models, false, "m", "", 0},
		"a dry run":              {"base_url = 'URL'", models, true, "", "", 0},
		"an account's default":   {"base_url = 'URL'\nendpoint = 'openrouter'", models, false, "", "", 0},
		"deployments":            {"base_url = 'ROOT'\nendpoint = 'azure'", models, false, "", "", 0},
		"no list":                {"base_url = 'URL'", demo.Reply(404, "text/plain", "nothing"), false, "", "", 1},
		"only embedding models":  {"base_url = 'URL'", list("embed-1"), false, "", "", 1},
		"nothing in the list":    {"base_url = 'URL'", demo.Reply(200, "application/json", `{"data":[]}`), false, "", "", 1},
		"something else than it": {"base_url = 'URL'", demo.Reply(200, "text/html", "<html>"), false, "", "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, "profile = 'p'\n[profiles.p]\n"+test.profile+"\n", test.list)
			l.options.DryRun = test.dryRun
			e := l.resolve()
			if n := len(l.script.Requests()); e.Model != test.model || l.printed() != test.note || n != test.requests {
				t.Errorf("model %q after %d requests, %q", e.Model, n, l.printed())
			}
		})
	}
}

// An endpoint that needs a model and lists none is not sent a request without.
func TestNoModel(t *testing.T) {
	l := newLab(t, "[profiles.'my box']\nendpoint = 'groq'\nbase_url = 'URL'\n", demo.Reply(404, "text/plain", ""))
	l.options.Settings.Profile = "my box"
	_, err := l.resolve().Request(nil, "", chat.Message{Role: chat.User, Text: "hi"})
	got, _ := errors.AsType[*report.Error](err)
	want := report.Config("no model named for my box",
		"oax models -p 'my box' lists them; then -m NAME, or model in "+l.options.Dirs.ConfigFile())
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestProfileAndModel(t *testing.T) {
	for _, test := range [][6]string{ // what is set, the session's, what is used
		{"", "", "", "", "", ""},
		{"", "", "p", "a", "p", "a"},
		{"", "b", "p", "a", "p", "b"},
		{"p", "", "p", "a", "p", "a"},
		{"q", "", "p", "a", "q", ""},
		{"q", "b", "p", "a", "q", "b"},
	} {
		profile, model := ProfileAndModel(test[0], test[1], test[2], test[3])
		if profile != test[4] || model != test[5] {
			t.Errorf("%q: %q, %q", test, profile, model)
		}
	}
}

// The profile is kept in a session only if something named it.
func TestSavedProfile(t *testing.T) {
	for name, set := range map[string]func(l *lab){
		"":     func(l *lab) { l.environment("OPENAI_BASE_URL", l.url) },
		"flag": func(l *lab) { l.options.Settings.Profile = "p" },
		"file": func(l *lab) { l.options.File.Profile = "p" },
		"env":  func(l *lab) { l.environment("OAX_PROFILE", "p") },
	} {
		l := newLab(t, "[profiles.p]\nbase_url = 'URL'\nmodel = 'm'\n")
		set(l)
		if e := l.resolve(); (e.SavedProfile == "p") != (name != "") {
			t.Errorf("%s: %q", name, e.SavedProfile)
		}
	}
}

// Without a key there is an error, and a client to check the network with.
func TestResolveWithoutKey(t *testing.T) {
	l := newLab(t, "[profiles.p]\nbase_url = 'https://llm.example.com/v1'\n")
	l.options.Settings.Profile = "p"
	e, err := Resolve(t.Context(), l.options)
	if _, ok := errors.AsType[*config.NoKeyError](err); !ok || e.Client == nil {
		t.Errorf("%v, client %v", err, e.Client)
	}
	l.options.Settings.Profile = "q"
	e, err = Resolve(t.Context(), l.options)
	if _, ok := errors.AsType[*config.UnknownProfileError](err); !ok || e.Client != nil {
		t.Errorf("%v, client %v", err, e.Client)
	}
	e.Close()
}

func TestRequest(t *testing.T) {
	l := newLab(t, "[profiles.p]\nbase_url = 'URL'\nmodel = 'm'\nparams = { top_p = 0.5 }\n")
	l.options.Settings.Profile = "p"
	message := func(role chat.Role, text string) chat.Message { return chat.Message{Role: role, Text: text} }
	history := []chat.Message{message(chat.System, "one"), message(chat.User, "q"), message(chat.Assistant, "a")}
	r, err := l.resolve().Request(history, "two", message(chat.User, "now"))
	if err != nil {
		t.Fatal(err)
	}
	want := []chat.Message{history[0], message(chat.System, "two"), history[1], history[2], message(chat.User, "now")}
	if diff := cmp.Diff(want, r.Messages); diff != "" || r.Model != "m" || r.Params["top_p"] != 0.5 {
		t.Errorf("%+v, %s", r, diff)
	}
}

// ca_file is found beside the configuration and in the home directory.
func TestCAFile(t *testing.T) {
	for name, want := range map[string]string{
		"ca.pem":   filepath.Join("c", "oax", "ca.pem"),
		"~/ca.pem": filepath.Join("h", "ca.pem"),
	} {
		e := Endpoint{Endpoint: config.Endpoint{CAFile: name}}
		e.options = Options{Dirs: config.Dirs{Home: "h"}, File: &config.File{Path: filepath.Join("c", "oax", "config.toml")}}
		if got := e.caFile(); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestProxyOfTheEnvironment(t *testing.T) {
	for variables, want := range map[string]string{ // an error, or the proxy of https://api.openai.com
		"":                                  "none",
		"HTTPS_PROXY=http://proxy:1":        "http://proxy:1",
		"https_proxy=proxy:1":               "http://proxy:1",
		"ALL_PROXY=socks5://proxy:1":        "socks5://proxy:1",
		"HTTP_PROXY=http://proxy:1":         "none",
		"HTTPS_PROXY=::bad":                 "HTTPS_PROXY is not a URL; set HTTPS_PROXY to http://host:port, or remove it from the environment",
		"HTTP_PROXY=::bad":                  "HTTP_PROXY is not a URL; set HTTP_PROXY to http://host:port, or remove it from the environment",
		"ALL_PROXY=ftp://proxy:1":           "ALL_PROXY names a kind of proxy that oax cannot use: ftp; ALL_PROXY=socks5://proxy:1",
		"HTTPS_PROXY=proxy:1 ALL_PROXY=::":  "http://proxy:1",
		"HTTPS_PROXY=proxy:1 NO_PROXY=*":    "none",
		"HTTPS_PROXY=proxy:1 no_proxy=.com": "none",
	} {
		l := newLab(t, "")
		pairs := []string{"OPENAI_API_KEY", "sk-0123456789"}
		for _, pair := range strings.Fields(variables) {
			name, value, _ := strings.Cut(pair, "=")
			pairs = append(pairs, name, value)
		}
		l.environment(pairs...)
		e, err := Resolve(t.Context(), l.options)
		got := "none"
		if r, ok := errors.AsType[*report.Error](err); ok {
			got = r.What + "; " + r.Hint
		} else if err != nil {
			t.Fatal(err)
		} else {
			if proxy := e.Client.Proxy(); proxy != nil {
				got = proxy.String()
			}
		}
		if got != want {
			t.Errorf("%s: %s, want %s", variables, got, want)
		}
	}
}

// Lists of models are remembered in the cache, whose directory is never the working one.
func TestListedModels(t *testing.T) {
	l := newLab(t, "[profiles.p]\nbase_url = 'URL'\nmodel = 'm'\n", list("a", "b\\u001b[2J", "c"), list("d"))
	l.options.Settings.Profile = "p"
	if models, err := l.resolve().Models(t.Context()); err != nil || len(models) != 3 {
		t.Fatal(models, err)
	}
	if diff := cmp.Diff([]string{"a", "c"}, ListedModels(l.options.Dirs, l.url)); diff != "" {
		t.Error(diff)
	}
	l.options.NoSave = true
	if _, err := l.resolve().Models(t.Context()); err != nil || len(ListedModels(l.options.Dirs, l.url)) != 2 {
		t.Error("remembered in spite of --no-save", err)
	}
	t.Chdir(t.TempDir())
	remember(config.Dirs{}, l.url, nil)
	if files, err := os.ReadDir("."); err != nil || len(files) > 0 || ListedModels(config.Dirs{}, l.url) != nil {
		t.Error(files, err)
	}
}

// The first Trace has the connection, and later requests take it, too.
func TestTrace(t *testing.T) {
	l := newLab(t, "profile = 'p'\n[profiles.p]\nbase_url = 'URL'\n", list("a"), list("a"), list("a"))
	var traces []Trace
	l.options.OnTrace = func(trace Trace) { traces = append(traces, trace) }
	if _, err := l.resolve().Models(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(traces) != 2 || traces[1].Connected != "" || !strings.Contains(l.url, traces[0].Connected) || traces[0].Connected == "" || traces[0].Connect == 0 || traces[0].FirstByte == 0 {
		t.Errorf("%+v", traces)
	}
	l.options.NoModel = true
	if e := l.resolve(); e.Model != "" {
		t.Error(e.Model)
	}
}
