package importer

import (
	"path/filepath"
	"regexp"
	"strings"

	"oax/internal/chat"
)

// chatgptCLI reads the threads of kardolus/chatgpt-cli: a file each, with an array of
// messages and their times. The program splits piped input into prompts of a hundred
// words, which it sends together; they become one prompt again.
func (s *scan) chatgptCLI(path string) { s.each(path, hasExtension(".json"), s.chatgptThread) }

func (s *scan) chatgptThread(f *file) {
	c := s.messages(f)
	c.ID, c.Title = f.stem(), f.stem()
	if madeUp := regexp.MustCompile(`^(default$|int_|cmd_)`); madeUp.MatchString(c.Title) { // by the program
		c.Title = ""
	}
	joined := c.Messages[:0]
	var prompt []string
	for _, m := range c.Messages {
		last := len(joined) - 1
		if m.Role == chat.User && len(prompt) > 0 {
			prompt = append(prompt, m.Text)
			continue
		}
		if len(prompt) > 0 {
			joined[last].Text, prompt = strings.Join(prompt, "\n"), nil
		}
		if m.Role == chat.User {
			prompt = []string{m.Text}
		}
		joined = append(joined, m)
	}
	if len(prompt) > 0 {
		joined[len(joined)-1].Text = strings.Join(prompt, "\n")
	}
	c.Messages = joined
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
