package endpoint

// By which API a model is asked.

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"oax/internal/chat"
	"oax/internal/config"
	"oax/internal/openai"
	"oax/internal/openai/completions"
	"oax/internal/openai/responses"
	"oax/internal/report"
	"oax/internal/term"
)

// apis returns the API by which the endpoint is asked, and the one to use if the endpoint
// says that it has a model only there, which is nil if the person chose.
//
// OpenAI has some models only in the Responses API, and says so. In a profile for OpenAI oax
// then asks there, and remembers the model. All others get a hint: a gateway may say what
// it heard from another service.
func (e *Endpoint) apis() (api, other openai.API) {
	chats := completions.API{SystemRole: chat.Role(e.SystemRole)}
	responds := responses.API{SystemRole: chat.Role(e.SystemRole), WebSearch: e.options.Web && !e.isLike("openrouter")}
	switch {
	case e.API == "" && e.options.Web && e.isLike("openai"):
		return responds, nil
	case e.API == config.Responses:
		return responds, nil
	case e.API != "" || !e.isLike("openai"):
		return chats, nil
	case slices.Contains(e.responsesOnly(), e.Model):
		return responds, nil
	}
	return chats, responds
}

// isLike reports whether the profile is the built-in one of a name, or like it.
func (e *Endpoint) isLike(name string) bool {
	i := slices.IndexFunc(e.Resolved, func(s config.Setting) bool { return s.Name == "endpoint" })
	return i >= 0 && e.Resolved[i].Value == name && e.Source("base_url").From != config.ByEnv
}

// addSearch makes requests ask for the endpoint's own search of the web: a plugin at
// OpenRouter ("Web search"), elsewhere a tool of the Responses API, which that adds. The
// error is a *report.Error if there is neither.
func (e *Endpoint) addSearch() error {
	switch {
	case e.isLike("openrouter"):
		params := maps.Clone(e.Params)
		params["plugins"] = []any{map[string]string{"id": "web"}}
		e.Params = params
	case e.API != config.Responses && !(e.API == "" && e.isLike("openai")):
		return report.Config(e.Profile+" has no search of the web in chat completions",
			fmt.Sprintf("if it has the Responses API, write api = %q under [profiles.%s] in %s", config.Responses, e.Profile, e.options.File.Path))
	}
	return nil
}

// responsesOnly returns the models that the endpoint has only in the Responses API, as far as
// that is remembered.
func (e *Endpoint) responsesOnly() []string {
	if e.options.Dirs.Cache == "" {
		return nil
	}
	list, _ := os.ReadFile(e.options.Dirs.ResponsesOnly(e.BaseURL)) // nothing is remembered
	return strings.Fields(string(list))
}

// useResponses notes that a model is asked in the Responses API from now on. A cache that
// cannot be written costs a refused request each time, nothing else.
func (e *Endpoint) useResponses(model string) {
	e.options.Log.Note(model + " is only in the Responses API of OpenAI: asking there")
	if e.options.NoSave || e.options.Dirs.Cache == "" || term.Line(model) != model || strings.ContainsAny(model, " ") {
		return
	}
	path := e.options.Dirs.ResponsesOnly(e.BaseURL)
	if os.MkdirAll(filepath.Dir(path), 0o700) != nil {
		return
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	_, _ = f.WriteString(model + "\n")
	f.Close()
}
