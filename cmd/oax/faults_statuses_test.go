package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"oax/internal/demo"
)

// statuses are the faults that the reply's status and headers tell (C).
var statuses = slices.Concat([]fault{
	{row: "C1", what: "400", test: rejects(400, `{"error":{"message":"temperature is out of range","type":"invalid_request_error"}}`,
		"400", 8, "oax: the service refused the request (400): temperature is out of range\n")},
	{row: "C1", what: "400 in one text", test: rejects(400, `"temperature is out of range"`,
		"400", 8, "oax: the service refused the request (400): temperature is out of range\n")},
	{row: "C1", what: "a status that is none", test: rejects(999, "", "5xx", 5, "oax: HOST failed (999)\n")},
	{row: "C2", what: "the chat is too long", test: rejects(400,
		`{"error":{"message":"This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.","code":"context_length_exceeded"}}`,
		"400", 8, "oax: the chat is too long for gtp-4o (9001 tokens; limit 8192)\n"+
			"hint: shorten the prompt, or ask a model that takes more: -m NAME\n")},
	{row: "C3", what: "401", test: rejects(401, `{"error":{"message":"Incorrect API key provided: sk-can*******4f2a."}}`,
		"401", 4, "oax: HOST does not accept the API key (401)\nhint: which key: from OPENAI_API_KEY, ends …4f2a\n")},
	{row: "C3", what: "401 for a short key, or none", test: keyTails},
	{row: "C4", what: "402", test: rejects(402, `{"error":{"message":"Insufficient credits"}}`,
		"quota", 4, "oax: the account has no credit left\n")},
	{row: "C4", what: "429 insufficient_quota", test: rejects(429,
		`{"error":{"message":"You exceeded your current quota.","type":"insufficient_quota","code":"insufficient_quota"}}`,
		"quota", 4, "oax: the account has no credit left\n")},
	{row: "C5", what: "403", test: rejects(403, `{"error":{"message":"Country not supported"}}`,
		"403", 4, "oax: not allowed (403): Country not supported\n")},
	{row: "C6", what: "404 model not found", test: noModel},
	{row: "C7", what: "404 web page", test: func(t *testing.T) {
		h, script := asks(t, demo.Reply(404, "text/html", "<html><h1>Not Found</h1></html>"))
		host := hostOf(h)
		h.env["OPENAI_BASE_URL"] = "http://" + host
		h.check(h.run("hi"), unsent("404", 8, "oax: nothing at http://"+host+"/chat/completions (404)\nhint: does base_url need /v1?\n"))
		heard(t, script, "hi")
	}},
	{row: "C17", what: "a gateway that fails", test: gateway},
	{row: "C22", what: "error at status 200", test: rejects(200, `{"error":{"message":"no such deployment"}}`,
		"error", 8, "oax: HOST reported an error: no such deployment\n")},
	{row: "C23", what: "web page at status 200", test: replies(demo.Reply(200, "text/html", "\n<!DOCTYPE html><html>Log in</html>"),
		unsent("protocol", 6, "oax: HOST sent a web page, not an answer\nhint: network login page? wrong base_url?\n"))},
	{row: "C24", what: "a whole completion", test: replies(demo.Reply(200, "application/json",
		`{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"yes"},"finish_reason":"stop"}]}`),
		want{stdout: "yes\n", prompt: "hi", answer: "yes"})},
	{row: "C25", what: "204", test: replies(demo.Exchange{Status: 204}, unsent("empty", 3, "oax: HOST sent an empty reply\n"))},
	{row: "C25", what: "empty body", test: replies(demo.Stream(), unsent("empty", 3, "oax: HOST sent an empty reply\n"))},
	{row: "C26", what: "a stream called text/plain", test: replies(
		demo.Exchange{Header: http.Header{"Content-Type": {"text/plain"}}, Body: demo.Answer("yes")},
		want{stdout: "yes\n", prompt: "hi", answer: "yes"})},
	{row: "C27", what: "early hints", test: replies(demo.Raw(append([]demo.Step{demo.Send([]byte(
		"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" +
			"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"))}, append(demo.Answer("yes"), demo.FIN())...)...),
		want{stdout: "yes\n", prompt: "hi", answer: "yes"})},
}, refusals, retries)

