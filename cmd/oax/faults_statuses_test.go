package main

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"oax/internal/demo"
)

// statuses are the faults that the reply's status and headers tell (C).
var statuses = slices.Concat([]fault{
	{row: "C1", what: "400", test: rejects(400, `{"error":{"message":"temperature is out of range","type":"invalid_request_error"}}`,
		"400", 8)},
	{row: "C1", what: "400 in one text", test: rejects(400, `"temperature is out of range"`,
		"400", 8)},
	{row: "C1", what: "a status that is none", test: rejects(999, "", "5xx", 5)},
	{row: "C2", what: "the chat is too long", test: rejects(400,
		`{"error":{"message":"This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.","code":"context_length_exceeded"}}`,
		"400", 8)},
	{row: "C3", what: "401", test: rejects(401, `{"error":{"message":"Incorrect API key provided: sk-can*******4f2a."}}`,
		"401", 4)},
	{row: "C3", what: "401 for a short key, or none", test: keyTails},
	{row: "C4", what: "402", test: rejects(402, `{"error":{"message":"Insufficient credits"}}`,
		"quota", 4)},
	{row: "C4", what: "429 insufficient_quota", test: rejects(429,
		`{"error":{"message":"You exceeded your current quota.","type":"insufficient_quota","code":"insufficient_quota"}}`,
		"quota", 4)},
	{row: "C5", what: "403", test: rejects(403, `{"error":{"message":"Country not supported"}}`,
		"403", 4)},
	{row: "C6", what: "404 model not found", test: noModel},
	{row: "C7", what: "404 web page", test: func(t *testing.T) {
		h, script := scripted(t, demo.Reply(404, "text/html", "<html><h1>Not Found</h1></html>"))
		h.env["OPENAI_BASE_URL"] = "http://" + hostOf(h)
		h.check(h.run("hi"), unsent("404", 8))
		oneRequest(t, script, "hi")
	}},
	{row: "C17", what: "a gateway that fails", test: gateway},
	{row: "C29", what: "401 for want of a scope", test: rejects(401,
		`{"error":{"message":"You have insufficient permissions for this operation. Missing scopes: model.request."}}`, "401", 4)},
	{row: "C30", what: "404 for a data policy", test: rejects(404,
		`{"error":{"message":"No endpoints found matching your data policy (Free model publication)","code":404}}`, "404", 8)},
	{row: "C31", what: "an error repeats a secret header", test: repeatsHeader},
	{row: "C22", what: "error at status 200", test: rejects(200, `{"error":{"message":"no such deployment"}}`,
		"error", 8)},
	{row: "C23", what: "web page at status 200", test: replies(demo.Reply(200, "text/html", "\n<!DOCTYPE html><html>Log in</html>"),
		unsent("protocol", 6))},
	{row: "C24", what: "a whole completion", test: replies(demo.Reply(200, "application/json",
		`{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"yes"},"finish_reason":"stop"}]}`),
		want{stdout: "yes\n", prompt: "hi", answer: "yes"})},
	{row: "C25", what: "204", test: replies(demo.Exchange{Status: 204}, unsent("empty", 3))},
	{row: "C25", what: "empty body", test: replies(demo.Stream(), unsent("empty", 3))},
	{row: "C26", what: "a stream called text/plain", test: replies(
		demo.Exchange{Header: http.Header{"Content-Type": {"text/plain"}}, Body: demo.Answer("yes")},
		want{stdout: "yes\n", prompt: "hi", answer: "yes"})},
	{row: "C27", what: "early hints", test: replies(demo.Raw(append([]demo.Step{demo.Send([]byte(
		"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" +
			"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"))}, append(demo.Answer("yes"), demo.FIN())...)...),
		want{stdout: "yes\n", prompt: "hi", answer: "yes"})},
}, refusals, retries)

// replies is a row whose one request, for the model gtp-4o, gets the reply.
func replies(x demo.Exchange, w want) func(*testing.T) {
	return func(t *testing.T) {
		h, script := scripted(t, x)
		h.check(h.run("-m", "gtp-4o", "hi"), w)
		oneRequest(t, script, "hi")
	}
}

// rejects is a row whose one request gets an error as JSON.
func rejects(status int, body, why string, code int) func(*testing.T) {
	return replies(demo.Reply(status, "application/json", body), unsent(why, code))
}

func repeatsHeader(t *testing.T) {
	const secret = "the/other secret"
	said := "bad: " + secret + ", " + url.QueryEscape(secret) + ", " + base64.StdEncoding.EncodeToString([]byte(secret))
	h, script := scripted(t, demo.Reply(400, "application/json", `{"error":{"message":"`+said+`"}}`))
	h.config("profile = \"lab\"\n[profiles.lab]\nbase_url = \"" + h.env["OPENAI_BASE_URL"] + "\"\nmodel = \"m\"\nkey_env = \"OPENAI_API_KEY\"\nheaders = { X-Token = \"" + secret + "\" }\n")
	delete(h.env, "OPENAI_BASE_URL")
	r := h.run("hi")
	h.check(r, unsent("400", 8))
	oneRequest(t, script, "hi")
	if last := h.only()[1]; strings.Contains(r.stderr+last.Text, "other") || !strings.Contains(last.Text, "[key]") {
		t.Errorf("stderr %q, saved %q", r.stderr, last.Text)
	}
}

func keyTails(t *testing.T) {
	for _, key := range []string{"sk-nineteen-letters", "sk-of-twenty-letters", ""} {
		h, script := scripted(t, demo.Reply(401, "application/json", `{"error":{"message":"no"}}`))
		h.env["OPENAI_API_KEY"] = key
		r := h.run("hi")
		h.check(r, unsent("401", 4))
		oneRequest(t, script, "hi")
		if key != "" && strings.Contains(r.stderr, key) {
			t.Errorf("the key is in %q", r.stderr)
		}
	}
}

// noModel is a model that the endpoint does not have: it is asked which it has.
func noModel(t *testing.T) {
	body := `{"error":{"message":"The model 'gtp-4o' does not exist","code":"model_not_found"}}`
	models := demo.Reply(200, "application/json", `{"object":"list","data":[{"id":"o3"},{"id":"gpt-4o"},{"id":"gpt-4o-mini"}]}`)
	for _, models := range []demo.Exchange{models, demo.Reply(500, "text/plain", "no")} {
		h, script := scripted(t, demo.Reply(404, "application/json", body), models)
		h.check(h.run("-m", "gtp-4o", "hi"), unsent("404", 8))
		requests := script.Requests()
		if len(requests) != 2 || requests[1].Method+requests[1].Path != "GET/v1/models" {
			t.Errorf("requests: %v", requests)
		}
	}
}

func gateway(t *testing.T) {
	for i, body := range []string{
		"<html><body>stack of pages</body></html>", "\ufeff \n<!DOCTYPE html><title>stack of pages</title>",
		strings.Repeat("Wörter ", 100), `{"error":{"message":"` + strings.Repeat("Wörter ", 100) + `"}}`,
	} {
		x := demo.Reply([]int{500, 502, 503, 504}[i], "text/html", body)
		x.Header = soon("Content-Type", "text/html")
		h, script := scripted(t, x)
		h.check(h.run("hi"), unsent("5xx", 5))
		requested(t, script, 3)
	}
}
