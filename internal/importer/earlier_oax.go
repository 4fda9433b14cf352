package importer

import (
	"bytes"
	"path/filepath"
	"regexp"
	"strings"

	"oax/internal/chat"
)

// earlierOax reads the files of shuntaka9576/oax. They look like TOML, but the program
// writes a text between three quotes without escaping it. A text with three quotes, as
// in many answers about Python, makes the file unreadable as TOML. So the file
// is split where the program joined it. Only its name has the time and the title.
func (s *scan) earlierOax(path string) { s.each(path, hasExtension(".toml"), s.earlierOaxFile) }

func (s *scan) earlierOaxFile(f *file) {
	data, ok := s.readAll(f, maxFile)
	if !ok {
		return
	}
	messages := tomlMessages(string(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))))
	t, title := timeInName(f.stem())
	s.onlyChat(f, Chat{ID: f.stem(), Title: title, Time: s.firstTime(t, f.changed), Messages: messages})
}

// placeholder is what the program writes where the user should type the next prompt.
const placeholder = "# Remove this comment and specify content to send to OpenAI API; otherwise, nothing is sent."

// tomlMessages splits a file into messages. Each begins with
//
//	[[messages]]
//	  role = "user"
//	  content = '''
//
// at the beginning of the file or after a line that ends in the closing quotes of the
// message before. A text that contains such lines may be split by mistake.
func tomlMessages(text string) []Message {
	heads := regexp.MustCompile(`(?m)^[ \t]*\[\[messages\]\][ \t]*\n\s*role[ \t]*=[ \t]*["']([^"'\n]*)["'][ \t]*\n\s*content[ \t]*=[ \t]*('''|"""|"|')`).FindAllStringSubmatchIndex(text, -1)
	var messages []Message
	for i := 0; i < len(heads); i++ {
		head, end := heads[i], len(text)
		for i+1 < len(heads) && !closed(text[head[1]:heads[i+1][0]], text[head[4]:head[5]]) {
			i++ // that head is part of the text
		}
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		m := Message{Message: chat.Message{Role: chat.Role(text[head[2]:head[3]])}}
		quote := text[head[4]:head[5]]
		body := text[head[1]:end]
		if !closed(body, quote) { // the disk was full, or the program was killed
			m.State, m.Why = chat.Incomplete, chat.Cut
		}
		m.Text = unquoted(body, quote)
		if m.Text != placeholder {
			messages = append(messages, m)
		}
	}
	return messages
}

// closed reports whether a text ends with its closing quote.
func closed(body, quote string) bool {
	return strings.HasSuffix(strings.TrimRight(body, " \t\n"), quote)
}

// unquoted returns a text without its closing quote, the line end after the opening
// quote, which TOML ignores, and the space before the closing one, which the program
// ignores.
func unquoted(body, quote string) string {
	body = strings.TrimSuffix(strings.TrimRight(body, " \t\n"), quote)
	body = strings.TrimRight(strings.TrimPrefix(body, "\n"), " \t\n")
	if quote[0] == '"' { // typed by a person
		body = strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\"`, `"`, `\\`, `\`).Replace(body)
	}
	return body
}

func earlierOaxPaths(d Dirs) []string {
	return []string{filepath.Join(d.Home, ".config", "oax", "chat-log")}
}
