package demo

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// The chat completions API.

// completionsRequest is what Guide understands of a request.
type completionsRequest struct {
	Model    string `json:"model"`
	Messages []struct {
		Role    string          `json:"role"`
		Content json.RawMessage `json:"content"`
	} `json:"messages"`
	Tools []struct {
		Function struct {
			Name string `json:"name"`
		} `json:"function"`
	} `json:"tools"`
	Stream        bool `json:"stream"`
	StreamOptions struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
	MaxTokens           int `json:"max_tokens"`
	MaxCompletionTokens int `json:"max_completion_tokens"`
}

func (r completionsRequest) empty() bool { return len(r.Messages) == 0 }

func (r completionsRequest) question() question {
	q := question{model: r.Model, limit: max(r.MaxTokens, r.MaxCompletionTokens)}
	for _, m := range r.Messages {
		q.add(m.Role, plain(m.Content))
	}
	for _, t := range r.Tools {
		q.tools = append(q.tools, t.Function.Name)
	}
	return q
}

// envelope returns what every chunk of the answer has in common.
func (a answer) envelope() chunk {
	c := envelope(a.model)
	c.ID, c.Created = "chatcmpl-"+a.id, a.created
	return c
}

func (a answer) finishReason() string {
	switch {
	case a.cut:
		return "length"
	case len(a.calls) > 0:
		return "tool_calls"
	}
	return "stop"
}

func (a answer) streamCompletion(w http.ResponseWriter, r *http.Request, pace time.Duration, withUsage bool) {
	begin(w)
	out, c := &reply{w: w, ctx: r.Context()}, a.envelope()
	more := out.send(c.role())
	for _, word := range a.reasoning {
		more = more && wait(out.ctx, pace) && out.send(c.delta(content{Reasoning: word}))
	}
	for _, word := range a.words {
		more = more && wait(out.ctx, pace) && out.send(c.text(word))
	}
	for _, call := range a.callDeltas() {
		more = more && wait(out.ctx, pace) && out.send(c.delta(content{ToolCalls: []callDelta{call}}))
	}
	more = more && out.send(c.finish(a.finishReason()))
	if withUsage {
		more = more && out.send(c.usage(a.prompt, a.size()))
	}
	if more {
		out.send(Done())
	}
}

func (a answer) callDeltas() (deltas []callDelta) {
	for i, call := range a.calls {
		deltas = append(deltas, call.delta(i))
	}
	return deltas
}

func (a answer) wholeCompletion(w http.ResponseWriter) {
	c, text, reason := a.envelope(), strings.Join(a.words, ""), a.finishReason()
	c.Object = "chat.completion"
	message := &content{Role: "assistant", Content: &text, Reasoning: strings.Join(a.reasoning, ""), ToolCalls: a.callDeltas()}
	c.Choices = []choice{{Message: message, FinishReason: &reason}}
	c.Usage = &usage{a.prompt, a.size(), a.prompt + a.size()}
	writeJSON(w, http.StatusOK, c)
}
