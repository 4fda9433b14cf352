package endpoint

// The hints that only the endpoint can give.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"oax/internal/config"
	"oax/internal/openai"
	"oax/internal/openai/responses"
	"oax/internal/report"
)

// Explain returns err as a *report.Error, with a hint that only the endpoint and its
// settings can give, if the endpoint refused the request. Any other error is returned as
// it is. To find a model with a similar name it may ask the endpoint for its models.
func (e *Endpoint) Explain(ctx context.Context, err error) error {
	failure, ok := errors.AsType[*openai.Error](err)
	if !ok {
		return err
	}
	explained := *report.Of(err)
	if explained.Signal != nil || explained.Code != report.ExitKey && explained.Code != report.ExitRefused {
		return err
	}
	explained.Hint = cmp.Or(e.hint(ctx, failure), explained.Hint)
	return &explained
}

// hint returns what to do about a refusal, or nothing if the endpoint knows no better
// than the table of errors.
func (e *Endpoint) hint(ctx context.Context, failure *openai.Error) string {
	switch {
	case failure.Kind == openai.NoModel && e.Model == "":
		return "-m NAME names a model; oax models lists them"
	case failure.Kind == openai.NoModel:
		if near := config.Nearest(e.Model, e.modelNames(ctx)); near != "" {
			return "oax models; closest: " + near
		}
	case failure.Kind == openai.OtherAPI:
		api := config.Completions
		if failure.OnlyIn == (responses.API{}).Path() {
			api = config.Responses
		}
		return fmt.Sprintf("write api = %q under [profiles.%s] in %s", api, e.Profile, e.options.File.Path)
	case failure.Kind == openai.BadStatus && failure.Status == 401:
		return e.keyHint()
	case failure.Kind == openai.BadStatus:
		return e.parameterHint(failure)
	}
	return ""
}

// keyHint says which key the endpoint did not accept.
func (e *Endpoint) keyHint() string {
	source := e.KeySource
	switch source {
	case "":
		return fmt.Sprintf("set %s, or key_command in %s", cmp.Or(e.KeyEnv, "OPENAI_API_KEY"), e.options.File.Path)
	case "key", "key_command":
		source += " in " + e.location(source).String()
	}
	hint := "which key: from " + source
	if tail := e.Key.Tail(); tail != "" {
		hint += ", ends …" + tail
	}
	return hint
}

// parameterHint says how not to send the parameter that the endpoint refused.
func (e *Endpoint) parameterHint(failure *openai.Error) string {
	parameter, instead := failure.Refused()
	if strings.HasPrefix(parameter, "messages") && strings.Contains(failure.Message, "'system'") {
		return fmt.Sprintf(`leave out --system, or set system_role = "user" for %s in %s`, e.Profile, e.options.File.Path)
	}
	source := e.Source("params." + parameter)
	switch {
	case source.From == config.ByFlag && instead != "":
		return fmt.Sprintf("-o %s=%v in place of %s", instead, e.Params[parameter], source.Name)
	case source.From == config.ByFlag:
		return "leave out " + source.Name
	case source.From == config.InFile && instead != "":
		return fmt.Sprintf("write %s in place of %s in %s", instead, parameter, e.location("params."+parameter))
	case source.From == config.InFile:
		return fmt.Sprintf("remove %s from %s", parameter, e.location("params."+parameter))
	case parameter == "tools", parameter == "tool":
		return "leave out -T, or ask another model"
	}
	return ""
}
