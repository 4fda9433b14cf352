package search

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"oax/internal/chat"
	"oax/internal/session/record"

	gocmp "github.com/google/go-cmp/cmp"
)

// slowly finds the hits in messages the plain way: it decodes every line and tries the
// expression on each line of text.
func slowly(pattern *regexp.Regexp, data []byte) (hits []Hit) {
	turn := 0
	for line := range bytes.Lines(data) {
		m, ok := record.ParseLine(line)
		if !ok {
			continue
		}
		if m.Role == chat.User {
			turn++
		}
		for _, text := range []string{m.Text, m.Refusal} {
			for line := range strings.Lines(text) {
				line = strings.TrimSuffix(line, "\n")
				if span := pattern.FindStringIndex(line); span != nil {
					hits = append(hits, Hit{turn, m.Role, line, span[0], span[1]})
				}
			}
		}
	}
	return hits
}

// escapes are ways in which other programs write a text in JSON.
var escapes = map[string]func(string) string{
	"ours": func(text string) string { return mustMarshal(text) },
	"all as \\u": func(text string) string {
		var b strings.Builder
		for _, unit := range utf16.Encode([]rune(text)) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
		return `"` + b.String() + `"`
	},
	"ASCII": func(text string) string {
		var b strings.Builder
		for _, r := range mustMarshal(text) {
			if r < 0x80 {
				b.WriteRune(r)
				continue
			}
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, `\u%04X`, unit)
			}
		}
		return b.String()
	},
	"no UTF-8": func(text string) string { return strings.ReplaceAll(mustMarshal(text), "\ufffd", "\xff") },
	"slashes":  func(text string) string { return strings.ReplaceAll(mustMarshal(text), "/", `\/`) },
}

func mustMarshal(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// FuzzSearch holds the search against the plain way: whatever the pattern, the text,
// and who wrote the JSON.
func FuzzSearch(f *testing.F) {
	for _, p := range []string{
		"", "needle", "(?i)ask", "(?i)Kk", "(?i)привет", "(?i)é", "(?i)sé", "(?i)straße", "(?i)s", "(?i)1", "a|b", "foo|(?i:bar)", `needle|\d`, `\d{2}`, `[0-9]*`, `[0-9]?x`, `[0-9]?`, `[0-9]?\s?`, `[A-C]+[0-9]`, `(?i)[k-l]`, `[^a]`, `(\s)+`, `[0-9]|e`, "(?:needle){0,2}o", "日本", "(?i)日本",
		"😀", `"x"`, `C:\\users`, `\bfoo\b`, "x*", "^$", "foo$", "[kK]", "fo[ob]+", "a{2,}", "a{0,2}b", "(needle)+", `\d{4}-\d\d`, "a/b", "\ufffd", "(?i)\u017f",
		"(?s)a.b", "n", `\n`, "user", "message", "\\x{1F600}", "(?i)\u212b", "(?i)ǆ",
	} {
		for _, text := range []string{
			"needle\nNEEDLE a needle\n\nfoo bar", "NEEdLE", "BAR\nfoo\nbar", "a/b", "as\u212a", "aſK", "x\ufffd", "2026", "aſK task ASK aK", "ПРИВЕТ привет", "É é SÉ ſé", "Straße STRASSE", `say "x" C:\users a/b`,
			"日本語😀", "a\x00\x1b\xff\xfeb", "2026-11-21 aab b", "\u2028\u2029 user message", "\n\n", "ǅ ǆ Ǆ Å å Å", "",
		} {
			f.Add(p, text, "q")
		}
	}
	f.Fuzz(func(t *testing.T, expression, text, other string) {
		compiled, err := regexp.Compile(expression)
		if err != nil {
			t.Skip()
		}
		s := newMatcher(Query{Pattern: compiled})
		for how, quote := range escapes {
			data := fmt.Appendf(nil, `{"kind":"message","time":"2026-11-21T23:45:12Z","role":"user","text":%s,"model":"m"}`+"\n", quote(other))
			data = fmt.Appendf(data, `{"kind":"message","time":"2026-11-21T23:45:12Z","role":"assistant","text":%s,"reasoning":%s,"refusal":%s,"state":"complete"}`+"\n", quote(text), quote(text), quote(other))
			data = fmt.Appendf(data, `{"kind":"message","role":"user","text":%s}`+"\n", quote(text))
			got, notes := s.search(context.Background(), data)
			if diff := gocmp.Diff(slowly(compiled, data), got); diff != "" || notes != nil {
				t.Fatalf("%s: %q in %q and %q (-want +got):\n%s%v", how, expression, text, other, diff, notes)
			}
		}
	})
}

// FuzzSearchOfAnything checks that no bytes upset the search, and that it finds what
// the plain way does in lines that are records as this program makes them.
func FuzzSearchOfAnything(f *testing.F) {
	f.Add("needle", []byte(talk))
	f.Add("x", []byte(`{"kind":"message","time":"","role":"assistant","text":"x}`+"\n"))
	f.Add("x", []byte(`{"kind":"message","time":"","role":"assistant","text":"x\"}`+"\n"))
	f.Add("x", []byte(`{"kind":"message","time":"`+"}\n"))
	f.Fuzz(func(t *testing.T, expression string, data []byte) {
		compiled, err := regexp.Compile(expression)
		if err != nil {
			t.Skip()
		}
		s := newMatcher(Query{Pattern: compiled, Roles: []chat.Role{chat.User, chat.Assistant, record.Title, Reasoning, record.Error, chat.System, ""}})
		hits, _ := s.search(context.Background(), slices.Clone(data))
		for _, h := range hits {
			if h.Start < 0 || h.End < h.Start || h.End > len(h.Line) || strings.Contains(h.Line, "\n") {
				t.Fatalf("%+v", h)
			}
		}
	})
}
