package importer

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"oax/internal/chat"
)

const (
	maxTitle = 300 // bytes
	maxID    = 200 // bytes of an ID, and of a name
)

// clean makes a chat fit to be stored: valid UTF-8, roles that are words, no empty
// messages, and a state for each answer.
func (c *Chat) clean() {
	c.ID, c.Title = shorten(c.ID, maxID), shorten(strings.TrimSpace(c.Title), maxTitle)
	kept := c.Messages[:0]
	for _, m := range c.Messages {
		m.clean()
		if m.ShownLen() > 0 || m.Reasoning != "" || len(m.ToolCalls) > 0 {
			kept = append(kept, m)
		}
	}
	c.Messages = kept
}

// fits adds a number of bytes to the size of the chat, and reports whether that is still
// within maxChat.
func (c *Chat) fits(bytes int) bool {
	c.size += bytes
	c.cut = c.cut || c.size > maxChat
	return !c.cut
}

// add adds messages, as many as fit.
func (c *Chat) add(messages ...Message) {
	c.Messages = slices.Grow(c.Messages, len(messages))
	for _, m := range messages {
		if c.fits(m.size()) {
			c.Messages = append(c.Messages, m)
		}
	}
}

func (m *Message) clean() {
	m.Role = role(string(m.Role))
	for _, text := range []*string{&m.Text, &m.Reasoning, &m.Refusal} {
		*text = strings.ToValidUTF8(*text, "\ufffd")
	}
	m.Model, m.FinishReason = shorten(m.Model, maxID), shorten(m.FinishReason, maxID)
	if len(m.ToolCalls) == 0 {
		m.ToolCalls = nil
	}
	for i := range m.ToolCalls {
		call := &m.ToolCalls[i]
		call.Index = i
		call.ID, call.Name = shorten(call.ID, maxID), shorten(call.Name, maxID)
		call.Arguments = strings.ToValidUTF8(call.Arguments, "\ufffd")
	}
	switch {
	case m.Role != chat.Assistant:
		m.State = ""
	case m.State != chat.Incomplete || m.Why == "":
		m.State, m.Why = chat.Complete, ""
	}
}

// role returns a role in the words of the chat completions API.
func role(name string) chat.Role {
	name = strings.ToLower(strings.TrimSpace(name))
	switch name {
	case "human":
		return chat.User
	case "ai", "bot", "model", "gpt", "chatgpt":
		return chat.Assistant
	}
	if name == "" || len(name) > 20 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_-") != "" {
		return "other"
	}
	return chat.Role(name)
}

// shorten returns the beginning of a text, valid UTF-8 and no longer than n bytes.
func shorten(s string, n int) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if len(s) > n {
		s = strings.ToValidUTF8(s[:n], "")
	}
	return s
}

// messageSize is what a message takes without its texts, in bytes.
const messageSize = 256

// size returns about how many bytes a message takes.
func (m *Message) size() int {
	n := messageSize + len(m.Text) + len(m.Reasoning) + len(m.Refusal)
	for _, call := range m.ToolCalls {
		n += len(call.Arguments) + 64
	}
	return n
}

// noTime is the time of a message whose source has none.
var noTime time.Time

// newMessage returns a message with only a text. The time may be zero.
func newMessage(role chat.Role, text string, at time.Time) Message {
	return Message{Message: chat.Message{Role: role, Text: text}, Time: at}
}

// wireMessage is a message as the chat completions API has it, with the fields that
// programs add. oax itself calls the content text.
type wireMessage struct {
	Role             string          `json:"role"`
	Content          json.RawMessage `json:"content"`
	Text             string          `json:"text"`
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
	wireTime
	Timestamp json.RawMessage `json:"timestamp"`
}

type wireFunction struct {
	Name      string          `json:"name"`
	Arguments json.RawMessage `json:"arguments"`
}

// wireCall is a tool call, as the API or as oax itself has it.
type wireCall struct {
	ID       string       `json:"id"`
	Function wireFunction `json:"function"`
	wireFunction
}

// message converts a message of the API.
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
	m.Time = s.timeOf(w.Time, w.Timestamp, w.CreatedAt, w.Created)
	return m
}

// argumentsText returns the arguments of a tool call, which are a string of JSON, or
// JSON.
func argumentsText(raw json.RawMessage) string {
	var text string
	if len(raw) == 0 || json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

// contentText returns the text of a message's content, which is a string or a list of
// parts. A part that is not text becomes a note.
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
		texts = append(texts, partText(part))
	}
	return paragraphs(texts...)
}

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

// imageName returns the name of an image that is a URL, or an object with one.
func imageName(raw json.RawMessage) string {
	var image struct {
		URL string `json:"url"`
	}
	if json.Unmarshal(raw, &image.URL) != nil {
		_ = json.Unmarshal(raw, &image) // without a URL it has no name
	}
	return urlName(image.URL)
}

// urlName returns a URL, but only the type and the size of a data URL.
func urlName(url string) string {
	data, ok := strings.CutPrefix(url, "data:")
	if !ok {
		return shorten(url, 500)
	}
	kind, body, _ := strings.Cut(data, ",")
	kind, _, _ = strings.Cut(kind, ";")
	return fmt.Sprintf("%s, %d KiB", kind, (len(body)*3/4+1023)>>10)
}

// note replaces content that is not text, such as [image: cat.png].
func note(kind, name string) string {
	if name == "" {
		return "[" + kind + "]"
	}
	return "[" + kind + ": " + name + "]"
}

// paragraphs joins the texts that are not empty, with a blank line between.
func paragraphs(texts ...string) string {
	var all []string
	for _, text := range texts {
		if text != "" {
			all = append(all, text)
		}
	}
	return strings.Join(all, "\n\n")
}
