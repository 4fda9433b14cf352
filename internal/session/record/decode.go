package record

import (
	"encoding/json"
	"unicode/utf8"

	"oax/internal/chat"
	"oax/internal/jsontext"
)

// How a line of a session file is read.

// Decode reads one line; ok is whether it is a record. A record of an unknown kind
// has only its kind: its other fields may be of other types than ours.
func Decode(line []byte) (r Record, ok bool) {
	if !r.decode(line) {
		var foreign struct {
			Kind string `json:"kind"`
		}
		_ = json.Unmarshal(line, &foreign)
		switch foreign.Kind {
		case "", KindSession, KindMessage, KindError, KindTitle, KindCall:
			return Record{}, false
		}
		return Record{Kind: foreign.Kind}, true
	}
	switch r.Kind {
	case KindMessage:
	case KindError:
		r.Role, r.State = Error, chat.Incomplete
	case KindCall:
		r.Role, r.Text = Called, r.Arguments
	case KindTitle:
		r.Role = Title
	default:
		r.Role = ""
	}
	return r, r.Kind != ""
}

// decode reads the fields of a JSON object as encoding/json does, but that their names are
// spelled exactly. It reports whether all are of the right types; what is no JSON has no
// fields. For its first record, encoding/json takes a tenth of the time of a list of 20
// sessions to get to know the types.
func (r *Record) decode(object []byte) (ok bool) {
	d := jsontext.NewDecoder(object)
	if !d.Enter('{') {
		return false
	}
	for ok = true; d.More('}'); {
		field := r.field(string(d.ReadName()))
		if value := d.ReadValue(); field != nil && value != nil {
			ok = decodeValue(value, field) && ok
		}
	}
	if !d.AtEnd() {
		*r = Record{}
		return false
	}
	return ok
}

func decodeValue(value []byte, field any) bool {
	switch field := field.(type) {
	case *string:
		if value[0] == '"' && utf8.Valid(value) {
			*field = jsontext.Text(value)
			return true
		}
	case json.Unmarshaler:
		return field.UnmarshalJSON(value) == nil
	}
	return json.Unmarshal(value, field) == nil
}

// field returns where the value of a field belongs, or nil.
func (r *Record) field(name string) any {
	switch name {
	case "kind":
		return &r.Kind
	case "version":
		return &r.Version
	case "id":
		return &r.ID
	case "fork_of":
		return &r.ForkOf
	case "origin":
		return &r.Origin
	case "arguments":
		return &r.Arguments
	case "time":
		return &r.Time
	case "role":
		return (*string)(&r.Role)
	case "text":
		return &r.Text
	case "reasoning":
		return &r.Reasoning
	case "refusal":
		return &r.Refusal
	case "tool_calls":
		return &r.ToolCalls
	case "reasoning_field":
		return &r.ReasoningField
	case "opaque":
		return &r.Opaque
	case "output":
		return &r.Output
	case "model":
		return &r.Model
	case "finish_reason":
		return &r.FinishReason
	case "usage":
		return &r.Usage
	case "state":
		return (*string)(&r.State)
	case "why":
		return (*string)(&r.Why)
	case "tool_call_id":
		return &r.ToolCallID
	case "name":
		return &r.Name
	case "attachments":
		return &r.Parts
	case "profile":
		return &r.Profile
	case "replaced_bytes":
		return &r.Replaced
	case "turn":
		return &r.Turn
	case "from":
		return &r.From
	case "start":
		return &r.Start
	case "result":
		return &r.Result
	}
	return nil
}
