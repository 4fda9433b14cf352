package importer

import (
	"path/filepath"
	"regexp"

	"oax/internal/chat"
)

// chatgptCLI reads the threads of kardolus/chatgpt-cli: a file each, with an array of
// messages and their times. The program splits piped input into prompts of a hundred
// words, which it sends together; they become one prompt again.
func (s *scan) chatgptCLI(path string) { s.each(path, hasExtension(".json"), s.chatgptThread) }

func (s *scan) chatgptThread(f *file) {
	c := Chat{ID: f.stem(), Title: f.stem()}
	if madeUp := regexp.MustCompile(`^(default$|int_|cmd_)`); madeUp.MatchString(c.Title) { // by the program
		c.Title = ""
	}
	for _, m := range s.messages(f) {
		last := len(c.Messages) - 1
		if last >= 0 && m.Role == chat.User && c.Messages[last].Role == chat.User {
			c.Messages[last].Text += "\n" + m.Text
			continue
		}
		c.Messages = append(c.Messages, m)
	}
	c.Time = s.startTime(c.Messages, f.changed)
	s.onlyChat(f, c)
}

func chatgptCLIPaths(d Dirs) []string {
	if dir := d.Env("OPENAI_DATA_HOME"); dir != "" {
		return []string{dir}
	}
	if dir := d.Env("OPENAI_CONFIG_HOME"); dir != "" {
		return []string{filepath.Join(dir, "history")}
	}
	return []string{filepath.Join(d.Home, ".chatgpt-cli", "history")}
}
