package session

import (
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
)

// summaryOf says what Summary is to say, by the long way.
func summaryOf(s *Session) Summary {
	sum := Summary{
		Entry: Entry{s.ID, s.Path}, Title: s.Title, Time: s.Time, Turns: s.Turns(), Damaged: s.Damaged, ForkOf: s.ForkOf,
	}
	asked, profile, open := "", "", false
	for _, m := range s.Messages {
		switch m.Role {
		case chat.User:
			asked, profile, open = m.Model, m.Profile, true
		case chat.Assistant:
			sum.Model, sum.Profile, sum.Incomplete, open = m.Model, m.Profile, m.State == chat.Incomplete, false
		}
	}
	if sum.Model == "" {
		sum.Model = asked
	}
	sum.Profile = cmp.Or(sum.Profile, profile)
	sum.Incomplete = sum.Incomplete || open
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

func randomLine(r *rand.Rand) any {
	pick := func() string { return odd[r.IntN(len(odd))] }
	m := Message{Time: start.Add(time.Duration(r.IntN(1e9))), Message: chat.Message{Text: pick()}}
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
		m.Role = Error
	case 7:
		return map[string]any{"kind": []string{kindTitle, "new"}[r.IntN(2)], "text": pick()}
	}
	return lineOf(m)
}

func TestSummaryIsWhatLoadSays(t *testing.T) {
	st := newStore(t, Options{})
	e := Entry{"k3f9q2ab", filepath.Join(st.dir, "2026-11", "x_k3f9q2ab.jsonl")}
	for seed := range uint64(120) {
		r := rand.New(rand.NewPCG(seed, 1))
		var lines []any
		if seed%10 > 0 {
			lines = append(lines, headerLine{kindSession, 1, e.ID, start, nil})
		}
		for range r.IntN(12) {
			lines = append(lines, randomLine(r))
		}
		data, err := encode(lines...)
		must(t, err)
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
	st := newStore(t, Options{})
	e := Entry{"k3f9q2ab", filepath.Join(st.dir, "2026-11", "x_k3f9q2ab.jsonl")}
	for i := range len(fixture) {
		write(t, e.Path, fixture[:i]+long(i%3, "\x00"))
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
