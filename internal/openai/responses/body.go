// Package responses is the Responses API, as OpenAI defines it
// (https://platform.openai.com/docs/api-reference/responses, and openresponses.org) and as
// other services bend it: what is posted, and what the events of an answer say.
//
// Nothing is kept at the service: each request has the whole history and store: false. So
// that a model that reasons can go on where it was, the service sends its reasoning
// encrypted, and gets it back with the other items of the answer (chat.Message.Output).
package responses

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"oax/internal/chat"
	"oax/internal/jsontext"
	"oax/internal/openai"
)

// API is the openai.API of the Responses API.
type API struct {
	SystemRole chat.Role // for system messages, which otherwise are the instructions
	WebSearch  bool      // offer the service's own search of the web
}

// Path returns where turns are posted to.
func (API) Path() string { return "/responses" }

// Body returns the JSON to post.
func (a API) Body(req openai.Request) ([]byte, error) {
	instructions, messages := a.instructions(req.Messages)
	in := input{items: []any{}, noReasoning: req.OmitExtra, calls: map[string]bool{}}
	for m, results := range openai.Exchanges(messages) {
		switch {
		case m.Role == chat.Assistant:
			in.addAnswer(m, results)
		case m.Role == chat.System:
			in.items = append(in.items, message{cmp.Or(a.SystemRole, chat.System), content(m)})
		default:
			in.items = append(in.items, message{m.Role, content(m)})
		}
	}
	fields := map[string]any{"input": in.items, "stream": true, "store": false}
	if instructions != "" {
		fields["instructions"] = instructions
	}
	if !req.OmitExtra {
		fields["include"] = []string{"reasoning.encrypted_content"}
	}
	if req.Model != "" {
		fields["model"] = req.Model
	}
	setParams(fields, req.Params)
	if _, set := fields["tools"]; !set && len(req.Tools) > 0 {
		var tools []any
		for _, t := range req.Tools {
			tools = append(tools, tool{"function", t, false})
		}
		fields["tools"] = tools
	}
	if a.WebSearch {
		tools, _ := fields["tools"].([]any)
		fields["tools"] = append(tools, map[string]string{"type": "web_search"})
	}
	return openai.Encode(fields)
}

// tool is a tool as the API takes it. In strict mode, which otherwise is the default here and
// not in chat completions, services refuse most schemas.
type tool struct {
	Type string `json:"type"`
	chat.ToolDefinition
	Strict bool `json:"strict"`
}

// instructions returns what the system messages at the beginning say, and the messages after
// them. With a role for system messages there are no instructions.
func (a API) instructions(messages []chat.Message) (string, []chat.Message) {
	var texts []string
	for a.SystemRole == "" && len(messages) > 0 && messages[0].Role == chat.System {
		texts = append(texts, messages[0].Shown())
		messages = messages[1:]
	}
	return strings.Join(texts, "\n\n"), messages
}

// input is the field input while it is made.
type input struct {
	noReasoning bool // leave out the reasoning of earlier answers
	items       []any
	answers     int             // with calls
	calls       map[string]bool // the IDs of the calls
}

// message is a message as the API takes it.
type message struct {
	Role    chat.Role `json:"role"`
	Content any       `json:"content"` // a text, or parts
}

// addAnswer adds an answer: the items that the service sent if they still make it up, else
// its text and its calls.
func (in *input) addAnswer(m chat.Message, results []chat.Message) {
	var rename func(string) string
	if len(results) > 0 {
		rename = in.unique(m.ToolCalls)
	} else {
		m.ToolCalls = nil
	}
	if items, ok := in.outputOf(m, rename); ok {
		in.items = append(in.items, items...)
	} else {
		if text := m.Shown(); text != "" {
			in.items = append(in.items, message{m.Role, text})
		}
		for _, c := range m.ToolCalls {
			name, arguments := c.Sent()
			in.items = append(in.items, map[string]any{"type": "function_call", "call_id": rename(c.ID), "name": name, "arguments": arguments})
		}
	}
	for _, r := range results {
		in.items = append(in.items, map[string]any{"type": "function_call_output", "call_id": rename(r.ToolCallID), "output": content(r)})
	}
}

// unique returns a function that makes the ID of a call one that no earlier answer has:
// Bedrock counts the calls of each answer from call_0.
func (in *input) unique(calls []chat.ToolCall) func(string) string {
	in.answers++
	repeated := slices.ContainsFunc(calls, func(c chat.ToolCall) bool { return in.calls[c.ID] })
	suffix := ""
	if repeated {
		suffix = fmt.Sprintf("_%d", in.answers)
	}
	for _, c := range calls {
		in.calls[c.ID+suffix] = true
	}
	return func(id string) string { return id + suffix }
}

