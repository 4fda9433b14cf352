package main

import (
	"encoding/json"
	"testing"
)

// A schema, with every other parameter, is in the published form.
func TestSchemaStrictly(t *testing.T) {
	t.Parallel()
	h, script := strictly(t, `{"ok":true}`)
	h.write("a b.json", `{"type":"object","properties":{"ok":{"type":"boolean"}},"required":["ok"],"additionalProperties":false}`)
	h.write("a.png", aPNG)
	r := h.run("--schema", "a b.json", "-a", "a.png", "--temperature", "0.5", "--top-p", "1", "--max-tokens", "5",
		"--stop", "x", "--stop", "y", "--seed", "7", "--effort", "low", "-m", "gpt", "is this a cat?")
	h.check(r, want{stdout: "{\"ok\":true}\n", prompt: "is this a cat?\n\n[image: a.png]", answer: `{"ok":true}`})
	var body publishedRequest
	must(t, json.Unmarshal(script.Requests()[0].Body, &body))
	format := body.ResponseFormat.JSONSchema
	if format.Name != "a_b" || format.Strict == nil || !*format.Strict || format.Schema["type"] != "object" {
		t.Errorf("%+v", format)
	}
	if body.Seed == nil || *body.Seed != 7 || len(body.Stop) != 2 || *body.TopP != 1 || body.ReasoningEffort != "low" || body.Model != "gpt" {
		t.Errorf("%+v", body)
	}
}
