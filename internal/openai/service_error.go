package openai

import (
	"bytes"
	"encoding/json"
)

// serviceError is an error in the service's words.
type serviceError struct {
	message, detail, code, param string
}

// parseError finds the error in a JSON body, in any of the forms in use:
//
//	{"error": {"message": ..., "code": ..., "type": ..., "param": ..., "metadata": {"raw": ...}}}
//	{"error": "text"}, {"detail": "text"}, {"detail": [{"msg": ..., "loc": [...]}]}
//	{"message": ...} flat, a text alone, and any of them as the one element of an array
//	{"message": {"detail": [...]}}, {"message": [...]}, and either of them as JSON in a text
//
// It reports whether the body is JSON at all.
func parseError(body []byte) (serviceError, bool) {
	var list []json.RawMessage
	if json.Unmarshal(body, &list) == nil && len(list) > 0 {
		body = list[0]
	}
	fields, ok := object(body)
	if !ok {
		return serviceError{message: text(bytes.TrimSpace(body))}, json.Valid(body)
	}
	said := flatError(fields)
	if inner := fields["error"]; saysError(inner) {
		said = nestedError(inner, said)
	}
	for _, message := range []json.RawMessage{fields["message"], []byte(said.message)} {
		if text, param := validationError(inside(message)); text != "" {
			said.message, said.param = text, param
		}
	}
	if said.message == "" {
		said.message, said.param = validationError(fields["detail"])
	}
	return said, true
}

// mostSaid is the most of an error's text that is taken, as JSON and in bytes.
const mostSaid = 64 << 10

// clip cuts off a string that is longer, behind a whole escape, and drops another value.
func clip(raw json.RawMessage) json.RawMessage {
	if len(raw) <= mostSaid {
		return raw
	}
	if raw[0] != '"' {
		return nil
	}
	end := 1
	for ; end < mostSaid; end++ {
		if raw[end] == '\\' {
			end++
			if raw[end] == 'u' {
				end += 4
			}
		}
	}
	return append(bytes.Clone(raw[:end]), '"')
}

func flatError(fields map[string]json.RawMessage) serviceError {
	return serviceError{
		message: text(clip(fields["message"])),
		code:    firstText(clip(fields["code"]), clip(fields["type"])),
		param:   text(clip(fields["param"])),
	}
}

// nestedError reads the value of an error field; outer fills what it leaves open.
func nestedError(inner json.RawMessage, outer serviceError) serviceError {
	fields, ok := object(inner)
	if !ok {
		outer.message = firstText(clip(inner))
		return outer
	}
	said := flatError(fields)
	if metadata, ok := object(fields["metadata"]); ok {
		said.detail = text(clip(metadata["raw"]))
	}
	if said.message == "" {
		said.message = outer.message
	}
	if said.message == "" {
		said.message = string(inner[:min(len(inner), mostSaid)])
	}
	return said
}

// inside returns the detail that a message holds in place of words (Mistral's), or the
// list that it is.
func inside(message json.RawMessage) json.RawMessage {
	if fields, ok := object(message); ok {
		return fields["detail"]
	}
	if bytes.HasPrefix(message, []byte("[")) {
		return message
	}
	return nil
}

// validationError reads FastAPI's detail: a text, or a list of what is wrong where.
func validationError(detail json.RawMessage) (message, param string) {
	if message = text(detail); message != "" {
		return message, ""
	}
	var list []struct {
		Msg string
		Loc []any
	}
	if json.Unmarshal(detail, &list) != nil || len(list) == 0 {
		return "", ""
	}
	if n := len(list[0].Loc); n > 0 {
		param, _ = list[0].Loc[n-1].(string)
	}
	return list[0].Msg, param
}

// present reports whether a field is there and not null.
func present(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// text returns a JSON string's value, or "".
func text(raw json.RawMessage) string {
	var s string
	if len(raw) == 0 || raw[0] != '"' || json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// firstText returns the first value that is there: a string's text, or a number as
// it is written.
func firstText(values ...json.RawMessage) string {
	for _, raw := range values {
		if s := text(raw); s != "" {
			return s
		}
		if present(raw) && raw[0] != '"' {
			return string(raw)
		}
	}
	return ""
}
