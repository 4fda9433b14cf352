package session

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"oax/internal/chat"
)

// titleLen is in characters, and not in columns, which are the business of whoever
// shows a title.
const titleLen = 80

// titleLine is the record of a title that was given.
type titleLine struct {
	Kind string    `json:"kind"`
	Time time.Time `json:"time"`
	Text string    `json:"text"`
}

// Retitle gives a session a title; an empty one makes it go by its first prompt again.
// It is one more record, so a session that another process has open can have it too.
// The error is a BusyError, NewerError, NotFoundError, FileError or that of the system.
func (st *Store) Retitle(e Entry, title string) error {
	f, err := openFile(e.Path, os.O_RDWR|os.O_APPEND)
	if err != nil {
		return missing(e, err)
	}
	defer f.Close()
	if err := checkVersion(f, e.ID); err != nil {
		return err
	}
	if _, ended, _ := end(f); !ended {
		if _, err := makeDir(filepath.Join(st.dir, openDir)); err != nil {
			return err
		}
		_, _ = st.mend(e) // if that cannot be, the title begins on a line of its own
	}
	data, err := encode(titleLine{kindTitle, st.now(), title})
	if err != nil {
		return err
	}
	if err := st.appendTo(f, e.Path, data); err != nil {
		return missing(e, err)
	}
	return f.Sync()
}

// titleOf returns the last title that was given, else one made of the first prompt.
func titleOf(records []record) string {
	title, prompt := "", ""
	for _, r := range records {
		switch {
		case r.Kind == kindTitle:
			title = r.Text
		case r.Kind == kindMessage && r.Role == chat.User && prompt == "":
			prompt = TitleFromPrompt(r.Text)
		}
	}
	if title != "" {
		return title
	}
	return prompt
}

// TitleFromPrompt returns the title that a session has by its first prompt: the first
// line with words in it, without the Markdown that the line begins with. A line that
// ends in a colon before a code fence is a title whatever it holds, and loses the colon:
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

// withoutMarks drops what makes a line a heading or a quotation, and all of one that
// fences code.
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
	if isFence(line) {
		return ""
	}
	return line
}

// cutTitle folds the spaces of a line and cuts it, after a word where that wastes no
// more than half of it.
func cutTitle(line string) string {
	title := make([]rune, 0, titleLen+1)
	gap := false
	for _, r := range strings.TrimSpace(line) {
		if len(title) > titleLen {
			break
		}
		if unicode.IsSpace(r) {
			gap = true
			continue
		}
		if gap {
			title = append(title, ' ')
			gap = false
		}
		title = append(title, r)
	}
	if len(title) <= titleLen {
		return string(title)
	}
	return string(title[:cutAt(title)]) + "…"
}

// cutAt returns where a title that is too long ends: never between a character and
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
