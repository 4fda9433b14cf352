package endpoint

import (
	"errors"
	"os"
	"strings"
	"testing"

	"oax/internal/config"
	"oax/internal/demo"
	"oax/internal/openai"
	"oax/internal/report"
)

// Each refusal gets the hint that only the settings can give.
func TestExplain(t *testing.T) {
	refusal := func(status int, body string) demo.Exchange { return demo.Reply(status, "application/json", body) }
	unauthorized := refusal(401, `{"error":{"message":"no"}}`)
	unsupported := refusal(400, `{"error":{"message":"Unsupported parameter: 'top_k' is not supported.","param":"top_k"}}`)
	instead := refusal(400, `{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","param":"max_tokens"}}`)
	noModel := refusal(404, `{"error":{"message":"The model does not exist","code":"model_not_found"}}`)
	for name, test := range map[string]struct {
		profile string
		env     []string
		flags   map[string]config.Param
		replies []demo.Exchange
		hint    string
	}{
		"key in the file": {
			profile: "key = 'sk-0123456789abcdef4f2a'", replies: []demo.Exchange{unauthorized},
			hint: "which key: from key in CONFIG:5:1, ends …4f2a",
		},
		"key_command": {
			profile: "key_command = 'echo short'", replies: []demo.Exchange{unauthorized},
			hint: "which key: from key_command in CONFIG:5:1",
		},
		"a variable": {
			profile: "key_env = 'LAB_KEY'", env: []string{"LAB_KEY", "sk-0123456789abcdef4f2a"}, replies: []demo.Exchange{unauthorized},
			hint: "which key: from LAB_KEY, ends …4f2a",
		},
		"no key": {
			profile: "key_env = 'LAB_KEY'", replies: []demo.Exchange{unauthorized},
			hint: "set LAB_KEY, or key_command in CONFIG",
		},
		"a parameter by flag": {
			flags: map[string]config.Param{"top_k": {Value: 5, Flag: "-o top_k"}}, replies: []demo.Exchange{unsupported},
			hint: "leave out -o top_k",
		},
		"a parameter in the file": {
			profile: "params = { top_p = 1.0, top_k = 5 }", replies: []demo.Exchange{unsupported},
			hint: "remove top_k from CONFIG:5:25",
		},
		"another parameter by flag": {
			flags: map[string]config.Param{"max_tokens": {Value: 5, Flag: "--max-tokens"}}, replies: []demo.Exchange{instead},
			hint: "-o max_completion_tokens=5 in place of --max-tokens",
		},
		"another parameter in the file": {
			profile: "params = { max_tokens = 5 }", replies: []demo.Exchange{instead},
			hint: "write max_completion_tokens in place of max_tokens in CONFIG:5:12",
		},
		"a model with a similar name": {
			replies: []demo.Exchange{noModel, list("big", "small")},
			hint:    "oax models; closest: small",
		},
		"tools": {
			replies: []demo.Exchange{refusal(400, `{"error":{"message":"smal does not support tools"}}`)},
			hint:    "leave out -T, or ask another model",
		},
		"the system role": {
			replies: []demo.Exchange{refusal(400, `{"error":{"message":"messages[0]: 'system' is not supported","param":"messages[0].role"}}`)},
			hint:    `leave out --system, or set system_role = "user" for lab in CONFIG`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, "profile = 'lab'\n[profiles.lab]\nbase_url = 'URL'\nmodel = 'smal'\n"+test.profile+"\n", test.replies...)
			l.environment(test.env...)
			l.options.Settings.Params = test.flags
			e := l.resolve()
			_, err := e.Client.Stream(t.Context(), request("hi"))
			if err == nil {
				t.Fatal("it was not refused")
			}
			// The turn has turned the failure into words before it is explained.
			refused := &report.Error{What: "refused", Code: report.ExitRefused, Cause: err}
			got, ok := errors.AsType[*report.Error](e.Explain(t.Context(), refused))
			want := strings.ReplaceAll(test.hint, "CONFIG", l.options.File.Path)
			if !ok || got.Hint != want || got.What != "refused" || refused.Hint != "" {
				t.Errorf("%+v\nwant %s", got, want)
			}
		})
	}
}

// A failure is explained only to those that it is about.
func TestExplainOthers(t *testing.T) {
	l := newLab(t, "profile = 'lab'\n[profiles.lab]\nbase_url = 'URL'\nmodel = 'm'\n",
		demo.Reply(401, "application/json", `{"error":{"message":"no"}}`))
	e := l.resolve()
	_, cause := e.Client.Stream(t.Context(), request("hi"))
	if cause == nil {
		t.Fatal("it was not refused")
	}
	refused := &report.Error{What: "refused", Code: report.ExitKey, Cause: cause}
	for _, err := range []error{nil, report.Disk("disk full", ""), &report.Error{Code: report.ExitKey, Signal: os.Interrupt}} {
		if got := e.Explain(t.Context(), err); got != err {
			t.Errorf("%v: %v", err, got)
		}
	}
	if got := e.Explain(t.Context(), refused); got == error(refused) {
		t.Error("the refusal is not explained")
	}
}

// The error of a list of models is explained as that of a turn.
func TestExplainModels(t *testing.T) {
	l := newLab(t, "profile = 'lab'\n[profiles.lab]\nbase_url = 'URL'\nmodel = 'm'\nkey = 'secret'\n",
		demo.Reply(401, "application/json", `{"error":{"message":"no"}}`))
	e := l.resolve()
	_, err := e.Models(t.Context())
	got, ok := errors.AsType[*report.Error](e.Explain(t.Context(), err))
	if !ok || got.Code != report.ExitKey || got.Hint != "which key: from key in "+l.options.File.Path+":5:1" {
		t.Errorf("%v: %+v", err, got)
	}
}

// Where there is no model to name, the hint says how to name one.
func TestExplainNoModel(t *testing.T) {
	l := newLab(t, "profile = 'lab'\n[profiles.lab]\nbase_url = 'URL'\n", demo.Reply(500, "text/plain", ""),
		demo.Reply(404, "application/json", `{"error":{"message":"no model","code":"model_not_found"}}`))
	e := l.resolve()
	_, err := e.Client.Stream(t.Context(), openai.Request{Messages: request("hi").Messages})
	got, ok := errors.AsType[*report.Error](e.Explain(t.Context(), err))
	if !ok || got.Code != report.ExitRefused || got.Hint != "-m NAME names a model; oax models lists them" {
		t.Errorf("%v: %+v", err, got)
	}
}
