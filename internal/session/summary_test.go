package session

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"oax/internal/chat"
	"oax/internal/session/record"
)

// summaryOf says what Summary is to say, by the long way.
func summaryOf(s *Session) Summary {
	sum := Summary{
		Entry: Entry{s.ID, s.Path}, Title: s.Title, Time: s.Time, Turns: s.Turns(), Damaged: s.Damaged, ForkOf: s.ForkOf,
	}
	asked, profile, open := "", "", false
	for _, m := range s.Messages {
		if !m.Time.IsZero() {
			sum.Used = m.Time
		}
		switch m.Role {
		case chat.User:
			asked, profile, open, sum.Failed = m.Model, m.Profile, true, false
		case chat.Assistant:
			sum.Model, sum.Profile, sum.Incomplete, open = m.Model, m.Profile, m.State == chat.Incomplete, false
			sum.Failed = false
		case record.Error:
			sum.Failed = open
		}
	}
	if sum.Model == "" {
		sum.Model = asked
	}
	sum.Profile = cmp.Or(sum.Profile, profile)
	sum.Incomplete = sum.Incomplete || open
	sum.Used = record.Latest(sum.Used, sum.Time)
	return sum
}

func same(t *testing.T, st *Store, e Entry) {
	t.Helper()
	got, err := st.Summary(e)
	must(t, err)
	want := summaryOf(load(t, st, e))
	if !got.Time.Equal(want.Time) {
		t.Errorf("time %v, want %v", got.Time, want.Time)
	}
	got.Time = want.Time
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v\nof:\n%.2000s", got, want, read(t, e.Path))
	}
}

