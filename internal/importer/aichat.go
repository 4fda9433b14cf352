package importer

import (
	"bytes"
	"path/filepath"
	"strings"
	"time"

	"oax/internal/chat"

	"go.yaml.in/yaml/v3"
)

// maxYAML bounds a file that takes ten times its size when it is decoded.
const maxYAML = 16 << 20

// aichat reads the sessions of sigoden/aichat: a YAML file each. A session that was
// compressed to save tokens still has the messages before that. Only the names of
// sessions that aichat saved on its own contain a time.
func (s *scan) aichat(path string) { s.each(path, hasExtension(".yaml", ".yml"), s.aichatSession) }

// aichatSession is the content of such a file.
type aichatSession struct {
	Model        string          `yaml:"model"`
	Instructions string          `yaml:"agent_instructions"`
	Compressed   []aichatMessage `yaml:"compressed_messages"`
	Messages     []aichatMessage `yaml:"messages"`
}

type aichatMessage struct {
	Role    string    `yaml:"role"`
	Content yaml.Node `yaml:"content"`
}

func (s *scan) aichatSession(f *file) {
	data, ok := s.readAll(f, maxYAML)
	if !ok {
		return
	}
	session, err := parseAichat(bytes.ToValidUTF8(data, []byte("\ufffd")))
	if err != nil {
		s.broken(f.path, "", "%s", err)
	}
	t, title := timeInName(f.stem())
	s.onlyChat(f, Chat{
		ID:       strings.TrimSuffix(filepath.ToSlash(f.name), filepath.Ext(f.name)),
		Title:    title,
		Time:     s.firstTime(t, f.changed),
		Messages: session.messages(),
	})
}

// parseAichat reads a session. If it is damaged, it returns an error and the messages
// before that.
func parseAichat(data []byte) (session aichatSession, err error) {
	err = catchPanic(func() error { return yaml.Unmarshal(data, &session) })
	for cuts := 0; err != nil && cuts < 20; cuts++ {
		at := bytes.LastIndex(data, []byte("\n- role:"))
		if at < 0 {
			break
		}
		data = data[:at+1]
		var begin aichatSession
		if catchPanic(func() error { return yaml.Unmarshal(data, &begin) }) == nil {
			return begin, err
		}
	}
	return session, err
}

func (a aichatSession) messages() []Message {
	var messages []Message
	all := append(a.Compressed, a.Messages...)
	if a.Instructions != "" && (len(all) == 0 || all[0].Role != "system") {
		messages = append(messages, newMessage(chat.System, a.Instructions, time.Time{}))
	}
	for _, m := range all {
		if m.Content.Kind == yaml.MappingNode {
			messages = append(messages, toolMessages(m.Content, a.Model)...)
			continue
		}
		message := newMessage(chat.Role(m.Role), aichatText(m.Content), time.Time{})
		if m.Role == "assistant" {
			message.Model = a.Model
		}
		messages = append(messages, message)
	}
	return messages
}

// aichatText returns the text of a content, which is a text, or a list of texts and
// images.
func aichatText(content yaml.Node) string {
	if content.Kind == yaml.AliasNode {
		content = *content.Alias
	}
	if content.Kind == yaml.ScalarNode {
		return content.Value
	}
	var parts []struct {
		Type     string `yaml:"type"`
		Text     string `yaml:"text"`
		ImageURL struct {
			URL string `yaml:"url"`
		} `yaml:"image_url"`
	}
	_ = content.Decode(&parts) // any other form is not text
	var texts []string
	for _, part := range parts {
		if part.Text == "" && part.Type == "image_url" {
			part.Text = note("image", urlName(part.ImageURL.URL))
		}
		texts = append(texts, part.Text)
	}
	return paragraphs(texts...)
}

// toolMessages returns tool calls and their results, which aichat stores as one message.
func toolMessages(content yaml.Node, model string) []Message {
	var calls struct {
		Text    string `yaml:"text"`
		Results []struct {
			Call struct {
				ID        string    `yaml:"id"`
				Name      string    `yaml:"name"`
				Arguments yaml.Node `yaml:"arguments"`
			} `yaml:"call"`
			Output yaml.Node `yaml:"output"`
		} `yaml:"tool_results"`
	}
	_ = content.Decode(&calls) // any other form is not a call
	answer := Message{Message: chat.Message{Role: chat.Assistant, Text: calls.Text, Model: model, FinishReason: "tool_calls"}}
	var results []Message
	for _, r := range calls.Results {
		answer.ToolCalls = append(answer.ToolCalls, chat.ToolCall{ID: r.Call.ID, Name: r.Call.Name, Arguments: yamlText(r.Call.Arguments)})
		results = append(results, newMessage("tool", yamlText(r.Output), time.Time{}))
	}
	return append([]Message{answer}, results...)
}

// yamlText returns a scalar as it is, and any other value as YAML.
func yamlText(n yaml.Node) string {
	if n.Kind == yaml.ScalarNode || n.Kind == 0 {
		return n.Value
	}
	text, err := yaml.Marshal(&n)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

func aichatPaths(d Dirs) []string {
	if dir := d.Env("AICHAT_CONFIG_DIR"); dir != "" {
		return []string{filepath.Join(dir, "sessions")}
	}
	return []string{filepath.Join(d.Config, "aichat", "sessions")}
}
