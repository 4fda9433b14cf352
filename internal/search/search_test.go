package search

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"oax/internal/chat"
	"oax/internal/session"
	"oax/internal/session/disk"
	"oax/internal/session/record"

	gocmp "github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var start = time.Date(2026, 11, 21, 23, 45, 12, 0, time.UTC)

// store is a store of a test. Its clock goes a minute on at each look.
type store struct {
	*session.Store
	dir string
}

func newStore(t testing.TB) *store {
	t.Helper()
	dir, now := filepath.Join(t.TempDir(), "sessions"), start
	return &store{session.New(session.Options{Dir: dir, Now: func() time.Time { now = now.Add(time.Minute); return now }}), dir}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// save makes a session of prompts and answers, in turn.
func save(t testing.TB, st *store, texts ...string) session.Entry {
	t.Helper()
	w, err := st.Create(record.Message{Message: chat.Message{Role: chat.User, Text: texts[0]}})
	must(t, err)
	e := session.Entry{ID: w.ID(), Path: w.Path()}
	for i := 0; ; i += 2 {
		must(t, w.Finish(chat.Message{Role: chat.Assistant, Text: texts[i+1], State: chat.Complete}))
		if i+2 >= len(texts) {
			return e
		}
		w, err = st.Continue(e, record.Message{Message: chat.Message{Role: chat.User, Text: texts[i+2]}})
		must(t, err)
	}
}

// write makes a session file.
func (st *store) write(t testing.TB, at time.Time, id, text string) session.Entry {
	t.Helper()
	e := session.Entry{ID: id, Path: filepath.Join(st.dir, at.Format("2006-01"), at.Format("2006-01-02_15-04-05_")+id+".jsonl")}
	must(t, os.MkdirAll(filepath.Dir(e.Path), 0o700))
	must(t, os.WriteFile(e.Path, []byte(text), 0o600))
	return e
}

// hitsOf searches the sessions of a store and returns what is found, a line each.
func hitsOf(t testing.TB, st *store, q Query) (lines []string) {
	t.Helper()
	for f, err := range Sessions(context.Background(), st.List(session.Filter{}), q) {
		must(t, err)
		for _, h := range f.Hits {
			lines = append(lines, fmt.Sprintf("%s %d %s %s[%s]", f.ID, h.Turn, h.Role, h.Line, h.Line[h.Start:h.End]))
		}
		for _, note := range f.Notes {
			lines = append(lines, f.ID+": "+note)
		}
	}
	return lines
}

func pattern(expression string) *regexp.Regexp { return regexp.MustCompile(expression) }

// talk is a session with everything in it that can be found, or must not be.
const talk = `{"kind":"session","version":1,"id":"k3f9q2ab","time":"2026-11-21T23:45:12Z"}
{"kind":"message","time":"2026-11-21T23:45:12Z","role":"system","text":"be kind to needle"}
{"kind":"title","time":"2026-11-21T23:45:12Z","text":"an old needle"}
{"kind":"message","time":"2026-11-21T23:45:12Z","role":"user","text":"where?\na \"needle\"\tin\\here","model":"needle"}
{"kind":"message","time":"2026-11-21T23:45:12Z","role":"assistant","text":"no\nneedle, Needle\n","reasoning":"which needle","model":"m","usage":{"needle":1},"state":"complete"}
{"kind":"message","time":"2026-11-21T23:45:12Z","role":"assistant","text":"","refusal":"no needle for you","model":"m","finish_reason":"stop","state":"complete"}
{ "role":"user", "text":"foreign n\u0065edle", "kind":"message" }
{"kind":"error","time":"2026-11-21T23:45:12Z","why":"needle","text":"needle refused"}
{"kind":"message","time":"2026-11-21T23:45:12Z","role":"assi
{"kind":"message","needle
{"kind":"needle","text":"needle"}
{"kind":"title","time":"2026-11-21T23:45:12Z","text":"the needle"}
{"kind":"message","time":"2026-11-21T23:45:12Z","role":"user","text":"needle whole without its newline"}`

func TestSearch(t *testing.T) {
	st := newStore(t)
	e := st.write(t, start, "k3f9q2ab", talk)
	damaged := "k3f9q2ab: record 10 is damaged (kept as is)"
	bothDamaged := "k3f9q2ab: 2 records are damaged (kept as is), the first is record 9"
	for _, c := range []struct {
		name string
		q    Query
		want []string
	}{
		{"text, refusals and the title", Query{Pattern: pattern("needle")}, []string{
			"k3f9q2ab 0 system be kind to needle[needle]",
			"k3f9q2ab 1 user a \"needle\"\tin\\here[needle]",
			"k3f9q2ab 1 assistant needle, Needle[needle]",
			"k3f9q2ab 1 assistant no needle for you[needle]",
			"k3f9q2ab 2 user foreign needle[needle]",
			"k3f9q2ab 3 user needle whole without its newline[needle]",
			"k3f9q2ab 0 title the needle[needle]",
			damaged,
		}},
		{"whatever the case", Query{Pattern: pattern("(?i)NEEDLE, n")}, []string{
			"k3f9q2ab 1 assistant needle, Needle[needle, N]",
		}},
		{"a role", Query{Pattern: pattern("needle"), Roles: []chat.Role{chat.Assistant}}, []string{
			"k3f9q2ab 1 assistant needle, Needle[needle]", "k3f9q2ab 1 assistant no needle for you[needle]", damaged,
		}},
		{"what is not text otherwise", Query{Pattern: pattern("needle"), Roles: []chat.Role{Reasoning, record.Error}}, []string{
			"k3f9q2ab 1 reasoning which needle[needle]", "k3f9q2ab 2 error needle refused[needle]", damaged,
		}},
		{"so many", Query{Pattern: pattern("needle"), Max: 2}, []string{
			"k3f9q2ab 0 system be kind to needle[needle]", "k3f9q2ab 1 user a \"needle\"\tin\\here[needle]",
		}},
		{"with quotes", Query{Pattern: pattern(`"needle"\s`)}, []string{
			"k3f9q2ab 1 user a \"needle\"\tin\\here[\"needle\"\t]", damaged,
		}},
		{"line by line", Query{Pattern: pattern(`^where\?$`)}, []string{"k3f9q2ab 1 user where?[where?]"}},
		{"not over lines", Query{Pattern: pattern(`(?s)where.*needle`)}, []string{damaged}},
		{"no line behind the last newline", Query{Pattern: pattern(`^$`), Roles: []chat.Role{chat.Assistant}}, []string{bothDamaged}},
		{"keys and values of JSON", Query{Pattern: pattern(`kind"|version|usage|complete|\\n|\\"`)}, []string{bothDamaged}},
	} {
		if diff := gocmp.Diff(c.want, hitsOf(t, st, c.q)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	if got, err := os.ReadFile(e.Path); err != nil || string(got) != talk {
		t.Error("the file was changed", err)
	}
}

// spread makes so many sessions, some time apart, and returns them newest first.
func spread(t *testing.T, st *store, n int, apart time.Duration) []session.Entry {
	t.Helper()
	var all []session.Entry
	for i := range n {
		at := start.Add(-time.Duration(i) * apart)
		id, began := fmt.Sprintf("a%07d", i), at.Format(time.RFC3339)
		all = append(all, st.write(t, at, id, fmt.Sprintf(`{"kind":"session","version":1,"id":"%s","time":"%s"}
{"kind":"message","time":"%s","role":"user","text":"number %d"}
`, id, began, began, i)))
	}
	return all
}

func idsOf(t *testing.T, st *store, q Query) (ids []string) {
	t.Helper()
	for f, err := range Sessions(context.Background(), st.List(session.Filter{}), q) {
		must(t, err)
		ids = append(ids, f.ID)
	}
	return ids
}

func TestSearchInOrder(t *testing.T) {
	st := newStore(t)
	all := spread(t, st, 400, 5*time.Hour) // of four months
	var ids []string
	for _, e := range all {
		ids = append(ids, e.ID)
	}
	if got := idsOf(t, st, Query{Pattern: pattern("number")}); !slices.Equal(got, ids) {
		t.Errorf("%d sessions of %d, or in another order", len(got), len(ids))
	}
	n := 0
	for range Sessions(context.Background(), st.List(session.Filter{}), Query{Pattern: pattern("number")}) {
		if n++; n == 3 {
			break
		}
	}
}

func TestSearchSaysWhatItCannotRead(t *testing.T) {
	st := newStore(t)
	all := spread(t, st, 3, time.Hour)
	must(t, os.Remove(all[1].Path))
	must(t, os.Symlink(all[0].Path, all[1].Path))
	must(t, os.WriteFile(filepath.Join(st.dir, "2026-01"), nil, 0o600))
	found, failed := 0, []error{}
	for _, err := range Sessions(context.Background(), st.List(session.Filter{}), Query{Pattern: pattern("number")}) {
		if err != nil {
			failed = append(failed, err)
		} else {
			found++
		}
	}
	var link *disk.FileError
	if found != 2 || len(failed) != 2 || !errors.As(failed[0], &link) {
		t.Errorf("found %d, failed %v", found, failed)
	}
}

func TestSearchStops(t *testing.T) {
	st := newStore(t)
	spread(t, st, 300, time.Minute)
	gone := errors.New("gone")
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	n, last := 0, error(nil)
	for _, err := range Sessions(ctx, st.List(session.Filter{}), Query{Pattern: pattern("number")}) {
		if n++; n == 2 {
			cancel(gone)
		}
		last = err
	}
	if n > batchSize+1 || last != gone {
		t.Errorf("%d found, then %v", n, last)
	}
}

func TestSearchOfNothing(t *testing.T) {
	st := newStore(t)
	if got := hitsOf(t, st, Query{Pattern: pattern("")}); got != nil {
		t.Error(got)
	}
}

func TestSearchOfALongAnswer(t *testing.T) {
	st := newStore(t)
	hay, longLine := strings.Repeat("hay stack\n", 40_000), strings.Repeat("hay", 40_000)
	e := save(t, st, "q", hay+"a needle\n"+longLine+"\n"+longLine+"needle\n"+strings.Repeat("\x01", 1000))
	for _, expression := range []string{"needle", "(?i)NEEDLE", "nee(dle)", "needle|sofa", "n[e]*dle\\b"} {
		got := hitsOf(t, st, Query{Pattern: pattern(expression)})
		want := []string{e.ID + " 1 assistant a needle[needle]", e.ID + " 1 assistant " + longLine + "needle[needle]"}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %d hits, %.100q", expression, len(got), got)
		}
	}
}

// A word in escapes counts also where the plain word comes later.
func TestSearchOfEscapesFirst(t *testing.T) {
	st := newStore(t)
	line := func(text string) string {
		return `{"kind":"message","time":"2026-11-21T23:45:12Z","role":"user","text":"` + text + `"}` + "\n"
	}
	st.write(t, start, "k3f9q2ab", line("hay")+line(`n\u0065edle`)+line("needle"))
	want := []string{"k3f9q2ab 2 user needle[needle]", "k3f9q2ab 3 user needle[needle]"}
	if got := hitsOf(t, st, Query{Pattern: pattern("needle")}); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// A session that fills a buffer to the byte, with the end of a record, goes on.
func TestSearchBeyondTheBuffer(t *testing.T) {
	st := newStore(t)
	last := `{"kind":"message","time":"2026-11-21T23:45:12Z","role":"user","text":"needle"}` + "\n"
	for _, size := range []int{64 << 10, 128 << 10, 100_000} {
		st.write(t, start, "k3f9q2ab", strings.Repeat(" ", size-1)+"\n"+last)
		if got := hitsOf(t, st, Query{Pattern: pattern("needle")}); len(got) != 1 {
			t.Errorf("%d: %q", size, got)
		}
	}
}

// What a search costs grows with the text, however many lines of it match and
// wherever the next one is.
// One search of eight times the text takes about as long as eight searches; quadratic work
// would take eight times as long.
func TestSearchIsLinear(t *testing.T) {
	for _, expression := range []string{"(?i)light", "zebra|quiz|LIGHT", "L.*SUN"} {
		least := func(searches, n int) time.Duration {
			st := newStore(t)
			save(t, st, "q", strings.Repeat("LIGHT OF THE SUN\n", n))
			least := time.Hour
			for range 3 {
				begun := time.Now()
				for range searches {
					if got := hitsOf(t, st, Query{Pattern: pattern(expression)}); len(got) != n {
						t.Errorf("%s: %d hits", expression, len(got))
					}
				}
				least = min(least, time.Since(begun))
			}
			return least
		}
		var eight, one time.Duration
		for range 5 { // another process can take the time of one attempt
			if eight, one = least(8, 3_000), least(1, 24_000); one <= 4*eight {
				break
			}
		}
		if one > 4*eight {
			t.Errorf("%s: eight searches %v, and one of eight times the text %v", expression, eight, one)
		}
	}
}

func TestSearchWords(t *testing.T) {
	st := newStore(t)
	first := save(t, st, "Why is the sky blue?", "Because of \"Rayleigh\" scattering\nof light")
	second := save(t, st, "and at night?", "no light", "そして朝は", "赤い SKY")
	for _, c := range []struct {
		words []string
		most  int
		want  []session.Entry
	}{
		{nil, 0, []session.Entry{second, first}},
		{nil, 1, []session.Entry{second}},
		{[]string{"sky", "LIGHT"}, 0, []session.Entry{second, first}},
		{[]string{"sky", "light"}, 1, []session.Entry{second}},
		{[]string{"night"}, 0, []session.Entry{second}},
		{[]string{`"rayleigh"`}, 0, []session.Entry{first}},
		{[]string{"朝は"}, 5, []session.Entry{second}},
		{[]string{"complete"}, 0, nil},
		{[]string{"sky", "\xff"}, 0, nil},
		{[]string{"night", "blue"}, 0, nil},
	} {
		var got []session.Entry
		for e, err := range Words(context.Background(), st.List(session.Filter{}), c.words, c.most) {
			must(t, err)
			got = append(got, e)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: got %v, want %v", c.words, got, c.want)
		}
	}
}

func TestSearchWordsStops(t *testing.T) {
	st := newStore(t)
	save(t, st, "q", "a")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	n := 0
	for _, err := range Words(ctx, st.List(session.Filter{}), []string{"a"}, 0) {
		if err != context.Canceled {
			t.Error(err)
		}
		n++
	}
	if n != 1 {
		t.Errorf("%d yields", n)
	}
}
