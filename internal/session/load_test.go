package session

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oax/internal/chat"
)

const fixture = `{"kind":"session","version":1,"id":"k3f9q2ab","time":"2026-11-21T23:45:12.5Z"}
{"kind":"message","time":"2026-11-21T23:45:12.5Z","role":"system","text":"be brief"}
{"kind":"message","time":"2026-11-21T23:45:12.5Z","role":"user","text":"one?","model":"m1"}
{"kind":"message","time":"2026-11-21T23:45:13Z","role":"assistant","text":"eins","model":"m1-2026","state":"complete"}
{"kind":"title","time":"2026-11-21T23:46:00Z","text":"zählen"}
{"kind":"message","time":"2026-11-21T23:46:12Z","role":"user","text":"two?","model":"m1"}
{"kind":"error","time":"2026-11-21T23:46:13Z","why":"net","text":"no network"}
`

// said returns what the records of a parse hold.
func said(p contents) []string {
	var all []string
	if p.header.Kind != "" {
		all = append(all, "session "+p.header.ID)
	}
	for _, r := range p.records {
		all = append(all, fmt.Sprint(r.Kind, " ", r.Role, " ", r.Text))
	}
	return all
}

func TestParse(t *testing.T) {
	lines := strings.SplitAfter(fixture, "\n")
	whole := said(parseFile([]byte(fixture)))
	if len(whole) != 7 {
		t.Fatalf("the fixture has %d records", len(whole))
	}
	for name, c := range map[string]struct {
		data    string
		torn    int
		damaged []int
	}{
		"whole":               {fixture, -1, nil},
		"last newline gone":   {strings.TrimSuffix(fixture, "\n"), -1, nil},
		"CRLF":                {strings.ReplaceAll(fixture, "\n", "\r\n"), -1, nil},
		"blank lines":         {strings.ReplaceAll(fixture, "\n", "\n\n \n"), -1, nil},
		"half a record":       {fixture + lines[3][:50], len(fixture), nil},
		"NUL tail":            {fixture + long(4096, "\x00"), len(fixture), nil},
		"NULs for a newline":  {strings.TrimSuffix(fixture, "\n") + "\x00\x00", len(fixture) - 1, nil},
		"half and NULs":       {fixture + lines[3][:50] + long(99, "\x00"), len(fixture), nil},
		"a number at the end": {fixture + "12", len(fixture), nil},
		"garbage":             {lines[0] + "garbage\n" + strings.Join(lines[1:], ""), -1, []int{2}},
		"other JSON":          {lines[0] + "[]\n12\n{}\n" + strings.Join(lines[1:], ""), -1, []int{2, 3, 4}},
		"NULs in the middle":  {lines[0] + "\x00\x00\x00\n" + strings.Join(lines[1:], ""), -1, []int{2}},
	} {
		p := parseFile([]byte(c.data))
		if p.torn != int64(c.torn) || !slices.Equal(p.damaged, c.damaged) || !slices.Equal(said(p), whole) {
			t.Errorf("%s: torn at %d, damaged %v, %q", name, p.torn, p.damaged, said(p))
		}
	}
}

func TestUnknownKindsAndFields(t *testing.T) {
	more := strings.ReplaceAll(fixture, `"role":`, `"mood":{"deep":[1,2]},"role":`) + `{"kind":"new thing","text":5,"time":"noon"}` + "\n" + `{"kind":"message","text":5}` + "\n"
	p := parseFile([]byte(more))
	if len(p.records) != 7 || !slices.Equal(p.damaged, []int{9}) || p.torn != -1 {
		t.Errorf("%d records, damaged %v", len(p.records), p.damaged)
	}
}

func TestParseDamageIsSaid(t *testing.T) {
	one := parseFile([]byte("x\n" + fixture))
	two := parseFile([]byte("x\n" + fixture + "y\n"))
	if got := DamageNotes(one.damaged); len(got) != 1 || got[0] != "record 1 is damaged (kept as is)" {
		t.Errorf("%q", got)
	}
	if got := DamageNotes(two.damaged); len(got) != 1 || got[0] != "2 records are damaged (kept as is), the first is record 1" {
		t.Errorf("%q", got)
	}
}

// Each byte flipped costs no record but the one it is in, and those that a
// new or lost line end cuts or joins.
func TestParseFlippedBytes(t *testing.T) {
	whole := parseFile([]byte(fixture))
	ends := []int64{0}
	for _, r := range whole.records {
		ends = append(ends, r.at)
	}
	for i := range len(fixture) {
		for _, bit := range []int{0, 1, 5, 7} {
			data := []byte(fixture)
			data[i] ^= 1 << bit
			got := said(parseFile(data))
			hit, _ := slices.BinarySearch(ends, int64(i)+1)
			for j, want := range said(whole) {
				near := j == hit-1 || j == hit && fixture[i] == '\n'
				if !near && !slices.Contains(got, want) {
					t.Fatalf("bit %d of byte %d flipped: lost %q", bit, i, want)
				}
			}
		}
	}
}

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
		if m, ok := ParseLine([]byte(line)); !ok || m.Role != "" || m.Text != "" {
			t.Errorf("%s: %+v, %v", line, m, ok)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(fixture), uint8(3))
	f.Add([]byte("\x00\x00"), uint8(0))
	f.Add([]byte(`{"kind":"session","version":2}`), uint8(1))
	f.Add([]byte("{\"kind\":\"message\"\n}\n\r\n"), uint8(7))
	f.Fuzz(func(t *testing.T, data []byte, where uint8) {
		before := bytes.Clone(data)
		p := parseFile(data)
		if !bytes.Equal(before, data) {
			t.Fatal("the bytes were changed")
		}
		if p.torn > int64(len(data)) || p.torn >= 0 && parseFile(data[:p.torn]).torn >= 0 {
			t.Fatalf("torn at %d of %d, and still once mended", p.torn, len(data))
		}
		p.session(Entry{}).History()
		survive(t, data, int(where))
	})
}

// survive puts whatever bytes between the records of a session: none is lost.
func survive(t *testing.T, garbage []byte, where int) {
	lines := bytes.SplitAfter([]byte(fixture), []byte("\n"))
	where %= len(lines)
	data := bytes.Join(lines[:where], nil)
	data = append(append(data, garbage...), '\n')
	data = append(data, bytes.Join(lines[where:], nil)...)
	got := parseFile(data)
	if got.header.Kind == "" {
		t.Fatal("lost the header")
	}
	i := 0
	for _, want := range said(parseFile([]byte(fixture)))[1:] {
		all := said(got)[1:]
		for i < len(all) && all[i] != want {
			i++
		}
		if i == len(all) {
			t.Fatalf("lost %q", want)
		}
		i++
	}
}

func FuzzParseJournal(f *testing.F) {
	f.Add([]byte(`{"kind":"part","pid":1,"time":"2026-11-21T23:45:12Z","at":3}` + "\n" + `{"text":"a","answer":{"state":"complete"}}` + "\n"))
	f.Add([]byte(`{"kind":"part","pid":1,"time":"2026-11-21T23:45:12Z","file":"x","turn":"t1"}` + "\n" + `{"tool_calls":[{"index":-1}],"usage":null}` + "\n"))
	f.Add([]byte(`{"text":"a"}` + "\n" + `{"kind":"part"`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p := journalOf(data)
		if p.answer.Role != chat.Assistant {
			t.Fatalf("role %q", p.answer.Role)
		}
		_, _, err := p.unsaved(sectionOf([]byte(fixture)))
		must(t, err)
	})
}

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
