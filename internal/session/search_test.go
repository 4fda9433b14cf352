package session

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

	gocmp "github.com/google/go-cmp/cmp"
)

// hitsOf searches the sessions of a store and returns what is found, a line each.
func hitsOf(t testing.TB, st *Store, q Query) (lines []string) {
	t.Helper()
	for f, err := range st.Search(context.Background(), q) {
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
	st := newStore(t, Options{})
	write(t, filepath.Join(st.dir, "2026-11", "2026-11-21_23-45-12_k3f9q2ab.jsonl"), talk)
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
		{"what is not text otherwise", Query{Pattern: pattern("needle"), Roles: []chat.Role{Reasoning, Error}}, []string{
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
	if got := read(t, filepath.Join(st.dir, "2026-11", "2026-11-21_23-45-12_k3f9q2ab.jsonl")); got != talk {
		t.Error("the file was changed")
	}
}

// spread makes so many sessions, some time apart, and returns them newest first.
func spread(t *testing.T, st *Store, n int, apart time.Duration) []Entry {
	t.Helper()
	var all []Entry
	for i := range n {
		at := start.Add(-time.Duration(i) * apart)
		e := Entry{ID: fmt.Sprintf("a%07d", i)}
		e.Path = filepath.Join(st.dir, monthOf(at), fileStem(at, e.ID)+fileExtension)
		data, err := encodeMessages(at, []record{headerRecord(e.ID, at, nil)}, user(fmt.Sprint("number ", i)))
		must(t, err)
		write(t, e.Path, string(data))
		all = append(all, e)
	}
	return all
}

func idsOf(t *testing.T, st *Store, q Query) (ids []string) {
	t.Helper()
	for f, err := range st.Search(context.Background(), q) {
		must(t, err)
		ids = append(ids, f.ID)
	}
	return ids
}

func TestSearchInOrder(t *testing.T) {
	st := newStore(t, Options{})
	all := spread(t, st, 400, 5*time.Hour) // of four months
	var ids []string
	for _, e := range all {
		ids = append(ids, e.ID)
	}
	if got := idsOf(t, st, Query{Pattern: pattern("number")}); !slices.Equal(got, ids) {
		t.Errorf("%d sessions of %d, or in another order", len(got), len(ids))
	}
	some := []Entry{all[7], all[3], all[390]}
	if got := idsOf(t, st, Query{Pattern: pattern("number"), Entries: some}); !slices.Equal(got, []string{ids[7], ids[3], ids[390]}) {
		t.Errorf("of some: %v", got)
	}
	n := 0
	for range st.Search(context.Background(), Query{Pattern: pattern("number")}) {
		if n++; n == 3 {
			break
		}
	}
}

// The time of a session is in its name, or in the file if an earlier oax named it by
// another pattern.
func TestSearchWithinTime(t *testing.T) {
	st := newStore(t, Options{})
	for i, e := range spread(t, st, 130, 12*time.Hour) {
		if i%3 == 0 {
			must(t, os.Rename(e.Path, filepath.Join(filepath.Dir(e.Path), "chat 7_"+e.ID+fileExtension)))
		}
	}
	for _, c := range []struct {
		since, until time.Duration // before the newest
		first, last  int
	}{
		{24 * time.Hour, 0, 0, 2},
		{1200 * time.Hour, 1176 * time.Hour, 99, 100},
		{1200*time.Hour - time.Nanosecond, 1176 * time.Hour, 99, 100},
		{1200*time.Hour - time.Second, 1176 * time.Hour, 99, 99},
	} {
		q := Query{Pattern: pattern("number"), Since: start.Add(-c.since), Until: start.Add(-c.until)}
		if c.until == 0 {
			q.Until = time.Time{}
		}
		want := map[string]bool{}
		for i := c.first; i <= c.last; i++ {
			want[fmt.Sprintf("a%07d", i)] = true
		}
		got := map[string]bool{}
		for _, id := range idsOf(t, st, q) {
			got[id] = true
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%v to %v: %s", c.since, c.until, diff)
		}
	}
}

func TestSearchSaysWhatItCannotRead(t *testing.T) {
	st := newStore(t, Options{})
	all := spread(t, st, 3, time.Hour)
	must(t, os.Remove(all[1].Path))
	must(t, os.Symlink(all[0].Path, all[1].Path))
	must(t, os.WriteFile(filepath.Join(st.dir, "2026-01"), nil, 0o600))
	found, failed := 0, []error{}
	for _, err := range st.Search(context.Background(), Query{Pattern: pattern("number")}) {
		if err != nil {
			failed = append(failed, err)
		} else {
			found++
		}
	}
	var link *FileError
	if found != 2 || len(failed) != 2 || !errors.As(failed[0], &link) {
		t.Errorf("found %d, failed %v", found, failed)
	}
}

func TestSearchStops(t *testing.T) {
	st := newStore(t, Options{})
	spread(t, st, 300, time.Minute)
	gone := errors.New("gone")
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	n, last := 0, error(nil)
	for _, err := range st.Search(ctx, Query{Pattern: pattern("number")}) {
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
	st := newStore(t, Options{})
	if got := hitsOf(t, st, Query{Pattern: pattern("")}); got != nil {
		t.Error(got)
	}
	if got := hitsOf(t, st, Query{Pattern: pattern(""), Entries: []Entry{}}); got != nil {
		t.Error(got)
	}
}

func TestSearchOfALongAnswer(t *testing.T) {
	st := newStore(t, Options{Now: clock()})
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
	st := newStore(t, Options{})
	line := func(text string) string {
		return `{"kind":"message","time":"2026-11-21T23:45:12Z","role":"user","text":"` + text + `"}` + "\n"
	}
	at := filepath.Join(st.dir, "2026-11", "2026-11-21_23-45-12_k3f9q2ab.jsonl")
	write(t, at, line("hay")+line(`n\u0065edle`)+line("needle"))
	want := []string{"k3f9q2ab 2 user needle[needle]", "k3f9q2ab 3 user needle[needle]"}
	if got := hitsOf(t, st, Query{Pattern: pattern("needle")}); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// A session that fills a buffer to the byte, with the end of a record, goes on.
func TestSearchBeyondTheBuffer(t *testing.T) {
	st := newStore(t, Options{})
	at := filepath.Join(st.dir, "2026-11", "2026-11-21_23-45-12_k3f9q2ab.jsonl")
	last := `{"kind":"message","time":"2026-11-21T23:45:12Z","role":"user","text":"needle"}` + "\n"
	for _, size := range []int{64 << 10, 128 << 10, 100_000} {
		write(t, at, strings.Repeat(" ", size-1)+"\n"+last)
		if got := hitsOf(t, st, Query{Pattern: pattern("needle")}); len(got) != 1 {
			t.Errorf("%d: %q", size, got)
		}
	}
}

// What a search costs grows with the text, however many lines of it match and
// wherever the next one is.
// Eight times the text takes about eight times as long; quadratic work would take 64 times.
func TestSearchIsLinear(t *testing.T) {
	for _, expression := range []string{"(?i)light", "zebra|quiz|LIGHT", "L.*SUN"} {
		least := func(n int) time.Duration {
			st := newStore(t, Options{Now: clock()})
			save(t, st, "q", strings.Repeat("LIGHT OF THE SUN\n", n))
			least := time.Hour
			for range 3 {
				begun := time.Now()
				if got := hitsOf(t, st, Query{Pattern: pattern(expression)}); len(got) != n {
					t.Errorf("%s: %d hits", expression, len(got))
				}
				least = min(least, time.Since(begun))
			}
			return least
		}
		if one, eight := least(12_500), least(100_000); eight > 32*one {
			t.Errorf("%s: %v, and %v for eight times the text", expression, one, eight)
		}
	}
}

func TestSearchWords(t *testing.T) {
	st := newStore(t, Options{Now: clock()})
	first := save(t, st, "Why is the sky blue?", "Because of \"Rayleigh\" scattering\nof light")
	second := save(t, st, "and at night?", "no light", "そして朝は", "赤い SKY")
	for _, c := range []struct {
		words []string
		most  int
		want  []Entry
	}{
		{nil, 0, []Entry{second, first}},
		{nil, 1, []Entry{second}},
		{[]string{"sky", "LIGHT"}, 0, []Entry{second, first}},
		{[]string{"sky", "light"}, 1, []Entry{second}},
		{[]string{"night"}, 0, []Entry{second}},
		{[]string{`"rayleigh"`}, 0, []Entry{first}},
		{[]string{"朝は"}, 5, []Entry{second}},
		{[]string{"complete"}, 0, nil},
		{[]string{"sky", "\xff"}, 0, nil},
		{[]string{"night", "blue"}, 0, nil},
	} {
		var got []Entry
		for e, err := range st.SearchWords(context.Background(), c.words, c.most) {
			must(t, err)
			got = append(got, e)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: got %v, want %v", c.words, got, c.want)
		}
	}
}

func TestSearchWordsStops(t *testing.T) {
	st := newStore(t, Options{Now: clock()})
	save(t, st, "q", "a")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	n := 0
	for _, err := range st.SearchWords(ctx, []string{"a"}, 0) {
		if err != context.Canceled {
			t.Error(err)
		}
		n++
	}
	if n != 1 {
		t.Errorf("%d yields", n)
	}
}
