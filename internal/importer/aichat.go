package importer

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"oax/internal/chat"

	"go.yaml.in/yaml/v3"
)

// The limits of YAML. Before each value stands one of a few characters, so maxYAMLMarks
// bounds what is decoded at once.
const (
	maxYAML      = 16 << 20 // bytes of a file
	maxYAMLMarks = 1 << 17
)

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
	t, title := timeInName(f.stem())
	c := Chat{
		ID:    strings.TrimSuffix(filepath.ToSlash(f.name), filepath.Ext(f.name)),
		Title: title,
		Time:  s.firstTime(t, f.changed),
	}
	if err := c.addAichat(bytes.ToValidUTF8(data, []byte("\ufffd"))); err != nil {
		s.broken(f.path, "", "%s", err)
	}
	s.onlyChat(f, c)
}

// addAichat adds the messages of a session. If it is damaged, or too large to be decoded at
// once, it is decoded message by message; the error is the first one.
func (c *Chat) addAichat(data []byte) error {
	var session aichatSession
	err := decodeYAML(data, &session)
	if err == nil {
		c.addSession(&session)
		return nil
	}
	start, messages := splitAichat(data)
	if len(messages) > 0 && errors.Is(err, errMarks) {
		err = nil
	}
	if failed := decodeYAML(start, &session); failed != nil {
		return cmp.Or(err, failed)
	}
	session.Compressed, session.Messages = nil, nil // they may end in the one that is cut off here
	c.addSession(&session)
	for _, m := range messages {
		var list []aichatMessage
		if failed := decodeYAML(m, &list); failed != nil {
			err = cmp.Or(err, failed)
		}
		c.addSession(&aichatSession{Model: session.Model, Messages: list})
		if c.cut {
			break
		}
	}
	return err
}

// splitAichat splits a session into what stands before its first message, and its messages.
// aichat begins each in the same column; what stands deeper belongs to it.
func splitAichat(data []byte) (start []byte, messages [][]byte) {
	begin := regexp.MustCompile(`(?m)^( *)- role:`).FindSubmatchIndex(data)
	if begin == nil {
		return data, nil
	}
	start, data = data[:begin[0]], data[begin[0]:]
	indent := string(data[:begin[3]-begin[2]])
	var open []byte // the message that is being read: data up to here
	end := func() {
		if len(open) > 0 {
			messages = append(messages, open)
		}
		open = nil
	}
	at := 0
	for line := range bytes.Lines(data) {
		text := bytes.TrimRight(line, " \r\n")
		switch {
		case bytes.HasPrefix(line, []byte(indent+"- role:")):
			end()
			open = data[at : at+len(line)]
		case len(text) > 0 && !bytes.HasPrefix(text, []byte(indent+" ")): // another list, or what follows
			end()
		case open != nil:
			open = open[:len(open)+len(line)]
		}
		at += len(line)
	}
	end()
	return start, messages
}

var (
	errMarks = fmt.Errorf("has over %d values in one message (limit)", maxYAMLMarks)
	errAlias = errors.New("has an alias, which aichat does not write; refused")
)

// decodeYAML decodes a document without aliases, which could make much of a few bytes.
func decodeYAML(data []byte, to any) error {
	marks := 0
	for _, b := range data {
		if strings.IndexByte("-:?,[{", b) >= 0 {
			marks++
		}
	}
	if marks > maxYAMLMarks {
		return errMarks
	}
	return catchPanic(func() error {
		var node yaml.Node
		if err := yaml.Unmarshal(data, &node); err != nil {
			return err
		}
		if hasAlias(&node) {
			return errAlias
		}
		return node.Decode(to)
	})
}

func hasAlias(n *yaml.Node) bool {
	return n.Kind == yaml.AliasNode || slices.ContainsFunc(n.Content, hasAlias)
}

// addSession adds the messages of a session that was decoded.
func (c *Chat) addSession(a *aichatSession) {
	all := append(a.Compressed, a.Messages...)
	if a.Instructions != "" && (len(all) == 0 || all[0].Role != "system") {
		c.add(newMessage(chat.System, a.Instructions, noTime))
	}
	for _, m := range all {
		if m.Content.Kind == yaml.MappingNode {
			c.add(toolMessages(m.Content, a.Model)...)
			continue
		}
		message := newMessage(chat.Role(m.Role), aichatText(m.Content), noTime)
		if m.Role == "assistant" {
			message.Model = a.Model
		}
		c.add(message)
	}
}

// aichatText returns the text of a content, which is a text, or a list of texts and
// images.
func aichatText(content yaml.Node) string {
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
		results = append(results, newMessage("tool", yamlText(r.Output), noTime))
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
