package importer

import (
	"encoding/json"
	"fmt"
	"strings"

	"oax/internal/chat"
)

// wireMessage is a message as the chat completions API has it, with what programs
// add to it. Text is how oax itself calls the content.
type wireMessage struct {
	Role             string          `json:"role"`
	Content          json.RawMessage `json:"content"`
	Text             string          `json:"text"`
	Name             string          `json:"name"`
	Reasoning        json.RawMessage `json:"reasoning"`
	ReasoningContent string          `json:"reasoning_content"`
	Refusal          string          `json:"refusal"`
	ToolCalls        []wireCall      `json:"tool_calls"`
	FunctionCall     *wireFunction   `json:"function_call"`
	Model            string          `json:"model"`
	FinishReason     string          `json:"finish_reason"`
	Usage            json.RawMessage `json:"usage"`
	State            chat.State      `json:"state"`
	Why              chat.Why        `json:"why"`
	Time             json.RawMessage `json:"time"`
	Timestamp        json.RawMessage `json:"timestamp"`
	CreatedAt        json.RawMessage `json:"created_at"`
	Created          json.RawMessage `json:"created"`
}

type wireFunction struct {
	Name      string          `json:"name"`
	Arguments json.RawMessage `json:"arguments"`
}

// wireCall is a tool call, in the words of the API or of oax itself.
type wireCall struct {
	ID       string       `json:"id"`
	Function wireFunction `json:"function"`
	wireFunction
}

// message returns what the API's message says.
func (s *scan) message(w *wireMessage) Message {
	m := Message{Message: chat.Message{
		Role: chat.Role(w.Role), Text: w.Text, Refusal: w.Refusal, Reasoning: w.ReasoningContent,
		Model: w.Model, FinishReason: w.FinishReason, State: w.State, Why: w.Why,
	}}
	if m.Text == "" {
		m.Text = contentText(w.Content)
	}
	if m.Reasoning == "" {
		_ = json.Unmarshal(w.Reasoning, &m.Reasoning) // any other form is not text
	}
	if len(w.Usage) > 0 && w.Usage[0] == '{' {
		m.Usage = w.Usage
	}
	if w.FunctionCall != nil {
		w.ToolCalls = append(w.ToolCalls, wireCall{Function: *w.FunctionCall})
	}
	for _, c := range w.ToolCalls {
		f := c.Function
		if f.Name == "" {
			f = c.wireFunction
		}
		m.ToolCalls = append(m.ToolCalls, chat.ToolCall{ID: c.ID, Name: f.Name, Arguments: argumentsText(f.Arguments)})
	}
	for _, raw := range []json.RawMessage{w.Time, w.Timestamp, w.CreatedAt, w.Created} {
		if m.Time.IsZero() && len(raw) > 0 {
			m.Time = s.timeOf(raw)
		}
	}
	return m
}

// argumentsText returns the arguments of a tool call, which are JSON in a text, or
// JSON as it is.
func argumentsText(raw json.RawMessage) string {
	var text string
	if len(raw) == 0 || json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

// contentText returns the text of a message's content: a text, or parts, of which
// those that are no text leave a note.
func contentText(raw json.RawMessage) string {
	var text string
	if len(raw) == 0 || json.Unmarshal(raw, &text) == nil {
		return text
	}
	var parts []json.RawMessage
	if json.Unmarshal(raw, &parts) != nil {
		parts = []json.RawMessage{raw}
	}
	var texts []string
	for _, part := range parts {
		if text := partText(part); text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, "\n\n")
}

// partText returns a part of a content as text.
func partText(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var part struct {
		Type     string          `json:"type"`
		Text     string          `json:"text"`
		Refusal  string          `json:"refusal"`
		ImageURL json.RawMessage `json:"image_url"`
		File     struct {
			Name string `json:"filename"`
		} `json:"file"`
	}
	if json.Unmarshal(raw, &part) != nil {
		return ""
	}
	kind := strings.TrimPrefix(part.Type, "input_")
	switch {
	case part.Text+part.Refusal != "":
		return part.Text + part.Refusal
	case strings.HasPrefix(kind, "image"):
		return note("image", imageName(part.ImageURL))
	case kind == "":
		return ""
	}
	return note(kind, part.File.Name)
}

// imageName returns the address of an image, or what kind of data it is.
func imageName(raw json.RawMessage) string {
	var image struct {
		URL string `json:"url"`
	}
	if json.Unmarshal(raw, &image.URL) != nil {
		_ = json.Unmarshal(raw, &image) // what has no address has no name
	}
	return dataName(image.URL)
}

// dataName returns a URL, but of a data URL only its type and size.
func dataName(url string) string {
	data, ok := strings.CutPrefix(url, "data:")
	if !ok {
		return short(url, 500)
	}
	kind, body, _ := strings.Cut(data, ",")
	kind, _, _ = strings.Cut(kind, ";")
	return fmt.Sprintf("%s, %d KiB", kind, (len(body)*3/4+1023)>>10)
}

// note stands in a text for what is none.
func note(kind, name string) string {
	if name == "" {
		return "[" + kind + "]"
	}
	return "[" + kind + ": " + name + "]"
}
