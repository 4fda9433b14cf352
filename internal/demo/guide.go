package demo

import (
	"encoding/json"
	"net/http"
	"time"
)

// maxRequest bounds what Guide reads of one request, in bytes.
const maxRequest = 64 << 20

// Guide returns the honest endpoint: POST /v1/chat/completions and /v1/responses, streamed
// or whole, and GET /v1/models, with errors in the shape the API has. An answer tells how to
// set up a real endpoint on this system, or shows a table, a list, code, Japanese text or
// reasoning if the question asks for one. A question for the time is a call of the tool
// clock if that is offered, and its result the answer. A stream sends one word each pace.
func Guide(pace time.Duration, on System) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v1/chat/completions":
			if q := new(completionsRequest); allowed(w, r, http.MethodPost) && read(w, r, q, "messages") {
				a := q.question().answer(on)
				if q.Stream {
					a.streamCompletion(w, r, pace, q.StreamOptions.IncludeUsage)
				} else {
					a.wholeCompletion(w)
				}
			}
		case "/v1/responses":
			if q := new(responsesRequest); allowed(w, r, http.MethodPost) && read(w, r, q, "input") {
				a := q.question().answer(on)
				if q.Stream {
					a.streamResponse(w, r, pace)
				} else {
					a.wholeResponse(w)
				}
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

// read decodes a request, or refuses it. messages is the field of its messages.
func read(w http.ResponseWriter, r *http.Request, into interface{ empty() bool }, messages string) bool {
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest)).Decode(into); err != nil {
		refuse(w, http.StatusBadRequest, "", "the body is not a JSON request: "+err.Error())
		return false
	}
	if into.empty() {
		refuse(w, http.StatusBadRequest, messages, messages+" must hold at least one message")
		return false
	}
	return true
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
