package openai

import (
	"bytes"
	"encoding/json"
	"slices"

	"oax/internal/chat"
)

// errBroken is returned for data that is not a chunk.
type errBroken struct{}

func (errBroken) Error() string { return "not a JSON object" }

// errService is returned for an error where a chunk should be.
type errService struct{ said serviceError }

func (errService) Error() string { return "the service reported an error" }

// decodeEvent adds one event's data to the delta. Text is added as it is in the
// JSON, with escapes undone but possibly ill-formed UTF-8; see repair. last is the
// shape of the chunks before.
func decodeEvent(d *chat.Delta, kind string, data []byte, last *shape) error {
	if kind != "error" && decodeFast(d, data, last) {
		return nil
	}
	switch trimmed := bytes.TrimSpace(data); {
	case len(trimmed) == 0, string(trimmed) == "null":
		return nil
	case string(trimmed) == "[DONE]":
		d.Done = true
		return nil
	case kind == "error":
		said, isJSON := parseError(trimmed)
		if !isJSON {
			said.message = string(trimmed)
		}
		return errService{said}
	}
	err := decodeChunk(d, data)
	if err == (errBroken{}) && bytes.IndexByte(data, '\n') >= 0 {
		return decodeLines(d, data, last)
	}
	return err
}

// decodeLines is for endpoints that separate events by a single line end, so that
// the reader, rightly, joins them to one.
func decodeLines(d *chat.Delta, data []byte, last *shape) error {
	lines := bytes.Split(data, []byte("\n"))
	for _, line := range lines {
		if !json.Valid(line) && string(bytes.TrimSpace(line)) != "[DONE]" {
			return errBroken{}
		}
	}
	for _, line := range lines {
		if err := decodeEvent(d, "message", line, last); err != nil || d.Done {
			return err
		}
	}
	return nil
}

// decodeChunk adds a chat.completion.chunk, or a whole chat.completion, to the delta.
func decodeChunk(d *chat.Delta, data []byte) error {
	fields, ok := object(data)
	if !ok {
		return errBroken{}
	}
	if saysError(fields["error"]) || text(fields["object"]) == "error" {
		said, _ := parseError(data)
		return errService{said}
	}
	if model := text(fields["model"]); model != "" {
		d.Model = model
	}
	addUsage(d, fields["usage"])
	if groq, ok := object(fields["x_groq"]); ok {
		addUsage(d, groq["usage"])
	}
	if choice, ok := firstChoice(fields["choices"]); ok {
		addChoice(d, choice)
	}
	return nil
}

// saysError reports whether an error field holds one: some services send it empty.
func saysError(raw json.RawMessage) bool {
	switch string(raw) {
	case "", "null", "false", `""`, "{}", "[]", "0":
		return false
	}
	return true
}

func addUsage(d *chat.Delta, raw json.RawMessage) {
	if present(raw) && raw[0] == '{' {
		d.Usage = slices.Clone(raw)
	}
}

// firstChoice returns the choice with the index 0, or without an index.
func firstChoice(raw json.RawMessage) (map[string]json.RawMessage, bool) {
	choices, ok := array(raw)
	if !ok {
		return nil, false
	}
	for _, c := range choices {
		choice, ok := object(c)
		if index := choice["index"]; ok && (!present(index) || string(index) == "0") {
			return choice, true
		}
	}
	return nil, false
}

func addChoice(d *chat.Delta, choice map[string]json.RawMessage) {
	if reason := text(choice["finish_reason"]); reason != "" {
		d.FinishReason = reason
	}
	addUsage(d, choice["usage"])
	// Some endpoints repeat all that came so far in a message beside the delta.
	content, ok := object(choice["delta"])
	if _, streamed := choice["delta"]; !streamed {
		content, ok = object(choice["message"])
	}
	if ok {
		addContent(d, content)
	}
}

func addContent(d *chat.Delta, content map[string]json.RawMessage) {
	reasoned := len(d.Reasoning)
	addParts(d, content["content"])
	d.Refusal = appendString(d.Refusal, content["refusal"])
	// The same reasoning may come in several forms at once; the first counts.
	for _, name := range []string{"reasoning_content", "reasoning"} {
		if len(d.Reasoning) == reasoned {
			d.Reasoning = appendString(d.Reasoning, content[name])
		}
	}
	if len(d.Reasoning) == reasoned {
		addReasoningDetails(d, content["reasoning_details"])
	}
	addToolCalls(d, content["tool_calls"])
}

// part is an element of content given as an array, or of reasoning_details.
type part struct {
	Type     string          `json:"type"`
	Text     json.RawMessage `json:"text"`
	Summary  json.RawMessage `json:"summary"`
	Thinking json.RawMessage `json:"thinking"`
}

func parts(raw json.RawMessage) []part {
	var list []part
	if len(raw) == 0 || raw[0] != '[' || json.Unmarshal(raw, &list) != nil {
		return nil
	}
	return list
}

// addParts adds content: a string, or an array of text and thinking parts.
func addParts(d *chat.Delta, raw json.RawMessage) {
	d.Text = appendString(d.Text, raw)
	for _, p := range parts(raw) {
		switch p.Type {
		case "thinking":
			d.Reasoning = appendString(d.Reasoning, p.Thinking)
			for _, thought := range parts(p.Thinking) {
				d.Reasoning = appendString(d.Reasoning, thought.Text)
			}
		default:
			d.Text = appendString(d.Text, p.Text)
		}
	}
}

func addReasoningDetails(d *chat.Delta, raw json.RawMessage) {
	for _, p := range parts(raw) {
		d.Reasoning = appendString(d.Reasoning, p.Text)
		d.Reasoning = appendString(d.Reasoning, p.Summary)
	}
}

// addToolCalls adds fragments of calls. Arguments given as an object are taken as its
// JSON.
func addToolCalls(d *chat.Delta, raw json.RawMessage) {
	calls, _ := array(raw)
	for _, c := range calls {
		fields, _ := object(c)
		function, _ := object(fields["function"])
		call := chat.ToolCall{ID: text(fields["id"]), Name: text(function["name"]), Arguments: text(function["arguments"])}
		if index := fields["index"]; !present(index) || json.Unmarshal(index, &call.Index) != nil || call.Index < 0 {
			call.Index = chat.NoIndex
		}
		if arguments := function["arguments"]; call.Arguments == "" && present(arguments) && arguments[0] != '"' {
			call.Arguments = string(arguments)
		}
		d.ToolCalls = append(d.ToolCalls, call)
	}
}
