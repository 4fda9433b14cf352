package importer

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
	"unicode/utf8"
)

// checked returns a scan that fails the test for a chat that cannot be kept.
func checked(t *testing.T) *scan {
	return &scan{ctx: t.Context(), now: now, yield: func(c Chat, err error) bool {
		if err != nil {
			return true
		}
		if len(c.Messages) == 0 || c.Time.Year() < minYear || c.Time.After(now.AddDate(0, 0, 1)) {
			t.Fatalf("%d messages of %v", len(c.Messages), c.Time)
		}
		if !utf8.ValidString(c.ID+c.Title) || len(c.ID) > maxID || len(c.Title) > maxTitle {
			t.Fatalf("%q %q", c.ID, c.Title)
		}
		for _, m := range c.Messages {
			if !utf8.ValidString(m.Text+m.Reasoning+m.Refusal+m.Model) || m.Role == "" || m.Time.Year() > now.Year() {
				t.Fatalf("%+v", m)
			}
			if _, err := json.Marshal(m.Message); err != nil {
				t.Fatal(err)
			}
		}
		return true
	}}
}

// seed adds the fixtures of a source.
func seed(f *testing.F, pattern string) {
	paths, _ := filepath.Glob(filepath.Join(fixtures, pattern))
	for _, path := range paths {
		data, err := os.ReadFile(path)
		must(f, err)
		f.Add(data)
	}
	if len(paths) == 0 {
		f.Fatal(pattern)
	}
}

func FuzzChatgpt(f *testing.F) {
	seed(f, "chatgpt/*")
	f.Fuzz(func(t *testing.T, data []byte) { checked(t).conversations(bytes.NewReader(data), "in", changed) })
}

func FuzzOpenai(f *testing.F) {
	seed(f, "openai/*")
	seed(f, "sgpt/*")
	seed(f, "chatgpt-cli/*")
	f.Fuzz(func(t *testing.T, data []byte) {
		p := plainFile{scan: checked(t), name: "in", changed: changed}
		p.values(bytes.NewReader(data), "in", p.take)
		p.end()
	})
}

func FuzzEarlierOax(f *testing.F) {
	seed(f, "oax/*")
	f.Fuzz(func(t *testing.T, data []byte) {
		s := checked(t)
		title, _ := timeInName(string(data))
		s.chat(Chat{Time: s.firstTime(title), Messages: slices.Collect(tomlMessages(string(data)))})
	})
}

func FuzzAichat(f *testing.F) {
	seed(f, "aichat/*.yaml")
	f.Fuzz(func(t *testing.T, data []byte) {
		c := Chat{Time: changed}
		_ = c.addAichat(data)
		checked(t).chat(c)
	})
}

func FuzzMods(f *testing.F) {
	f.Add([]byte(gobOf(f, []modsFirst{{"hi", "user"}})))
	f.Add([]byte(gobOf(f, []modsNow{{"assistant", "", []modsTool{{ID: "a"}}}})))
	f.Add([]byte(gobOf(f, []modsOpenAI{{Role: "user", Content: "hi"}})))
	f.Fuzz(func(t *testing.T, data []byte) {
		messages, _ := parseMods(data)
		checked(t).chat(Chat{Time: changed, Messages: messages})
	})
}

// FuzzRows is what sqlite3 may print for a database of a stranger.
func FuzzRows(f *testing.F) {
	f.Add([]byte(`[{"chat":"a","prompt":"hi","response":"ho","time":"2025-01-01 00:00:00","calls":"[{\"name\":\"x\",\"arguments\":\"{}\"}]"},
{"chat":"a","role":"assistant","type":"tool_call","payload":"{}","attached":"image/png x"}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := checked(t)
		_ = rows(bytes.NewReader(data), func(row []byte) error {
			var r llmRow
			var p llmPart
			if err := decode(row, &r); err != nil {
				return err
			}
			_ = decode(row, &p)
			db := &database{scan: s}
			m := Message{}
			m.addPart(&p)
			s.chat(Chat{Time: s.firstTime(parseTime(r.Time)), Messages: append(db.llmTurn(&r), m)})
			return nil
		})
	})
}

func FuzzTime(f *testing.F) {
	for _, text := range []string{"2025-01-01T00:00:00Z", "1.7e9", "1700000000123", "NaN", "-1e308", `"x"`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := &scan{now: now}
		if got := s.timeOf([]byte(text)); !got.IsZero() && (got.Before(time.Date(2009, 12, 31, 0, 0, 0, 0, time.UTC)) || got.After(now.AddDate(0, 0, 1))) {
			t.Errorf("%q is %v", text, got)
		}
	})
}