// replies is a row whose one request, for the model gtp-4o, gets the reply. HOST in
// what is said stands for the endpoint.
func replies(x demo.Exchange, w want) func(*testing.T) {
	return func(t *testing.T) {
		h, script := asks(t, x)
		h.check(h.run("-m", "gtp-4o", "hi"), w.from(h))
		heard(t, script, "hi")
	}
}

// rejects is a row whose one request gets an error as JSON.
func rejects(status int, body, why string, code int, stderr string) func(*testing.T) {
	return replies(demo.Reply(status, "application/json", body), unsent(why, code, stderr))
}

// from puts the endpoint of a home for HOST.
func (w want) from(h *home) want {
	var said []string
	for _, part := range w.stderr {
		said = append(said, strings.ReplaceAll(part, "HOST", hostOf(h)))
	}
	w.stderr = said
	return w
}

func keyTails(t *testing.T) {
	for key, hint := range map[string]string{
		"sk-nineteen-letters":  "which key: from OPENAI_API_KEY\n",
		"sk-of-twenty-letters": "which key: from OPENAI_API_KEY, ends …ters\n",
		"":                     "set OPENAI_API_KEY, or key_command in the config file\n",
	} {
		h, script := asks(t, demo.Reply(401, "application/json", `{"error":{"message":"no"}}`))
		h.env["OPENAI_API_KEY"] = key
		r := h.run("hi")
		h.check(r, unsent("401", 4, "oax: "+hostOf(h)+" does not accept the API key (401)\nhint: "+hint))
		heard(t, script, "hi")
		if key != "" && strings.Contains(r.stderr, key) {
			t.Errorf("the key is in %q", r.stderr)
		}
	}
}

// noModel is a model that the endpoint does not have: it is asked which it has.
func noModel(t *testing.T) {
	body := `{"error":{"message":"The model 'gtp-4o' does not exist","code":"model_not_found"}}`
	models := demo.Reply(200, "application/json", `{"object":"list","data":[{"id":"o3"},{"id":"gpt-4o"},{"id":"gpt-4o-mini"}]}`)
	for _, test := range []struct {
		models demo.Exchange
		hint   string
	}{{models, "oax models; closest: gpt-4o"}, {demo.Reply(500, "text/plain", "no"), "oax models"}} {
		h, script := asks(t, demo.Reply(404, "application/json", body), test.models)
		h.check(h.run("-m", "gtp-4o", "hi"), unsent("404", 8, "oax: "+hostOf(h)+" has no model \"gtp-4o\"\nhint: "+test.hint+"\n"))
		requests := script.Requests()
		if len(requests) != 2 || requests[1].Method+requests[1].Path != "GET/v1/models" {
			t.Errorf("requests: %v", requests)
		}
	}
}

func gateway(t *testing.T) {
	bodies := map[int]string{
		500: "<html><body>stack of pages</body></html>", 502: "\ufeff \n<!DOCTYPE html><title>stack of pages</title>",
		503: strings.Repeat("Wörter ", 100), 504: `{"error":{"message":"` + strings.Repeat("Wörter ", 100) + `"}}`,
	}
	for status, body := range bodies {
		x := demo.Reply(status, "text/html", body)
		x.Header = soon("Content-Type", "text/html")
		h, script := asks(t, x)
		r := h.run("hi")
		h.check(r, unsent("5xx", 5, fmt.Sprintf("oax: %s failed (%d %s) after 3 tries", hostOf(h), status, http.StatusText(status))))
		if n := len(script.Requests()); n != 3 {
			t.Errorf("%d requests, want 3", n)
		}
		_, said, _ := strings.Cut(r.stderr, "after 3 tries")
		if strings.ContainsAny(said, "<>") || len([]rune(said)) > 210 {
			t.Errorf("%d: said %q", status, said)
		}
	}
}
