package importer

import (
	"bytes"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"oax/internal/chat"
)

// earlierOax reads the files of shuntaka9576/oax. They look like TOML, but what was
// said stands between three quotes as it is: three quotes in it, as in every other answer about
// Python, makes the file unreadable for TOML, and the program itself. So the file is
// taken apart where the program joined it. When and what about is in its name only.
func (s *scan) earlierOax(path string) { s.each(path, named(".toml"), s.earlierOaxFile) }

func (s *scan) earlierOaxFile(path, name string) {
	data, changed, ok := s.whole(path)
	if !ok {
		return
	}
	messages := tomlMessages(string(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))))
	t, title := timeInName(stem(name))
	s.only(path, Chat{ID: stem(name), Title: title, Time: s.first(t, changed), Messages: messages})
}

// unasked is what the program puts where the next prompt is to be typed.
const unasked = "# Remove this comment and specify content to send to OpenAI API; otherwise, nothing is sent."

// tomlMessages takes a file apart. Each message begins with
//
//	[[messages]]
//	  role = "user"
//	  content = '''
//
// at the beginning of the file or behind a line that ends in the same three quotes,
// and goes to the next such place. A chat about such files may come apart there.
func tomlMessages(text string) []Message {
	heads := regexp.MustCompile(`(?m)^[ \t]*\[\[messages\]\][ \t]*\n\s*role[ \t]*=[ \t]*["']([^"'\n]*)["'][ \t]*\n\s*content[ \t]*=[ \t]*('''|"""|"|')`).FindAllStringSubmatchIndex(text, -1)
	var messages []Message
	for i := 0; i < len(heads); i++ {
		head, end := heads[i], len(text)
		for i+1 < len(heads) && !closed(text[head[1]:heads[i+1][0]], text[head[4]:head[5]]) {
			i++ // that one is in the text
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
		if m.Text != unasked {
			messages = append(messages, m)
		}
	}
	return messages
}

func closed(body, quote string) bool {
	return strings.HasSuffix(strings.TrimRight(body, " \t\n"), quote)
}

// unquoted returns what is between the quotes: TOML drops a line end behind the
// first, and the program drops space before the last.
func unquoted(body, quote string) string {
	body = strings.TrimSuffix(strings.TrimRight(body, " \t\n"), quote)
	body = strings.TrimRight(strings.TrimPrefix(body, "\n"), " \t\n")
	if quote[0] == '"' { // typed by a person
		body = strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\"`, `"`, `\\`, `\`).Replace(body)
	}
	return body
}

// timeInName finds a time in a name such as 2023-03-26_17-01-54_title. The rest is
// the title.
func timeInName(name string) (t time.Time, title string) {
	at := regexp.MustCompile(`\d{4}-?\d{2}-?\d{2}(?:[_T ]?\d{2}[-:]?\d{2}[-:]?\d{2})?`).FindStringIndex(name)
	if at == nil {
		return time.Time{}, name
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, name[at[0]:at[1]])
	t, err := time.ParseInLocation("20060102150405"[:len(digits)], digits, time.Local)
	if err != nil {
		return time.Time{}, name
	}
	return t, strings.Trim(name[:at[0]]+name[at[1]:], "_- ")
}

func placesOfEarlierOax(d Dirs) []string {
	return []string{filepath.Join(d.Home, ".config", "oax", "chat-log")}
}
