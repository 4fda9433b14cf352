package serve

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// apiError is an answer of the server itself that is not a success. It has the form of an
// error of the OpenAI API, with the type "oax_error", so that every client can show it; on
// /v1 any other type is the endpoint's own.
type apiError struct {
	status  int
	code    string
	message string
	param   string // which field or turn it is about; empty: none
}

func (e *apiError) Error() string { return e.message }

// fields is the error as it is sent, in a response body or over a WebSocket.
func (e *apiError) fields() map[string]any {
	fields := map[string]any{"message": e.message, "type": "oax_error", "param": nil, "code": e.code}
	if e.param != "" {
		fields["param"] = e.param
	}
	return fields
}

// write sends the error, unless the reply has begun.
func (e *apiError) write(w http.ResponseWriter) {
	if e.status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	writeJSON(w, e.status, map[string]any{"error": e.fields()})
}

// refuses makes a handler of a function that returns why it refuses a request, or nil once it
// has replied.
func refuses(handle func(http.ResponseWriter, *http.Request) *apiError) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if failure := handle(w, r); failure != nil {
			failure.write(w)
		}
	}
}

// writeJSON sends a value as the whole reply.
func writeJSON(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil { // only values that can be encoded are passed
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)+1))
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}

var (
	errWrongHost    = &apiError{status: http.StatusMisdirectedRequest, code: "wrong_host", message: "this server does not answer to that host name; add it to hosts in [serve] of config.toml"}
	errWrongOrigin  = &apiError{status: http.StatusForbidden, code: "wrong_origin", message: "requests from pages of another origin are refused"}
	errUnauthorized = &apiError{status: http.StatusUnauthorized, code: "unauthorized", message: "a token of this server is needed; `oax serve --env` prints it"}
	errWrongScope   = &apiError{status: http.StatusForbidden, code: "wrong_scope", message: "this token is for /v1 alone"}
	errNotFound     = &apiError{status: http.StatusNotFound, code: "not_found", message: "there is nothing at this path"}
	errWrongMethod  = &apiError{status: http.StatusMethodNotAllowed, code: "wrong_method", message: "this path does not take this method"}
	errWrongType    = &apiError{status: http.StatusUnsupportedMediaType, code: "wrong_type", message: "the body must be application/json"}
	errTooLarge     = &apiError{status: http.StatusRequestEntityTooLarge, code: "too_large", message: "the body is over 32 MiB"}
	errSlowBody     = &apiError{status: http.StatusRequestTimeout, code: "timeout", message: "the body did not arrive: nothing came for 10 seconds"}
	errTooMany      = &apiError{status: http.StatusServiceUnavailable, code: "too_many", message: "too many streams are open"}
	errStopping     = &apiError{status: http.StatusServiceUnavailable, code: "stopping", message: "the server is stopping"}
)

// badRequest says which field of a request is wrong.
func badRequest(param, message string) *apiError {
	return &apiError{status: http.StatusBadRequest, code: "bad_request", message: message, param: param}
}
