package demo

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// maxRequest bounds what Guide reads of one request, in bytes.
const maxRequest = 64 << 20

// Guide returns the honest endpoint: POST /v1/chat/completions, streamed or
// whole, and GET /v1/models, with errors in the shape the API has. An answer tells how to
// set up a real endpoint on this system, or shows a table, a list, code or Japanese text
// if the question asks for one. A stream sends one word each pace.
func Guide(pace time.Duration, on System) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v1/chat/completions":
			if allowed(w, r, http.MethodPost) {
				complete(w, r, pace, on)
			}
		case "/v1/models":
			if allowed(w, r, http.MethodGet) {
				writeJSON(w, http.StatusOK, models{"list", []model{{"demo", "model", "oax"}}})
			}
		default:
			refuse(w, http.StatusNotFound, "", "there is nothing at "+r.Method+" "+r.URL.Path)
		}
	})
}

type models struct {
	Object string  `json:"object"`
	Data   []model `json:"data"`
}

type model struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	OwnedBy string `json:"owned_by"`
}

func allowed(w http.ResponseWriter, r *http.Request, method string) bool {
	if r.Method == method {
		return true
	}
	w.Header().Set("Allow", method)
	refuse(w, http.StatusMethodNotAllowed, "", r.URL.Path+" takes "+method+" only")
	return false
}

// question is what Guide understands of a request; the rest is ignored.
type question struct {
	Model    string `json:"model"`
	Messages []struct {
		Role    string          `json:"role"`
		Content json.RawMessage `json:"content"`
	} `json:"messages"`
	Stream        bool `json:"stream"`
	StreamOptions struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
	MaxTokens           int `json:"max_tokens"`
	MaxCompletionTokens int `json:"max_completion_tokens"`
}

func complete(w http.ResponseWriter, r *http.Request, pace time.Duration, on System) {
	var q question
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest)).Decode(&q); err != nil {
		refuse(w, http.StatusBadRequest, "", "the body is not a JSON request: "+err.Error())
		return
	}
	if len(q.Messages) == 0 {
		refuse(w, http.StatusBadRequest, "messages", "messages must hold at least one message")
		return
	}
	a := q.answer(on)
	if q.Stream {
		a.stream(w, r, pace, q.StreamOptions.IncludeUsage)
		return
	}
	a.whole(w)
}

// answer is one reply, in the words it is sent by.
type answer struct {
	envelope chunk
	words    []string
	reason   string
	prompt   int // the request's tokens; a word counts as one
}

func (q question) answer(on System) answer {
	a := answer{envelope: envelope("demo"), reason: "stop"}
	a.envelope.ID = fmt.Sprintf("chatcmpl-demo%d", time.Now().UnixNano())
	a.envelope.Created = time.Now().Unix()
	if q.Model != "" {
		a.envelope.Model = q.Model
	}
	var asked string
	for _, m := range q.Messages {
		text := plain(m.Content)
		a.prompt += len(strings.Fields(text))
		if m.Role == "user" {
			asked = text
		}
	}
	a.words = words(advice(asked, on))
	if limit := max(q.MaxTokens, q.MaxCompletionTokens); limit > 0 && limit < len(a.words) {
		a.words, a.reason = a.words[:limit], "length"
	}
	return a
}

func (a answer) stream(w http.ResponseWriter, r *http.Request, pace time.Duration, withUsage bool) {
	begin(w)
	out := &reply{w: w, ctx: r.Context()}
	more := out.send(a.envelope.role())
	for _, word := range a.words {
		more = more && wait(out.ctx, pace) && out.send(a.envelope.text(word))
	}
	more = more && out.send(a.envelope.finish(a.reason))
	if withUsage {
		more = more && out.send(a.envelope.usage(a.prompt, len(a.words)))
	}
	if more {
		out.send(Done())
	}
}

func (a answer) whole(w http.ResponseWriter) {
	text := strings.Join(a.words, "")
	c := a.envelope
	c.Object = "chat.completion"
	c.Choices = []choice{{Message: &content{"assistant", &text}, FinishReason: &a.reason}}
	c.Usage = &usage{a.prompt, len(a.words), a.prompt + len(a.words)}
	writeJSON(w, http.StatusOK, c)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(encode(v)) // a client that left needs no answer
}

// refuse writes an error in the API's shape. param names the field at fault, if
// one is.
func refuse(w http.ResponseWriter, status int, param, message string) {
	type fault struct {
		Message string  `json:"message"`
		Type    string  `json:"type"`
		Param   *string `json:"param"`
		Code    *string `json:"code"`
	}
	f := fault{Message: message, Type: "invalid_request_error"}
	if param != "" {
		f.Param = &param
	}
	writeJSON(w, status, map[string]fault{"error": f})
}