// odd is text that a careless reader of lines trips over.
var odd = []string{
	"", "plain", `say "state":"incomplete" and \"model\":\"x\"`, "\\", `\\"`, "a\nb\r\n\x00\x1b", "日本語 <&>", "{\"kind\":\"title\"}",
	strings.Repeat(`"\`, 2_000), strings.Repeat("x", 70_000), "   \n  second line\n",
}

func randomLine(r *rand.Rand) []byte {
	pick := func() string { return odd[r.IntN(len(odd))] }
	m := record.Message{Time: start.Add(time.Duration(r.IntN(1e9))), Message: chat.Message{Text: pick()}}
	if r.IntN(2) == 0 {
		m.Model = fmt.Sprint("model", r.IntN(9))
	}
	if r.IntN(2) == 0 {
		m.Profile = fmt.Sprint("profile", r.IntN(9))
	}
	switch r.IntN(8) {
	case 0:
		m.Role = chat.System
	case 1, 2, 3:
		m.Role, m.Replaced = chat.User, r.IntN(2)
	case 4, 5:
		m.Role, m.Reasoning, m.Refusal = chat.Assistant, pick(), pick()
		m.State = []chat.State{chat.Complete, chat.Incomplete, ""}[r.IntN(3)]
		m.Usage = json.RawMessage(`{"model":"deep","state":[{"state":"incomplete"}],"n":1}`)
		m.ToolCalls = []chat.ToolCall{{Name: "model", Arguments: `{"state":"incomplete"}`}}
	case 6:
		m.Role = record.Error
	case 7:
		line, _ := json.Marshal(map[string]any{"kind": []string{record.KindTitle, "new"}[r.IntN(2)], "text": pick()})
		return append(line, '\n')
	}
	return record.Of(m).AppendTo(nil)
}

func TestSummaryIsWhatLoadSays(t *testing.T) {
	st := newStore(t, Options{})
	e := Entry{"k3f9q2ab", filepath.Join(st.dir, "2026-11", "x_k3f9q2ab.jsonl")}
	for seed := range uint64(120) {
		r := rand.New(rand.NewPCG(seed, 1))
		var data []byte
		if seed%10 > 0 {
			data = record.NewHeader(e.ID, start, nil).AppendTo(data)
		}
		for range r.IntN(12) {
			data = append(data, randomLine(r)...)
		}
		if r.IntN(4) == 0 { // as another program may write it
			data = []byte(strings.ReplaceAll(string(data), `{"kind":"message",`, `{ "kind": "message",`))
		}
		write(t, e.Path, string(data[:len(data)-min(r.IntN(2), len(data))]))
		same(t, st, e)
		if t.Failed() {
			t.Fatal("seed", seed)
		}
	}
}

func TestSummaryOfTornSessions(t *testing.T) {
	t.Parallel()
	st := newStore(t, Options{})
	e := Entry{"k3f9q2ab", filepath.Join(st.dir, "2026-11", "x_k3f9q2ab.jsonl")}
	for i := 0; i < len(fixture); i += every(1) {
		write(t, e.Path, fixture[:i]+long(i/every(1)%3, "\x00"))
		got, err := st.Summary(e)
		must(t, err)
		want := summaryOf(load(t, st, e))
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("cut at %d: got %+v, want %+v", i, got, want)
		}
	}
}

func TestSummaryOfWhatIsNoSession(t *testing.T) {
	st := newStore(t, Options{})
	e := Entry{"k3f9q2ab", filepath.Join(st.dir, "2026-11", "x_k3f9q2ab.jsonl")}
	for _, data := range []string{"", "\n", "garbage", "\x00\x00", fixture[strings.IndexByte(fixture, '\n')+1:]} {
		write(t, e.Path, data)
		if sum, err := st.Summary(e); err != nil || !sum.Damaged || sum.ID != e.ID {
			t.Errorf("%.9q: %+v, %v", data, sum, err)
		}
		if s := load(t, st, e); !s.Damaged || len(s.Notes) == 0 {
			t.Errorf("%.9q: %+v", data, s)
		}
	}
}

func FuzzSummary(f *testing.F) {
	f.Add([]byte(fixture))
	f.Add([]byte(`{"kind":"message","time":"","role":"assistant","state}` + "\n"))
	f.Add([]byte(`{"kind":"message","time":"","role":"assistant","model":"` + "}\n"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		st := newStore(t, Options{Dir: dir})
		e := Entry{"k3f9q2ab", filepath.Join(dir, fmt.Sprint("x", os.Getpid()))}
		write(t, e.Path, string(data))
		if _, err := st.Summary(e); err != nil {
			t.Fatal(err)
		}
		if read(t, e.Path) != string(data) {
			t.Fatal("the file was changed")
		}
	})
}

// What is read for a preview is what reading all gives.
func TestPreviews(t *testing.T) {
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
			got := new(Store).Previews([]Entry{gone, {"aaaaaaaa", path}})
			if len(got) != 1 || got[0].ID != "aaaaaaaa" {
				t.Fatalf("got %+v", got)
			}
			used := time.Date(2026, 11, 21, 23, 0, 0, 0, time.UTC)
			if strings.LastIndex(c.file, `"role":"assistant"`) > strings.LastIndex(c.file, `"role":"user"`) {
				used = used.Add(time.Second)
			}
			if g := got[0]; g.Title != c.title || g.Opening != c.opening || !g.Used.Equal(used) {
				t.Errorf("got %q, %q, %v; want %q, %q, %v", g.Title, g.Opening, g.Used, c.title, c.opening, used)
			}
		})
	}
}

func TestPreviewsKeepTheOrder(t *testing.T) {
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
	for i, g := range new(Store).Previews(entries) {
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
		r, _ := record.Decode(line)
		if again, err := record.Encode(record.Of(r.Message)); record.LineRole(line) != "" && (err != nil || string(again) != string(line)+"\n") {
			return false
		}
	}
	return true
}

// Whatever is in a file, the preview ends, and of lines that are ours it finds no other
// title than Load.
func FuzzPreview(f *testing.F) {
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
		g := new(Store).Previews([]Entry{e})
		if len(g) != 1 || len(g[0].Opening) > 4*record.MaxOpening {
			t.Fatalf("%+v", g)
		}
		s, err := new(Store).Load(e)
		if err != nil || len(data) > 1<<9 || len(record.Parse(data).Damaged) > 0 || record.Parse(data).Torn >= 0 {
			return
		}
		if ours(data) && s.Title != g[0].Title {
			t.Errorf("title %q, Load has %q", g[0].Title, s.Title)
		}
	})
}
