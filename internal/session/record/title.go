package record

import (
	"cmp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// What title a session has.

// titleLen is in characters. Whoever shows a title knows how many columns it takes.
const titleLen = 80

// TitleFrom returns the title that records give a session.
func TitleFrom(records []Record) string {
	var t titles
	for _, r := range records {
		t.add(r)
	}
	return t.title()
}

// titles finds the title of a session in its records: the last one that was given, or one
// made of the first prompt. Of messages of the user that were saved at once it is the last
// one: agents send what they have to say of the directory before what was typed, and some an
// answer to it, which no model gave.
type titles struct {
	given, made string
	saved       time.Time // when the prompt was saved of which one is made
	answered    bool
}

// takes reports whether a prompt that was saved at a time can still give the title.
func (t *titles) takes(at time.Time) bool {
	return t.made == "" || !t.answered && !t.saved.IsZero() && at.Equal(t.saved)
}

// add takes the next record and reports whether it is a prompt that gives the title.
func (t *titles) add(r Record) bool {
	switch {
	case r.Kind == KindTitle:
		t.given = r.Text
	case r.IsPrompt() && t.takes(r.Time):
		if made := TitleFromPrompt(r.Text); made != "" {
			t.made, t.saved = made, r.Time
			return true
		}
	case r.IsAnswer():
		t.answered = t.made != ""
	}
	return false
}

// title returns the title, or "" if there is none yet.
func (t *titles) title() string { return cmp.Or(t.given, t.made) }

// TitleFromPrompt returns the title that a first prompt gives a session: its first
// line with words in it that is more than a tag, without the Markdown that the line begins
// with. A line that ends in a colon before a code fence is always the title, without the colon:
// it may be the name of an attached file, whose text must not become the title.
func TitleFromPrompt(text string) string {
	first, title, before := "", "", ""
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if name, ok := strings.CutSuffix(before, ":"); ok && isFence(line) {
			return cmp.Or(cutTitle(withoutMarks(name)), cutTitle(name))
		}
		if title != "" {
			return title
		}
		if first == "" {
			first = cutTitle(line)
		}
		title, before = cutTitle(withoutMarks(line)), strings.TrimSpace(line)
	}
	return cmp.Or(title, first)
}

// isFence reports whether a line begins or ends a block of code.
func isFence(line string) bool {
	return strings.HasPrefix(line, "```") && !strings.Contains(line[3:], "`") || strings.HasPrefix(line, "~~~")
}

// isTag reports whether a line is no more than <name> or </name>.
func isTag(line string) bool {
	name, opens := strings.CutPrefix(line, "<")
	name, closes := strings.CutSuffix(name, ">")
	return opens && closes && name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !strings.ContainsRune("/_-", r)
	})
}

// withoutMarks drops what makes a line a heading or a quotation, and all of a code fence or
// a tag.
func withoutMarks(line string) string {
	line = strings.TrimSpace(line)
	for {
		mark := strings.TrimLeft(line, "#")
		if mark == line {
			mark = strings.TrimLeft(line, ">")
		}
		rest := strings.TrimLeftFunc(mark, unicode.IsSpace)
		if mark == line || mark != "" && rest == mark {
			break
		}
		line = rest
	}
	if isFence(line) || isTag(line) {
		return ""
	}
	return line
}

// cutTitle folds the spaces of a line and cuts it, after a word where that wastes no
// more than half of it.
func cutTitle(line string) string {
	var title []rune
	for word := range strings.FieldsSeq(line) {
		if len(title) > 0 {
			title = append(title, ' ')
		}
		const enough = utf8.UTFMax * (titleLen + 1) // bytes; a word can have megabytes
		title = append(title, []rune(word[:min(len(word), enough)])...)
		if len(title) > titleLen {
			break
		}
	}
	if len(title) <= titleLen {
		return string(title)
	}
	return string(title[:cutAt(title)]) + "…"
}

// cutAt returns where to cut a title that is too long: never between a character and
// what is joined to it.
func cutAt(title []rune) int {
	for i := titleLen - 1; i > titleLen/2; i-- {
		if title[i] == ' ' {
			return i
		}
	}
	const joiner = '\u200d'
	for i := titleLen - 1; i > titleLen/2; i-- {
		if title[i] != joiner && title[i-1] != joiner && !unicode.IsMark(title[i]) {
			return i
		}
	}
	return titleLen - 1
}
