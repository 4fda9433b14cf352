package cli

import "strings"

// shellWords splits a line as bash does, as far as quotes go. The last word is the
// one the cursor is in, maybe an empty one; quote is the quote it is in, or 0.
func shellWords(line string) (words []string, quote byte) {
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

// forBash returns the suggestions as bash is to insert them in place of what is
// typed, which is the end of the word or all of it: bash itself quotes nothing.
func forBash(all []suggestion, word, typed string, quote byte) []suggestion {
	begin, isEnd := strings.CutSuffix(word, strings.ReplaceAll(typed, `\`, ""))
	if !isEnd {
		begin = ""
	}
	var ours []suggestion
	for _, s := range all {
		s.word = strings.TrimPrefix(s.word, begin)
		switch {
		case quote == 0:
			s.word = backslashed(s.word)
		case strings.ContainsAny(s.word, "\"'\\$`!"):
			continue // it means something in there, and a backslash does not always help
		}
		ours = append(ours, s)
	}
	return ours
}

// backslashed returns a word with a backslash before everything that could mean
// something to a shell.
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
