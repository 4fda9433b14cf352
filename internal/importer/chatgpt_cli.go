package importer

import (
	"path/filepath"
	"strings"

	"oax/internal/chat"
)

// chatgptCLI reads the threads of kardolus/chatgpt-cli: a file each, an array of
// messages with their times.
func (s *scan) chatgptCLI(path string) { s.each(path, named(".json"), s.chatgptThread) }

func (s *scan) chatgptThread(path, name string) {
	f, ok := s.open(path)
	if !ok {
		return
	}
	defer f.Close()
	thread := stem(name)
	c := Chat{ID: thread, Title: threadTitle(thread)}
	for _, m := range s.messages(f) {
		c.Messages = joinPrompts(c.Messages, m)
	}
	c.Time = s.begun(c.Messages, f.time)
	s.only(path, c)
}

// joinPrompts adds a message. What is piped in is cut there into prompts of a hundred
// words, which have no answers of their own.
func joinPrompts(messages []Message, m Message) []Message {
	last := len(messages) - 1
	if last >= 0 && m.Role == chat.User && messages[last].Role == chat.User {
		messages[last].Text += "\n" + m.Text
		return messages
	}
	return append(messages, m)
}

// threadTitle returns the name of a thread if a person gave it.
func threadTitle(thread string) string {
	if thread == "default" || strings.HasPrefix(thread, "int_") || strings.HasPrefix(thread, "cmd_") {
		return ""
	}
	return thread
}

func placesOfChatgptCLI(d Dirs) []string {
	if dir := d.Env("OPENAI_DATA_HOME"); dir != "" {
		return []string{dir}
	}
	if dir := d.Env("OPENAI_CONFIG_HOME"); dir != "" {
		return []string{filepath.Join(dir, "history")}
	}
	return []string{filepath.Join(d.Home, ".chatgpt-cli", "history")}
}