// outputOf returns the items of an answer as the service takes them back. ok is false if
// there are none, or if they are not all of the answer, as when it was cut. rename is nil
// for an answer whose calls do not go back.
func (in *input) outputOf(m chat.Message, rename func(string) string) (items []any, ok bool) {
	if len(m.Output) == 0 || m.Why != "" && m.Why != chat.NoTool {
		return nil, false
	}
	text, calls := 0, map[string]bool{}
	for _, raw := range m.Output {
		var fields map[string]json.RawMessage
		if json.Unmarshal(raw, &fields) != nil {
			return nil, false
		}
		switch jsontext.Text(fields["type"]) {
		case "reasoning":
			if !in.takesReasoning(fields) {
				continue
			}
		case "message":
			text += textSize(fields["content"])
		case "function_call":
			id := callID(raw)
			if calls[id] = true; rename == nil || !slices.ContainsFunc(m.ToolCalls, func(c chat.ToolCall) bool { return c.ID == id }) {
				return nil, false
			}
			setCall(fields, rename(id))
		default: // what the service did itself goes back as it came
			items = append(items, raw)
			continue
		}
		// With store: false the service does not know the IDs of what it sent, and refuses them.
		delete(fields, "id")
		delete(fields, "status")
		items = append(items, fields)
	}
	return items, text == m.ShownLen() && len(calls) == len(m.ToolCalls)
}

// setCall makes an item with a call one that services take back, with this ID.
func setCall(item map[string]json.RawMessage, id string) {
	text := func(field string) string { return jsontext.Text(item[field]) }
	name, arguments := chat.ToolCall{Name: text("name"), Arguments: text("arguments")}.Sent()
	for field, value := range map[string]string{
		"call_id": id, "name": name, "arguments": arguments,
	} {
		item[field], _ = json.Marshal(value) // a text
	}
}

// takesReasoning reports whether the service can do something with reasoning that it gets
// back: it is encrypted, or there is all of it. A summary alone is for people.
func (in *input) takesReasoning(item map[string]json.RawMessage) bool {
	return !in.noReasoning && !(jsontext.IsEmpty(item["encrypted_content"]) && jsontext.IsEmpty(item["content"]))
}

// textSize returns the size of the text and the refusals in the content of a message, in
// bytes.
func textSize(content []byte) int {
	n := 0
	for part := range jsontext.Elements(content) {
		n += len(jsontext.Text(jsontext.Field(part, "text"))) + len(jsontext.Text(jsontext.Field(part, "refusal")))
	}
	return n
}

// part is an element of a message's content, as OpenAI's API reference has it ("Create a
// model response", input).
type part struct {
	Type     string `json:"type"`
	Text     string `json:"text,omitempty"`
	ImageURL string `json:"image_url,omitempty"`
	Filename string `json:"filename,omitempty"`
	FileData string `json:"file_data,omitempty"`
	FileID   string `json:"file_id,omitempty"`
	Detail   string `json:"detail,omitempty"`
}

// content returns the content of a message.
func content(m chat.Message) any {
	return openai.Content(m, part{Type: "input_text", Text: m.Shown()}, func(p chat.Part) any {
		switch {
		case len(p.JSON) > 0:
			return translated(p.JSON)
		case p.IsImage():
			return part{Type: "input_image", ImageURL: p.DataURL()}
		}
		return part{Type: "input_file", Filename: filepath.Base(p.Name), FileData: p.DataURL()}
	})
}

// translated returns an element of the content in the words of chat completions as this API
// has it. Any other one is returned as it is.
func translated(raw json.RawMessage) any {
	var element struct {
		Type     string
		Text     string
		ImageURL struct{ URL, Detail string } `json:"image_url"`
		File     struct {
			Filename string
			FileData string `json:"file_data"`
			FileID   string `json:"file_id"`
		}
	}
	if json.Unmarshal(raw, &element) != nil {
		return raw
	}
	switch file := element.File; element.Type {
	case "text":
		return part{Type: "input_text", Text: element.Text}
	case "image_url":
		return part{Type: "input_image", ImageURL: element.ImageURL.URL, Detail: element.ImageURL.Detail}
	case "file":
		return part{Type: "input_file", Filename: file.Filename, FileData: file.FileData, FileID: file.FileID}
	}
	return raw
}
