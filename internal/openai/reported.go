package openai

import (
	"bytes"
	"cmp"
	"encoding/json"

	"oax/internal/jsontext"
)

// Reported is an error as the service reports it.
type Reported struct {
	Message string // the service's own words
	Detail  string // more of them, if the service is a gateway that passes on another's
	Code    string // the error's code or type
	Param   string // the request's field that the error names
}

func (r *Reported) Error() string { return "the service reported an error: " + r.Message }

// ParseError finds the error in a JSON body, in any of the forms in use:
//
//	{"error": {"message": ..., "code": ..., "type": ..., "param": ..., "metadata": {"raw": ...}}}
//	{"error": "text"}, {"detail": "text"}, {"detail": [{"msg": ..., "loc": [...]}]}
//	{"message": ...} flat, a text alone, and any of them as the one element of an array
//	{"message": {"detail": [...]}}, {"message": [...]}, and either of them as JSON in a text
//
// It returns nil if the body is no JSON at all.
func ParseError(body []byte) *Reported {
	if !json.Valid(body) {
		return nil
	}
	for first := range jsontext.Elements(body) {
		body = first
		break
	}
	body = bytes.TrimSpace(body)
	if body[0] != '{' {
		return &Reported{Message: jsontext.Text(body)}
	}
	reported := flatError(body)
	if inner := jsontext.Field(body, "error"); !jsontext.IsEmpty(inner) {
		reported = nestedError(inner, reported)
	}
	for _, message := range [][]byte{jsontext.Field(body, "message"), []byte(reported.Message)} {
		if text, param := validationError(inside(message)); text != "" {
			reported.Message, reported.Param = text, param
		}
	}
	if reported.Message == "" {
		reported.Message, reported.Param = validationError(jsontext.Field(body, "detail"))
	}
	return &reported
}

// maxMessage is how much of an error's text that is taken, as JSON and in bytes.
const maxMessage = 64 << 10

// clip cuts off a string that is longer, behind a whole escape, and drops another value.
func clip(raw []byte) []byte {
	if len(raw) <= maxMessage {
		return raw
	}
	if raw[0] != '"' {
		return nil
	}
	end := 1
	for ; end < maxMessage; end++ {
		if raw[end] == '\\' {
			end++
			if raw[end] == 'u' {
				end += 4
			}
		}
	}
	return append(bytes.Clone(raw[:end]), '"')
}

func flatError(object []byte) Reported {
	return Reported{
		Message: jsontext.Text(clip(jsontext.Field(object, "message"))),
		Code:    firstText(clip(jsontext.Field(object, "code")), clip(jsontext.Field(object, "type"))),
		Param:   jsontext.Text(clip(jsontext.Field(object, "param"))),
	}
}

// nestedError reads the value of an error field; outer fills what it leaves open.
func nestedError(inner []byte, outer Reported) Reported {
	if inner[0] != '{' {
		outer.Message = firstText(clip(inner))
		return outer
	}
	reported := flatError(inner)
	reported.Detail = jsontext.Text(clip(jsontext.Field(jsontext.Field(inner, "metadata"), "raw")))
	reported.Message = cmp.Or(reported.Message, outer.Message, string(inner[:min(len(inner), maxMessage)]))
	return reported
}

// inside returns the field detail of a message that is an object (Mistral), or the
// message if it is a list.
func inside(message []byte) []byte {
	if bytes.HasPrefix(message, []byte("[")) {
		return message
	}
	return jsontext.Field(message, "detail")
}

// validationError reads FastAPI's detail: a text, or a list of invalid fields.
func validationError(detail []byte) (message, param string) {
	if message = jsontext.Text(detail); message != "" {
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

// firstText returns the first value that is not missing: the text of a string, or a
// number as it is written.
func firstText(values ...[]byte) string {
	for _, raw := range values {
		if s := jsontext.Text(raw); s != "" {
			return s
		}
		if jsontext.IsPresent(raw) && raw[0] != '"' {
			return string(raw)
		}
	}
	return ""
}
