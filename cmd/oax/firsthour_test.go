package main

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"oax/internal/demo"
)

// serviceKey is the one key that a service takes.
const serviceKey = "sk-first-0123456789-0123456789"

// service starts an endpoint as services are: it wants a key, has two models, and knows
// no others. HOST is its host and port.
func service(ts *testscript.TestScript, _ bool, _ []string) {
	answer := demo.Script(demo.Stream(demo.Answer("hello")...))
	server, err := demo.Start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ Model string }
		switch {
		case r.Header.Get("Authorization") != "Bearer "+serviceKey:
			refuse(w, 401, "invalid_api_key", "Incorrect API key provided")
		case r.URL.Path == "/v1/models":
			w.Write([]byte(`{"object":"list","data":[{"id":"small"},{"id":"large"}]}`))
		case r.URL.Path != "/v1/chat/completions":
			refuse(w, 404, "not_found", "nothing here")
		case json.NewDecoder(r.Body).Decode(&asked) != nil || asked.Model != "small" && asked.Model != "large":
			refuse(w, 404, "model_not_found", "The model `"+asked.Model+"` does not exist")
		default:
			answer.ServeHTTP(w, r)
		}
	}))
	ts.Check(err)
	ts.Defer(server.Close)
	ts.Setenv("HOST", strings.TrimSuffix(strings.TrimPrefix(server.URL(), "http://"), "/v1"))
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	body, _ := json.Marshal(map[string]any{"error": map[string]string{"message": message, "code": code}})
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(body)
}
