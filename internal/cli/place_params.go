package cli

import (
	"encoding/json"
	"fmt"

	"oax/internal/config"
)

// params are the fields of the request body that flags give, by the names that OpenAI's
// API reference has for them ("Create chat completion"). A flag with a name of its own
// wins over -o.
func (env *Env) params() (map[string]config.Param, error) {
	params := map[string]config.Param{}
	for name, text := range env.flags.Option {
		if !json.Valid([]byte(text)) {
			return nil, &report{
				what: fmt.Sprintf("-o %s: %s is not JSON", name, text),
				hint: fmt.Sprintf(`a text wants quotes: -o '%s="%s"'`, name, text), code: exitUsage, kind: "usage",
			}
		}
		params[name] = config.Param{Value: json.RawMessage(text), Flag: "-o " + name}
	}
	given(params, "temperature", env.flags.Temperature, "--temperature")
	given(params, "top_p", env.flags.TopP, "--top-p")
	given(params, "max_tokens", env.flags.MaxTokens, config.MaxTokensFlag)
	given(params, "seed", env.flags.Seed, "--seed")
	if len(env.flags.Stop) > 0 {
		params["stop"] = config.Param{Value: env.flags.Stop, Flag: "--stop"}
	}
	if env.flags.Effort != "" {
		params["reasoning_effort"] = config.Param{Value: env.flags.Effort, Flag: "--effort"}
	}
	if s := env.flags.Schema; s.path != "" {
		params["response_format"] = config.Param{Value: s.format(), Flag: "--schema"}
	}
	return params, nil
}

// given adds a field whose flag may not be there.
func given[T any](params map[string]config.Param, field string, value *T, flag string) {
	if value != nil {
		params[field] = config.Param{Value: *value, Flag: flag}
	}
}
