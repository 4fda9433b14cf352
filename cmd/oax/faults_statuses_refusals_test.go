package main

import (
	"net/http"
	"strings"
	"testing"

	"oax/internal/demo"
)

// refusals are errors whose words or bodies need care.
var refusals = []fault{
	{row: "C3", what: "401 as JSON", test: func(t *testing.T) {
		h, script := scripted(t, demo.Reply(401, "text/plain", ""))
		r := h.run("--json", "hi")
		oneRequest(t, script, "hi")
		for id := range h.sessions() {
			w := unsent("401", 4)
			w.stdout = `{"type":"end","status":"failed","chat":"` + id + `","error":{"kind":"401","message":"` + hostOf(h) + ` does not accept the API key (401)"}}` + "\n"
			h.check(r, w)
		}
	}},
	{row: "C8", what: "no such thing there", test: func(t *testing.T) {
		for _, status := range []int{405, 415, 501} {
			rejects(status, `{"error":{"message":"no"}}`, "4xx", 8)(t)
		}
	}},
	{row: "C10", what: "413", test: func(t *testing.T) {
		h, script := scripted(t, demo.Reply(413, "text/html", "<html>nginx</html>"))
		w := unsent("413", 8)
		w.prompt = strings.Repeat("long ", 3<<20/10)
		h.check(h.pipe(w.prompt), w)
		oneRequest(t, script, w.prompt)
	}},
	{row: "C11", what: "422", test: rejects(422, `{"detail":[{"loc":["body","temperature"],"msg":"must be at most 2","type":"x"}]}`,
		"422", 8)},
	{row: "C19", what: "endless error body", test: endlessError},
	{row: "C20", what: "controls in an error", test: func(t *testing.T) {
		const words = "\x1b]52;c;ZXZpbA==\x07 \u202etxt.exe \u009b2J \x1b[2J\r\nlast"
		body := `{"error":{"message":"\u001b]52;c;ZXZpbA==\u0007 \u202etxt.exe \u009b2J \u001b[2J\r\nlast"}}`
		rejects(400, body, "400", 8)(t)
		h, _ := scripted(t, demo.Reply(400, "text/plain", words))
		h.run("hi")
		if got := h.only()[1].Text; !strings.HasSuffix(got, words) {
			t.Errorf("the record is %q", got)
		}
	}},
	{row: "C21", what: "the key in an error", test: keyEchoed},
}

// endlessError sends an error body of 128 MiB, which nobody has to read.
func endlessError(t *testing.T) {
	sent := 0
	server, err := demo.Start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(400)
		for piece := []byte(strings.Repeat("word ", 13<<10)); sent < 128<<20; {
			n, err := w.Write(piece)
			sent += n
			if err != nil {
				return
			}
		}
	}))
	must(t, err)
	h := newHome(t)
	h.env["OPENAI_BASE_URL"] = server.URL()
	r, memory := h.measured(h.command("hi"))
	server.Close() // and with it the handler
	h.check(r, unsent("400", 8))
	if len(r.stderr) > 1000 {
		t.Errorf("%d bytes of it were said", len(r.stderr))
	}
	if sent == 0 || sent > 16<<20 {
		t.Errorf("%d bytes of it were sent", sent)
	}
	small(t, memory)
}

// keyEchoed puts the key wherever a service's words come from. The harness looks for
// it in every output and file.
func keyEchoed(t *testing.T) {
	bearer := "Bearer " + canary
	for _, test := range []struct {
		exchange demo.Exchange
		want     want
	}{
		{demo.Reply(400, "application/json", `{"error":{"message":"bad header Authorization: `+bearer+`"}}`),
			unsent("400", 8)},
		{demo.Reply(400, "text/plain", "Authorization: "+bearer), unsent("400", 8)},
		{demo.Reply(422, "application/json", `{"detail":[{"loc":["`+canary+`"],"msg":"no"}]}`), unsent("422", 8)},
		{demo.Reply(502, "application/json", `{"error":{"message":"no","metadata":{"raw":"`+canary+`"}}}`), unsent("5xx", 5)},
		{redirect(307, "http://a.invalid/?key="+canary), unsent("redirect", 2)},
		{demo.Reply(200, "application/json", `{"error":"`+bearer+`"}`), unsent("error", 8)},
		{demo.Stream(demo.Send([]byte("event: error\ndata: " + bearer + "\n\n"))), unsent("error", 8)},
	} {
		test.exchange.Header.Set("X-Should-Retry", "false")
		replies(test.exchange, test.want)(t)
	}
}
