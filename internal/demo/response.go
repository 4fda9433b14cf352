package demo

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// The Responses API (https://platform.openai.com/docs/api-reference/responses).

// responsesRequest is what Guide understands of a request.
type responsesRequest struct {
	Model        string          `json:"model"`
	Instructions string          `json:"instructions"`
	Input        json.RawMessage `json:"input"` // a text, or items
	Tools        []struct {
		Name string `json:"name"`
	} `json:"tools"`
	Stream          bool `json:"stream"`
	MaxOutputTokens int  `json:"max_output_tokens"`
}

func (r responsesRequest) empty() bool { return len(r.Input) == 0 || string(r.Input) == "[]" }

func (r responsesRequest) question() question {
	q := question{model: r.Model, limit: r.MaxOutputTokens}
	q.add("system", r.Instructions)
	var items []struct {
		Type    string          `json:"type"`
		Role    string          `json:"role"`
		Content json.RawMessage `json:"content"`
		Output  json.RawMessage `json:"output"`
	}
	if json.Unmarshal(r.Input, &items) != nil {
		q.add("user", plain(r.Input))
	}
	for _, item := range items {
		if item.Type == "function_call_output" {
			q.add("tool", plain(item.Output))
		} else {
			q.add(item.Role, plain(item.Content))
		}
	}
	for _, t := range r.Tools {
		q.tools = append(q.tools, t.Name)
	}
	return q
}

// fields are a JSON object.
type fields map[string]any

// items returns what the answer consists of.
func (a answer) items() (items []fields) {
	if len(a.reasoning) > 0 {
		items = append(items, fields{"id": "rs_" + a.id, "type": "reasoning", "encrypted_content": "demo",
			"summary": []fields{{"type": "summary_text", "text": strings.Join(a.reasoning, "")}}})
	}
	if len(a.words) > 0 {
		items = append(items, fields{"id": "msg_" + a.id, "type": "message", "role": "assistant", "status": a.status(),
			"content": []fields{{"type": "output_text", "text": strings.Join(a.words, ""), "annotations": []any{}}}})
	}
	for i, call := range a.calls {
		items = append(items, fields{"id": fmt.Sprintf("fc_%s_%d", a.id, i), "type": "function_call", "status": a.status(),
			"call_id": call.id, "name": call.name, "arguments": call.arguments})
	}
	return items
}

func (a answer) status() string {
	if a.cut {
		return "incomplete"
	}
	return "completed"
}

// response returns the response with these items, under a status.
func (a answer) response(status string, items []fields) fields {
	r := fields{"id": "resp_" + a.id, "object": "response", "created_at": a.created, "model": a.model, "status": status, "output": items}
	if items == nil {
		r["output"] = []any{}
		return r
	}
	r["usage"] = fields{"input_tokens": a.prompt, "output_tokens": a.size(), "total_tokens": a.prompt + a.size(),
		"output_tokens_details": fields{"reasoning_tokens": len(a.reasoning)}}
	if a.cut {
		r["incomplete_details"] = fields{"reason": "max_output_tokens"}
	}
	return r
}

func (a answer) wholeResponse(w http.ResponseWriter) {
	writeJSON(w, http.StatusOK, a.response(a.status(), a.items()))
}

func (a answer) streamResponse(w http.ResponseWriter, r *http.Request, pace time.Duration) {
	begin(w)
	out, n, more := &reply{w: w, ctx: r.Context()}, 0, true
	send := func(kind string, f fields) {
		f["type"], f["sequence_number"] = kind, n
		n++
		more = more && out.send(append([]byte("event: "+kind+"\n"), event(f)...))
	}
	send("response.created", fields{"response": a.response("in_progress", nil)})
	send("response.in_progress", fields{"response": a.response("in_progress", nil)})
	for i, item := range a.items() {
		at := func(f fields) fields { f["output_index"], f["item_id"] = i, item["id"]; return f }
		words, kind, done := a.words, "response.output_text", "text"
		begun := fields{"id": item["id"], "type": item["type"], "status": "in_progress"}
		part, empty := "", fields{} // a call has no parts
		switch item["type"] {
		case "reasoning":
			words, kind, begun["summary"] = a.reasoning, "response.reasoning_summary_text", []any{}
			part, empty = "response.reasoning_summary_part", fields{"type": "summary_text", "text": ""}
		case "message":
			begun["role"], begun["content"] = "assistant", []any{}
			part, empty = "response.content_part", fields{"type": "output_text", "text": "", "annotations": []any{}}
		case "function_call":
			words, kind, done = []string{item["arguments"].(string)}, "response.function_call_arguments", "arguments"
			begun["call_id"], begun["name"], begun["arguments"] = item["call_id"], item["name"], ""
		}
		send("response.output_item.added", fields{"output_index": i, "item": begun})
		sendPart := func(end string, content fields) {
			if part != "" {
				send(part+end, at(fields{"content_index": 0, "summary_index": 0, "part": content}))
			}
		}
		sendPart(".added", empty)
		for _, word := range words {
			more = more && wait(out.ctx, pace)
			send(kind+".delta", at(fields{"content_index": 0, "summary_index": 0, "delta": word}))
		}
		whole := strings.Join(words, "")
		send(kind+".done", at(fields{"content_index": 0, "summary_index": 0, done: whole}))
		empty["text"] = whole
		sendPart(".done", empty)
		send("response.output_item.done", fields{"output_index": i, "item": item})
	}
	send("response."+a.status(), fields{"response": a.response(a.status(), a.items())})
}
