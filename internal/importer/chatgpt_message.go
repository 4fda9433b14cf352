package importer

import (
	"encoding/json"
	"strings"

	"oax/internal/chat"
)

// chatgptWire is a message of the export.
type chatgptWire struct {
	Author struct {
		Role string `json:"role"`
	} `json:"author"`
	CreateTime json.RawMessage `json:"create_time"`
	Content    struct {
		Type         string `json:"content_type"`
		Parts        []any  `json:"parts"`
		Text         string `json:"text"`
		Content      string `json:"content"`
		Result       string `json:"result"`
		Title        string `json:"title"`
		URL          string `json:"url"`
		Profile      string `json:"user_profile"`
		Instructions string `json:"user_instructions"`
		Context      string `json:"model_set_context"`
		Thoughts     []struct {
			Summary string `json:"summary"`
			Content string `json:"content"`
		} `json:"thoughts"`
	} `json:"content"`
	Recipient string `json:"recipient"`
	Status    string `json:"status"`
	Metadata  struct {
		Model  string `json:"model_slug"`
		Finish struct {
			Type string `json:"type"`
		} `json:"finish_details"`
		Attachments []struct {
			Name  string `json:"name"`
			Type  string `json:"mime_type"`
			Width int    `json:"width"`
		} `json:"attachments"`
	} `json:"metadata"`
}

// noInstructions replaces custom instructions that were changed since.
const noInstructions = "Original custom instructions no longer available"

// chatgptMessage converts a message of the export. ok is false if it is empty.
func (s *scan) chatgptMessage(w *chatgptWire, model string) (m Message, ok bool) {
	if w == nil {
		return Message{}, false
	}
	m = newMessage(role(w.Author.Role), w.text(), s.timeOf(w.CreateTime))
	switch w.Content.Type {
	case "text":
		if m.Text == noInstructions {
			return Message{}, false
		}
	case "user_editable_context", "model_editable_context": // instructions for all chats
		m.Role = chat.System
	case "thoughts":
		m.Text = ""
		for _, t := range w.Content.Thoughts {
			m.Reasoning = paragraphs(m.Reasoning, t.Summary, t.Content)
		}
	}
	switch m.Role {
	case chat.User:
		m.Text = paragraphs(w.attachments(), m.Text)
	case chat.Assistant:
		w.answer(&m, model)
	}
	return m, m.Text+m.Reasoning != "" || len(m.ToolCalls) > 0
}

// answer completes a message of the model. One whose recipient is not the user is a
// tool call.
func (w *chatgptWire) answer(m *Message, model string) {
	if m.Model = w.Metadata.Model; m.Model == "" {
		m.Model = model
	}
	if to := w.Recipient; to != "" && to != "all" && to != "assistant" {
		m.ToolCalls = []chat.ToolCall{{Name: to, Arguments: m.Text}}
		m.Text, m.FinishReason = "", "tool_calls"
		return
	}
	switch w.Metadata.Finish.Type {
	case "stop":
		m.FinishReason = "stop"
	case "max_tokens":
		m.FinishReason, m.State, m.Why = "length", chat.Incomplete, chat.Length
	case "interrupted":
		m.State, m.Why = chat.Incomplete, chat.Stopped
	}
	if w.Status == "in_progress" || w.Status == "finished_partial_completion" {
		m.State, m.Why = chat.Incomplete, chat.Cut
	}
}

// text returns the text of a content of any type.
func (w *chatgptWire) text() string {
	c := &w.Content
	texts := []string{c.Title, c.URL, c.Text, c.Result}
	if c.Type == "code" && w.Recipient == "all" && c.Text != "" {
		texts[2] = "```\n" + strings.TrimSuffix(c.Text, "\n") + "\n```"
	}
	if c.Type != "reasoning_recap" { // "Thought for 5 seconds"
		texts = append(texts, c.Content)
	}
	for _, part := range c.Parts {
		texts = append(texts, chatgptPart(part))
	}
	return paragraphs(append(texts, c.Profile, c.Instructions, c.Context)...)
}

// chatgptPart returns a part of a content as text: itself, a transcript, or a note.
func chatgptPart(part any) string {
	if text, ok := part.(string); ok {
		return text
	}
	fields, _ := part.(map[string]any)
	if text, _ := fields["text"].(string); text != "" {
		return text
	}
	kind, _ := fields["content_type"].(string)
	asset, _ := fields["asset_pointer"].(string)
	_, name, _ := strings.Cut(asset, "://")
	switch short, _, isAsset := strings.Cut(kind, "_asset_pointer"); {
	case kind == "", short == "audio", strings.HasPrefix(kind, "real_time"):
		return "" // another part has the transcript of a recording
	case isAsset:
		return note(short, name)
	}
	return note(strings.ReplaceAll(kind, "_", " "), name)
}

// attachments returns notes of the files attached to a prompt, except images, which
// are parts of its content.
func (w *chatgptWire) attachments() string {
	var notes []string
	for _, a := range w.Metadata.Attachments {
		if a.Name != "" && a.Width == 0 && !strings.HasPrefix(a.Type, "image/") {
			notes = append(notes, note("file", a.Name))
		}
	}
	return strings.Join(notes, "\n")
}
