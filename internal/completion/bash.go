package completion

import "strings"

// Bash completes the last word of a line, quotes nothing itself, and cannot be told what a
// word is.

// replyToBash takes three words: how bash completes (COMP_TYPE), what it replaces of the
// word, and the line up to the cursor. If bash will list the suggestions it gets whole
// lines. Even then it inserts what they have in common, without quotes, so that it must be
// something that the words have in common too.
func replyToBash(columns int, passed []string, find func(words []string) Suggestions) string {
	if len(passed) != 3 {
		return ""
	}
	how, replaced, line := passed[0], passed[1], passed[2]
	words, quote := ShellWords(line)
	if len(words) < 2 {
		return ""
	}
	s := find(words[1:])
	s.All = forBash(s.All, words[len(words)-1], replaced, quote)
	lists := how == "63" || how == "33" || how == "64" // ?, ! and @ in ASCII
	if lists && len(s.All) > 1 && s.kind() == "list" {
		if lines := s.Lines(columns); strings.HasPrefix(inCommon(s.Words()), inCommon(lines)) {
			return reply("list", lines)
		}
	}
	return reply(s.kind(), s.Words())
}

// inCommon returns what all of some texts begin with.
func inCommon(texts []string) string {
	common := texts[0]
	for _, text := range texts {
		for !strings.HasPrefix(text, common) {
			common = common[:len(common)-1]
		}
	}
	return common
}

// forBash returns the suggestions as bash is to insert them in place of what it replaces,
// which is the end of the word or all of it.
func forBash(all []Suggestion, word, replaced string, quote byte) []Suggestion {
	begin, isEnd := strings.CutSuffix(word, strings.ReplaceAll(replaced, `\`, ""))
	if !isEnd {
		begin = ""
	}
	var ours []Suggestion
	for _, s := range all {
		s.Word = strings.TrimPrefix(s.Word, begin)
		switch {
		case quote == 0:
			s.Word = backslashed(s.Word)
		case strings.ContainsAny(s.Word, "\"'\\$`!"):
			continue // it means something inside quotes, and a backslash does not always help
		}
		ours = append(ours, s)
	}
	return ours
}

// backslashed returns a word with a backslash before everything that could mean something
// to a shell.
func backslashed(word string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@+=,%"
	var b strings.Builder
	for _, r := range word {
		if r < 0x80 && !strings.ContainsRune(plain, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// ShellWords splits a line as bash does, as far as quotes are concerned. The last word is
// the one that the cursor is in, maybe an empty one; quote is the quote that it is in, or
// 0.
func ShellWords(line string) (words []string, quote byte) {
	var word []byte
	begun := false
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case c == '\\' && quote != '\'' && i+1 < len(line):
			i++
			if quote == '"' && !strings.ContainsRune("\"\\$`", rune(line[i])) {
				word = append(word, c)
			}
			word = append(word, line[i])
		case c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote, begun = c, true
			continue
		case quote == 0 && (c == ' ' || c == '\t'):
			if begun {
				words = append(words, string(word))
			}
			word, begun = nil, false
			continue
		default:
			word = append(word, c)
		}
		begun = true
	}
	return append(words, string(word)), quote
}
