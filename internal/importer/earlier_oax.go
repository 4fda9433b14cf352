package importer

import (
	"bytes"
	"iter"
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
	t, title := timeInName(f.stem())
	c := Chat{ID: f.stem(), Title: title, Time: s.firstTime(t, f.changed)}
	for m := range tomlMessages(string(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")))) {
		if c.add(m); c.cut {
			break
		}
	}
	s.onlyChat(f, c)
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
func tomlMessages(text string) iter.Seq[Message] {
	head := regexp.MustCompile(`(?m)^[ \t]*\[\[messages\]\][ \t]*\n\s*role[ \t]*=[ \t]*["']([^"'\n]*)["'][ \t]*\n\s*content[ \t]*=[ \t]*('''|"""|"|')`)
	return func(yield func(Message) bool) {
		at := head.FindStringSubmatchIndex(text)
		for at != nil {
			role, quote, rest := text[at[2]:at[3]], text[at[4]:at[5]], text[at[1]:]
			end := len(rest)
			for from := 0; ; from = at[1] { // of a head that is part of the text
				if at = head.FindStringSubmatchIndex(rest[from:]); at == nil {
					break
				}
				for i := range at {
					at[i] += from
				}
				if closed(rest[:at[0]], quote) {
					end = at[0]
					break
				}
			}
			m := newMessage(chat.Role(role), "", noTime)
			if !closed(rest[:end], quote) { // the disk was full, or the program was killed
				m.State, m.Why = chat.Incomplete, chat.Cut
			}
			m.Text, text = unquoted(rest[:end], quote), rest
			if m.Text != placeholder && !yield(m) {
				return
			}
		}
	}
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
