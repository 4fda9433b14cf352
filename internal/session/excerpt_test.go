package session

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestExcerpt(t *testing.T) {
	const header = `{"kind":"session","version":1,"id":"aaaaaaaa","time":"2026-11-21T23:00:00Z"}` + "\n"
	message := func(role, text string) string {
		return fmt.Sprintf(`{"kind":"message","time":"2026-11-21T23:00:00Z","role":%q,"text":%q}`+"\n", role, text)
	}
	turns := func(n int, text string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(message("user", fmt.Sprint("Question ", i)) + message("assistant", text))
		}
		return b.String()
	}
	kilobyte := strings.Repeat("x", 1<<10)
	for name, c := range map[string]struct {
		file, word  string
		first, find string // how the first message begins, what one of them is
		least, most int    // messages
	}{
		"short":                 {header + turns(3, "ok"), "", "Question 0", "Question 2", 6, 6},
		"long":                  {header + turns(2000, kilobyte), "", "Question 0", "Question 100", 800, 1000},
		"long, a word":          {header + turns(2000, kilobyte), "QUESTION 1500", "Question 1", "Question 1500", 800, 1000},
		"long, a word near end": {header + turns(2000, kilobyte), "question 1999", "Question 1", "Question 1999", 100, 300},
		"long, no such word":    {header + turns(2000, kilobyte), "nowhere", "Question 0", "Question 100", 800, 1000},
		"a long message":        {message("user", "It begins. "+strings.Repeat(kilobyte, 1000)), "", "It begins. x", "", 1, 1},
		"a long one, a word":    {header + turns(9, "ok") + message("user", "It begins. "+strings.Repeat(kilobyte, 1000)+"word"), "word", "Question 0", "Question 8", 18, 18},
		"long and nonsense":     {strings.Repeat(kilobyte, 1000), "x", "", "", 1, 1},
		"long and lines":        {strings.Repeat("\n", 1<<20), "x", "", "", 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x")
			if err := os.WriteFile(path, []byte(c.file), 0o600); err != nil {
				t.Fatal(err)
			}
			messages, err := new(Store).Excerpt(Entry{"aaaaaaaa", path}, c.word)
			if err != nil || len(messages) < c.least || len(messages) > c.most || !strings.HasPrefix(messages[0].Text, c.first) {
				t.Fatalf("%d messages, the first %.40q, %v", len(messages), messages[0].Text, err)
			}
			found := c.find == ""
			for _, m := range messages {
				found = found || m.Text == c.find
			}
			if !found {
				t.Errorf("no %s in it", c.find)
			}
		})
	}
	if _, err := new(Store).Excerpt(Entry{"aaaaaaaa", "/nonexistent"}); err == nil {
		t.Error("no error where there is no file")
	}
}
