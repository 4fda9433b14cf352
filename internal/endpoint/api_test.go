package endpoint

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/demo"
	"oax/internal/report"
)

var (
	onlyResponses = demo.Reply(404, "application/json",
		`{"error":{"message":"This model is only supported in v1/responses and not in v1/chat/completions.","param":"model"}}`)
	responded = demo.Reply(200, "application/json", `{"object":"response","status":"completed","output":[{"type":"message","content":[{"text":"yes"}]}]}`)
)

// send asks for one answer.
func (l *lab) send(e *Endpoint, history ...chat.Message) error {
	l.t.Helper()
	r, err := e.Request(history, "", chat.Message{Role: chat.User, Text: "hi"})
	if err != nil {
		l.t.Fatal(err)
	}
	stream, err := e.Client.Stream(l.t.Context(), r)
	if err == nil {
		stream.Close()
	}
	return err
}

func (l *lab) paths() string {
	var paths []string
	for _, r := range l.script.Requests() {
		paths = append(paths, strings.TrimPrefix(r.Path, "/v1"))
	}
	return strings.Join(paths, " ")
}

// TestSwitch: a model that OpenAI has only in the Responses API is asked there, and the next
// time at once.
func TestSwitch(t *testing.T) {
	l := newLab(t, "[profiles.openai]\nbase_url = 'URL'\nkey = 'k'\nmodel = 'o3-pro'\n", onlyResponses, responded)
	for range 2 {
		if err := l.send(l.resolve()); err != nil {
			t.Fatal(err)
		}
	}
	const note = "oax: o3-pro is only in the Responses API of OpenAI: asking there\n"
	if got := l.paths(); got != "/chat/completions /responses /responses" || l.printed() != note {
		t.Errorf("asked at %s; %q", got, l.printed())
	}
	l.options.Settings.Model = "gpt-5-mini"
	l.send(l.resolve())
	if got := l.paths(); !strings.HasSuffix(got, " /chat/completions") {
		t.Errorf("another model was asked at %s", got)
	}
}

// TestNotSwitched: where the person chose the API, or the service is another one, there is a
// hint.
func TestNotSwitched(t *testing.T) {
	onlyChat := demo.Reply(400, "application/json", `{"error":{"message":"only supported in v1/chat/completions and not in v1/responses"}}`)
	for name, test := range map[string]struct {
		profile string
		reply   demo.Exchange
		asked   string
		hint    string
	}{
		"chosen":   {"openai]\nbase_url = 'URL'\nkey = 'k'\napi = 'completions'", onlyResponses, "/chat/completions", `write api = "responses" under [profiles.openai] in CONFIG`},
		"another":  {"lab]\nbase_url = 'URL'", onlyResponses, "/chat/completions", `write api = "responses" under [profiles.lab] in CONFIG`},
		"reversed": {"lab]\nbase_url = 'URL'\napi = 'responses'", onlyChat, "/responses", `write api = "completions" under [profiles.lab] in CONFIG`},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, "profile = '"+test.profile[:strings.Index(test.profile, "]")]+"'\n[profiles."+test.profile+"\nmodel = 'm'\n", test.reply)
			e := l.resolve()
			explained, ok := errors.AsType[*report.Error](e.Explain(t.Context(), l.send(e)))
			want := strings.ReplaceAll(test.hint, "CONFIG", l.options.File.Path)
			if !ok || explained.Hint != want || explained.Code != report.ExitRefused || l.paths() != test.asked {
				t.Errorf("%+v; asked at %s", explained, l.paths())
			}
		})
	}
}

// TestOutputOfAnother: what a model sent goes back to it alone.
func TestOutputOfAnother(t *testing.T) {
	l := newLab(t, "profile = 'lab'\n[profiles.lab]\nbase_url = 'URL'\napi = 'responses'\nmodel = 'm'\n", responded)
	e := l.resolve()
	answer := chat.Message{
		Role: chat.Assistant, Text: "yes", State: chat.Complete,
		Output: []json.RawMessage{
			json.RawMessage(`{"type":"reasoning","encrypted_content":"secret"}`),
			json.RawMessage(`{"type":"message","role":"assistant","content":[{"type":"output_text","text":"yes"}]}`),
		},
	}
	for asked, want := range map[chat.Endpoint]bool{{Profile: "lab", Model: "m"}: true, {Profile: "lab", Model: "other"}: false, {Profile: "other", Model: "m"}: false, {}: false} {
		answer.Asked = asked
		if err := l.send(e, chat.Message{Role: chat.User, Text: "q"}, answer); err != nil {
			t.Fatal(err)
		}
		sent := l.script.Requests()
		if got := strings.Contains(string(sent[len(sent)-1].Body), "secret"); got != want {
			t.Errorf("asked of %+v: sent back is %v", asked, got)
		}
	}
}

// TestWeb: the endpoint's own search of the web is asked for as the endpoint has it.
func TestWeb(t *testing.T) {
	const search = `"tools":[{"type":"web_search"}]`
	for name, test := range map[string]struct{ profile, path, body, err string }{
		"openai":       {"base_url = 'URL'\nkey = 'k'\nendpoint = 'openai'", "/responses", search, ""},
		"responses":    {"base_url = 'URL'\napi = 'responses'", "/responses", search, ""},
		"other tools":  {"base_url = 'URL'\napi = 'responses'\nparams = { tools = [{ type = 'x' }] }", "/responses", `"tools":[{"type":"x"},{"type":"web_search"}]`, ""},
		"openrouter":   {"base_url = 'URL'\nkey = 'k'\nendpoint = 'openrouter'", "/chat/completions", `"plugins":[{"id":"web"}]`, ""},
		"openrouter 2": {"base_url = 'URL'\nkey = 'k'\nendpoint = 'openrouter'\napi = 'responses'", "/responses", `"plugins":[{"id":"web"}],"store"`, ""},
		"none":         {"base_url = 'URL'", "", "", "lab has no search of the web in chat completions"},
		"chosen":       {"base_url = 'URL'\nkey = 'k'\nendpoint = 'openai'\napi = 'completions'", "", "", "lab has no search of the web in chat completions"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, "profile = 'lab'\n[profiles.lab]\nmodel = 'm'\n"+test.profile+"\n", responded)
			l.options.Web = true
			e, err := Resolve(t.Context(), l.options)
			defer func() { e.Close() }() // there is one beside an error too
			if test.err != "" {
				if err == nil || report.Of(err).What != test.err {
					t.Errorf("%v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			_ = l.send(e) // the reply is one of the Responses API
			if got := l.script.Requests()[0]; got.Path != "/v1"+test.path || !strings.Contains(string(got.Body), test.body) {
				t.Errorf("%s %s", got.Path, got.Body)
			}
		})
	}
}
