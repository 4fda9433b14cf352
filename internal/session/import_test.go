package session

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"oax/internal/chat"
	"oax/internal/session/record"
)

// foreign is a chat from elsewhere of prompts and answers, in turn, begun at start.
func foreign(id string, texts ...string) Import {
	c := Import{Source: "llm", ID: id, Title: "A title", Time: start}
	for i, text := range texts {
		m := record.Message{Message: answer(text), Time: start.Add(time.Duration(i) * time.Minute)}
		if i%2 == 0 {
			m.Message = chat.Message{Role: chat.User, Text: text}
		}
		c.Messages = append(c.Messages, m)
	}
	return c
}

// bring adds chats with an Importer of their own and returns what became of them.
func bring(t *testing.T, st *Store, chats ...Import) (entries []Entry, outcomes []Outcome) {
	t.Helper()
	im, err := st.Importer()
	must(t, err)
	for _, c := range chats {
		e, outcome, err := im.Add(c)
		must(t, err)
		entries, outcomes = append(entries, e), append(outcomes, outcome)
	}
	must(t, im.Flush())
	return entries, outcomes
}

func wantOutcomes(t *testing.T, got []Outcome, want ...Outcome) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestImport(t *testing.T) {
	st := newStore(t, Options{})
	later := foreign("b", "hi", "ho")
	later.Time = start.Add(time.Hour)
	entries, outcomes := bring(t, st, later, foreign("a", "question", "answer"))
	wantOutcomes(t, outcomes, Added, Added)
	if got := newest(t, st); !slices.Equal(got, []string{entries[0].ID, entries[1].ID}) {
		t.Errorf("in the order %v", got)
	}
	s := load(t, st, entries[1])
	if got := strings.Join(texts(s), "|"); got != "user: question|assistant: answer" || s.Title != "A title" || len(s.Notes) > 0 {
		t.Errorf("%s, %q, %v", got, s.Title, s.Notes)
	}
	if !s.Time.Equal(start) || !s.Messages[1].Time.Equal(start.Add(time.Minute)) {
		t.Errorf("begun %v, answered %v", s.Time, s.Messages[1].Time)
	}
	if name := filepath.Base(s.Path); name != "2026-11-21_23-45-12_"+s.ID+".jsonl" {
		t.Error(name)
	}
	summary, err := st.Summary(entries[1])
	must(t, err)
	if summary.Title != "A title" || summary.Turns != 1 || summary.Incomplete || summary.Damaged || summary.Model != "m1-2026" {
		t.Errorf("%+v", summary)
	}
	info, err := os.Stat(s.Path)
	must(t, err)
	if info.Mode() != 0o600 || len(journals(t, st)) > 0 {
		t.Errorf("%v, left %v", info.Mode(), journals(t, st))
	}
}

// filesOf returns what is in the store, by path.
func filesOf(t *testing.T, st *Store) map[string]string {
	t.Helper()
	all := map[string]string{}
	must(t, filepath.WalkDir(st.dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Name() == "cache" {
			return filepath.SkipDir
		}
		if err == nil && !d.IsDir() {
			all[path] = read(t, path)
		}
		return err
	}))
	return all
}

func TestImportTwice(t *testing.T) {
	st := newStore(t, Options{})
	first := foreign("a", "1", "2", "3", "4")
	entries, _ := bring(t, st, first)
	before := filesOf(t, st)

	again := foreign("a", "1", "2", "3", "4")
	again.Time, again.Title = start.AddDate(0, 3, 0), "Renamed there" // says nothing new
	_, outcomes := bring(t, st, again, first)
	wantOutcomes(t, outcomes, Present, Present)
	// In an older export there is less of it.
	_, outcomes = bring(t, st, foreign("a", "1", "2"))
	wantOutcomes(t, outcomes, Present)
	if !maps.Equal(before, filesOf(t, st)) {
		t.Error("something changed")
	}

	// It goes on here: that is no reason to bring it in again.
	w, err := st.Continue(entries[0], user("5"))
	must(t, err)
	must(t, w.Finish(answer("6")))
	must(t, w.Close())
	_, outcomes = bring(t, st, first)
	wantOutcomes(t, outcomes, Present)

	// A copy of a session that is here says nothing new.
	own := save(t, st, "question", "answer")
	_, outcomes = bring(t, st, foreign(own.ID, "question", "answer"))
	wantOutcomes(t, outcomes, Present)
}

