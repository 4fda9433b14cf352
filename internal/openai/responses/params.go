package responses

import (
	"encoding/json"
	"maps"

	"oax/internal/openai"
)

// The parameters of a request. Those that chat completions has under another name or in
// another form are translated, so that flags, profiles and templates serve both APIs. What
// is not of the form that is known is sent as it is: the service will say what is wrong.

// renamed are parameters with another name here.
var renamed = map[string]string{"max_tokens": "max_output_tokens", "max_completion_tokens": "max_output_tokens"}

// nested are parameters that are fields of another one here.
var nested = map[string]struct{ outer, inner string }{
	"reasoning_effort": {"reasoning", "effort"},
	"verbosity":        {"text", "verbosity"},
	"response_format":  {"text", "format"},
}

// setParams adds the parameters to the fields of the body.
func setParams(fields, params map[string]any) {
	for name, value := range params {
		if field, ok := renamed[name]; ok {
			name = field
		}
		fields[name] = value
	}
	for name, at := range nested {
		outer, ok := object(fields[at.outer])
		if value, set := params[name]; set && ok {
			outer[at.inner] = flat(value, "json_schema")
			fields[at.outer] = outer
			delete(fields, name)
		}
	}
	if choice, set := fields["tool_choice"]; set {
		fields["tool_choice"] = flat(choice, "function")
	}
	var tools []json.RawMessage
	if convert(fields["tools"], &tools) && tools != nil {
		list := []any{}
		for _, tool := range tools {
			list = append(list, flat(tool, "function"))
		}
		fields["tools"] = list
	}
}

// flat returns an object with the fields of one of its fields in place of that:
// {"type": "function", "function": {"name": "f"}} becomes {"type": "function", "name": "f"}.
// Any other value is returned as it is.
func flat(value any, inner string) any {
	outer, ok := object(value)
	if !ok || outer[inner] == nil {
		return value
	}
	fields, ok := object(outer[inner])
	if !ok {
		return value
	}
	delete(outer, inner)
	maps.Copy(outer, fields)
	return outer
}

// object returns a value as the fields of a JSON object, in a map of its own; nothing is an
// object without fields.
func object(value any) (fields map[string]any, ok bool) {
	data, err := json.Marshal(value)
	if err != nil {
		return nil, false
	}
	return openai.Fields(data)
}

// convert converts between forms of JSON, and reports whether that is possible.
func convert(value, into any) bool {
	data, err := json.Marshal(value)
	return err == nil && json.Unmarshal(data, into) == nil
}
