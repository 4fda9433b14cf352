package session

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What is read at a glance is what reading all gives.
func TestGlances(t *testing.T) {
	const header = `{"kind":"session","version":1,"id":"aaaaaaaa","time":"2026-11-21T23:00:00Z"}` + "\n"
	prompt := func(text string) string {
		return `{"kind":"message","time":"2026-11-21T23:00:00Z","role":"user","text":"` + text + `","model":"m"}` + "\n"
	}
	answer := `{"kind":"message","time":"2026-11-21T23:00:01Z","role":"assistant","text":"no \"kind\":\"title\" here","state":"complete"}` + "\n"
	title := `{"kind":"title","time":"2026-11-21T23:00:02Z","text":"given"}` + "\n"
	long := strings.Repeat("長", 30_000)
	for name, c := range map[string]struct{ file, title, opening string }{
		"a turn":                 {header + prompt("hi\\nthere") + answer, "hi", "hi\nthere"},
		"a title":                {header + prompt("hi") + answer + title + prompt("more"), "given", "hi"},
		"the last title":         {header + title + prompt("hi") + strings.ReplaceAll(title, "given", "later"), "later", "hi"},
		"a long prompt":          {header + prompt(long) + answer + title, "given", long[:1023]},
		"an escape is cut":       {header + prompt(strings.Repeat("x", 1018)+`\u00e9`+long) + title, "given", strings.Repeat("x", 1018)},
		"an escape is not cut":   {header + prompt(strings.Repeat("x", 1017)+`\u00e9`+long) + title, "given", strings.Repeat("x", 1017) + "é"},
		"a system message":       {header + strings.Replace(prompt("be brief"), "user", "system", 1) + prompt("hi"), "hi", "hi"},
		"other spaces":           {header + strings.ReplaceAll(prompt("hi"), `":"`, `": "`) + answer, "hi", "hi"},
		"an empty prompt":        {header + prompt("") + answer + prompt("hi") + answer, "hi", "hi"},
		"a line cut":             {header + prompt("hi") + `{"kind":"title","text":"giv`, "hi", "hi"},
		"a prompt cut":           {header + `{"kind":"message","time":"2026-11-21T23:00:00Z","role":"user","text":"hi\u00`, "hi", "hi"},
		"no newline at the end":  {header + prompt("hi") + strings.TrimSpace(title), "given", "hi"},
		"a long answer, a title": {header + prompt("hi") + strings.Replace(answer, "no", long, 1) + title, "given", "hi"},
		"nothing":                {header, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "2026-11-21_23-00-00_aaaaaaaa.jsonl")
			if err := os.WriteFile(path, []byte(c.file), 0o600); err != nil {
				t.Fatal(err)
			}
			gone := Entry{"gone0000", path + "x"}
			got := new(Store).Glances([]Entry{gone, {"aaaaaaaa", path}})
			if len(got) != 1 || got[0].ID != "aaaaaaaa" {
				t.Fatalf("got %+v", got)
			}
			if g := got[0]; g.Title != c.title || g.Opening != c.opening || !g.Time.Equal(time.Date(2026, 11, 21, 23, 0, 0, 0, time.UTC)) {
				t.Errorf("got %q, %q, %v; want %q, %q", g.Title, g.Opening, g.Time, c.title, c.opening)
			}
		})
	}
}

func TestGlancesKeepTheOrder(t *testing.T) {
	dir := t.TempDir()
	var entries []Entry
	for i := range 50 {
		e := Entry{fmt.Sprintf("id%06d", i), filepath.Join(dir, fmt.Sprint(i))}
		text := fmt.Sprintf(`{"kind":"message","role":"user","text":"prompt %d"}`, i)
		if err := os.WriteFile(e.Path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		entries = append(entries, e)
	}
	for i, g := range new(Store).Glances(entries) {
		if g.ID != entries[i].ID || g.Opening != fmt.Sprint("prompt ", i) {
			t.Errorf("%d: %+v", i, g)
		}
	}
}

// ours reports whether the lines that look like this program's making are: a glance
// takes them for it.
func ours(data []byte) bool {
	for line := range bytes.Lines(data) {
		line = bytes.TrimSuffix(line, []byte("\n"))
		r, _ := decode(line)
		if again, err := encode(lineOf(r.message())); roleOf(line) != "" && (err != nil || string(again) != string(line)+"\n") {
			return false
		}
	}
	return true
}

// Whatever is in a file, a glance ends, and of lines that are ours it finds no other
// title than Load.
func FuzzGlance(f *testing.F) {
	f.Add([]byte(`{"kind":"message","time":"2026-11-21T23:00:00Z","role":"user","text":"a\\\u00e9"}` + "\n" + `{"kind":"title","text":"t"}`))
	f.Add([]byte(`{"kind":"message","time":"2026-11-21T23:00:00Z","role":"user","text":"# a\\n\\"b\\"é"}` + "\n"))
	f.Add([]byte(`{"kind":"message","time":"","role":"user","text":`))
	f.Add([]byte(`{"kind":"message","time":"","role":"user","text":"\`))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		e := Entry{"aaaaaaaa", filepath.Join(dir, "x")}
		if err := os.WriteFile(e.Path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		g := new(Store).Glances([]Entry{e})
		if len(g) != 1 || len(g[0].Opening) > 4*openingLen {
			t.Fatalf("%+v", g)
		}
		s, err := new(Store).Load(e)
		if err != nil || len(data) > 1<<9 || len(parse(data).damaged) > 0 || parse(data).torn >= 0 {
			return
		}
		if ours(data) && s.Title != g[0].Title {
			t.Errorf("title %q, Load has %q", g[0].Title, s.Title)
		}
	})
}
