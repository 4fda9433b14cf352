package session

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oax/internal/session/record"
)

// A record that is no message is none, whatever fields of a message it has.
func TestRecordsOfOtherKinds(t *testing.T) {
	st := newStore(t, Options{})
	e := save(t, st, "question", "answer")
	const fields = `,"time":"2026-11-21T23:45:12Z","role":"user","text":"no prompt","turn":"t"}` + "\n"
	others := `{"kind":"request"` + fields + `{"kind":"session","version":1,"id":"x"` + fields
	write(t, e.Path, read(t, e.Path)+others)
	s := load(t, st, e)
	if got := texts(s); len(got) != 2 || s.Turns() != 1 {
		t.Errorf("%q, %d turns", got, s.Turns())
	}
	if sum, err := st.Summary(e); err != nil || sum.Turns != 1 || sum.Incomplete {
		t.Errorf("%+v, %v", sum, err)
	}
	copied, err := st.Copy(e, 0, "")
	must(t, err)
	if of := load(t, st, copied).ForkOf; of.Turn != 1 || !strings.Contains(read(t, copied.Path), `{"kind":"request"`+fields) {
		t.Errorf("a copy of %d turns: %s", of.Turn, read(t, copied.Path))
	}
	for line := range strings.Lines(others) {
		if m, ok := record.ParseLine([]byte(line)); !ok || m.Role != "" || m.Text != "" {
			t.Errorf("%s: %+v, %v", line, m, ok)
		}
	}
}

func TestExcerpt(t *testing.T) {
	t.Parallel()
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

const fixture = `{"kind":"session","version":1,"id":"k3f9q2ab","time":"2026-11-21T23:45:12.5Z"}
{"kind":"message","time":"2026-11-21T23:45:12.5Z","role":"system","text":"be brief"}
{"kind":"message","time":"2026-11-21T23:45:12.5Z","role":"user","text":"one?","model":"m1"}
{"kind":"message","time":"2026-11-21T23:45:13Z","role":"assistant","text":"eins","model":"m1-2026","state":"complete"}
{"kind":"title","time":"2026-11-21T23:46:00Z","text":"zählen"}
{"kind":"message","time":"2026-11-21T23:46:12Z","role":"user","text":"two?","model":"m1"}
{"kind":"error","time":"2026-11-21T23:46:13Z","why":"net","text":"no network"}
`

// said returns what the records of a parse hold.
func said(p record.Contents) []string {
	var all []string
	if p.Header.Kind != "" {
		all = append(all, "session "+p.Header.ID)
	}
	for _, r := range p.Records {
		all = append(all, fmt.Sprint(r.Kind, " ", r.Role, " ", r.Text))
	}
	return all
}
