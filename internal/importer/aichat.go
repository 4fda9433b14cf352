package importer

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"oax/internal/chat"

	"go.yaml.in/yaml/v3"
)

// maxYAML bounds a file that is read as a whole into something ten times its size.
const maxYAML = 16 << 20

// aichat reads the sessions of sigoden/aichat: a YAML file each. A session that was
// compressed to save tokens still has what was said before. Only the names of
// sessions that were saved by themselves have a time.
func (s *scan) aichat(path string) { s.each(path, named(".yaml", ".yml"), s.aichatSession) }

// aichatSession is such a file.
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

func (s *scan) aichatSession(path, name string) {
	data, changed, ok := s.whole(path)
	if !ok {
		return
	}
	if len(data) > maxYAML {
		s.refused(path, fmt.Sprintf("is over %d MiB (limit)", maxYAML>>20))
		return
	}
	session, err := parseAichat(bytes.ToValidUTF8(data, []byte("\ufffd")))
	if err != nil {
		s.broken(path, "", "%s", err)
	}
	t, title := timeInName(stem(name))
	c := Chat{
		ID:       strings.TrimSuffix(filepath.ToSlash(name), filepath.Ext(name)),
		Title:    title,
		Time:     s.first(t, changed),
		Messages: session.messages(),
	}
	s.only(path, c)
}

// parseAichat reads a session. Where it goes wrong it ends before the message that
// does.
func parseAichat(data []byte) (session aichatSession, err error) {
	err = unmarshalYAML(data, &session)
	for cuts := 0; err != nil && cuts < 20; cuts++ {
		at := bytes.LastIndex(data, []byte("\n- role:"))
		if at < 0 {
			break
		}
		data = data[:at+1]
		var part aichatSession
		if unmarshalYAML(data, &part) == nil {
			return part, err
		}
	}
	return session, err
}

// unmarshalYAML reads a document that a stranger may have made.
func unmarshalYAML(data []byte, to any) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	return yaml.Unmarshal(data, to)
}

func (a aichatSession) messages() []Message {
	var messages []Message
	all := append(a.Compressed, a.Messages...)
	if a.Instructions != "" && (len(all) == 0 || all[0].Role != "system") {
		messages = append(messages, Message{Message: chat.Message{Role: chat.System, Text: a.Instructions}})
	}
	for _, m := range all {
		if m.Content.Kind == yaml.MappingNode {
			messages = append(messages, toolMessages(m.Content, a.Model)...)
			continue
		}
		message := Message{Message: chat.Message{Role: chat.Role(m.Role), Text: aichatText(m.Content)}}
		if m.Role == "assistant" {
			message.Model = a.Model
		}
		messages = append(messages, message)
	}
	return messages
}

// aichatText returns a content that is a text, or a list of texts and images.
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
	_ = content.Decode(&parts) // what is of another form is no text
	var texts []string
	for _, part := range parts {
		switch {
		case part.Text != "":
			texts = append(texts, part.Text)
		case part.Type == "image_url":
			texts = append(texts, note("image", dataName(part.ImageURL.URL)))
		}
	}
	return strings.Join(texts, "\n\n")
}

// toolMessages returns the calls of tools and what came of them, which are one
// message there.
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
	_ = content.Decode(&calls) // what is of another form is no call
	asked := Message{Message: chat.Message{Role: chat.Assistant, Text: calls.Text, Model: model, FinishReason: "tool_calls"}}
	messages := []Message{{}}
	for _, r := range calls.Results {
		asked.ToolCalls = append(asked.ToolCalls, chat.ToolCall{ID: r.Call.ID, Name: r.Call.Name, Arguments: yamlText(r.Call.Arguments)})
		messages = append(messages, Message{Message: chat.Message{Role: "tool", Text: yamlText(r.Output)}})
	}
	messages[0] = asked
	return messages
}

// yamlText returns a text as it is, and any other value as YAML.
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

func placesOfAichat(d Dirs) []string {
	if dir := d.Env("AICHAT_CONFIG_DIR"); dir != "" {
		return []string{filepath.Join(dir, "sessions")}
	}
	return []string{filepath.Join(d.Config, "aichat", "sessions")}
}