func TestImportGrown(t *testing.T) {
	st := newStore(t, Options{})
	entries, outcomes := bring(t, st, foreign("a", "1", "2"), foreign("a", "1", "2", "3", "4"))
	wantOutcomes(t, outcomes, Added, Grown)
	grown := load(t, st, entries[0])
	if got := strings.Join(texts(grown), "|"); got != "user: 1|assistant: 2|user: 3|assistant: 4" || entries[1] != entries[0] {
		t.Errorf("%s in %v", got, entries)
	}
	_, outcomes = bring(t, st, foreign("a", "1", "2", "3", "4"))
	wantOutcomes(t, outcomes, Present)
	if len(newest(t, st)) != 1 || len(journals(t, st)) > 0 {
		t.Errorf("%v, left %v", newest(t, st), journals(t, st))
	}
}

func TestImportForked(t *testing.T) {
	st := newStore(t, Options{})
	entries, _ := bring(t, st, foreign("a", "1", "2"))
	w, err := st.Continue(entries[0], user("here"))
	must(t, err)
	must(t, w.Finish(answer("yes")))
	must(t, w.Close())

	there := foreign("a", "1", "2", "there", "yes")
	forks, outcomes := bring(t, st, there, there)
	wantOutcomes(t, outcomes, Forked, Present)
	fork := load(t, st, forks[0])
	if fork.ForkOf == nil || *fork.ForkOf != (record.Fork{ID: entries[0].ID, Turn: 1}) || len(fork.Messages) != 4 {
		t.Errorf("%+v: %v", fork.ForkOf, texts(fork))
	}
	forks, outcomes = bring(t, st, foreign("c", "1", "2", "3", "4"), foreign("c", "1", "2", "3", "another"))
	wantOutcomes(t, outcomes, Added, Forked)
	if fork := load(t, st, forks[1]); *fork.ForkOf != (record.Fork{ID: forks[0].ID, Turn: 1}) {
		t.Errorf("an answer that differs: %+v", fork.ForkOf)
	}
	_, outcomes = bring(t, st, foreign("a", "1", "2", "there", "yes", "5", "6"), foreign("a", "another", "of this name"))
	wantOutcomes(t, outcomes, Grown, Added)
	if len(newest(t, st)) != 5 {
		t.Error(newest(t, st))
	}
	// A session of the same ID that was not brought in stands in the way of none.
	write(t, filepath.Join(st.dir, "2020-01", "2020-01-01_00-00-00_"+record.ImportID("llm", "b", 0)+".jsonl"), "")
	_, outcomes = bring(t, st, foreign("b", "1", "2"), foreign("b", "1", "2"))
	wantOutcomes(t, outcomes, Added, Present)
}

func TestImportDryRun(t *testing.T) {
	st := newStore(t, Options{})
	im, err := st.Importer()
	must(t, err)
	im.DryRun = true
	for i, want := range []Outcome{Added, Present} {
		if _, outcome, err := im.Add(foreign("a", "1", "2")); outcome != want || err != nil {
			t.Errorf("%d: %v %v", i, outcome, err)
		}
	}
	must(t, im.Flush())
	if _, err := os.Stat(st.dir); err == nil {
		t.Error("there is a store now")
	}
}

// An import that dies before Flush leaves no session, not even half of one.
func TestImportKilled(t *testing.T) {
	st := newStore(t, Options{})
	im, err := st.Importer()
	must(t, err)
	_, _, err = im.Add(foreign("a", "1", "2"))
	must(t, err)
	if ids := newest(t, st); ids != nil || len(filesOf(t, st)) != 1 {
		t.Errorf("%v in %v", ids, filesOf(t, st))
	}
	_, outcomes := bring(t, st, foreign("a", "1", "2"))
	wantOutcomes(t, outcomes, Added)

	// The first was only slow: it takes nothing away from the other.
	must(t, im.Flush())
	if len(newest(t, st)) != 1 || len(filesOf(t, st)) != 1 {
		t.Errorf("%v", filesOf(t, st))
	}
}

func TestImportOpenSession(t *testing.T) {
	st := newStore(t, Options{})
	entries, _ := bring(t, st, foreign("a", "1", "2"))
	w, err := st.Continue(entries[0], user("here"))
	must(t, err)
	defer w.Close()
	_, outcomes := bring(t, st, foreign("a", "1", "2", "there", "yes"))
	wantOutcomes(t, outcomes, Forked)
}
