package pick

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"oax/internal/chat"
	"oax/internal/pick/finder"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/session/record"
)

func TestLabel(t *testing.T) {
	now := time.Date(2026, 11, 21, 23, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		title, opening string
		open           bool
		want           string
	}{
		{"How?", "How?", false, "  2h How?"},
		{"How?", "How?", true, "● 2h How?"},
		{"How does it…", "How does it\nwork?", false, "  2h How does it work?"},
		{"A heading", "## A heading\n\nand more", false, "  2h A heading and more"},
		{"## A heading", "## A heading\n\nand more", false, "  2h A heading and more"},
		{"set", "How does it\nwork?", false, "  2h set  How does it work?"},
		{"a\x1b[31m\nb", "x", false, "  2h a^[[31m b  x"},
		{"", "", false, "  2h "},
		{"並行", "並行処理と並列処理の違いを教えてください。並行処理と並列処理の違いを教えてください。", false,
			"  2h 並行処理と並列処理の違いを教えてください。並行処理と並列処理の…"},
	} {
		g := session.Preview{Title: c.title, Opening: c.opening, Used: now.Add(-2 * time.Hour)}
		if got := label(g, c.open, now); got != c.want {
			t.Errorf("label of %q, %q: %q, want %q", c.title, c.opening, got, c.want)
		}
	}
}

// Items whose line has the words come first; otherwise the order stays.
func TestMatchingFirst(t *testing.T) {
	items := []finder.Item{{ID: "1", Label: "other"}, {ID: "2", Label: "Go and Rust"}, {ID: "3", Label: "rust"}, {ID: "4", Label: "RUST, then go"}}
	order := ""
	for _, item := range matchingFirst(items, "go rust") {
		order += item.ID
	}
	if order != "2413" {
		t.Errorf("the order is %s", order)
	}
}

// A query offers the sessions whose text has all its words, or else the newest, with the
// query typed already.
func TestOffer(t *testing.T) {
	m := remember(t, "", "alpha beta", "beta", "beta gamma")
	for _, c := range []struct{ query, want, sought, typed string }{
		{"", "210", "", ""},
		{" \t", "210", "", " \t"},
		{"beta answer", "210", "beta answer", ""},
		{"BETA alpha", "0", "BETA alpha", ""},
		{"delta", "210", "", "delta"},
	} {
		o, err := m.offer(context.Background(), c.query)
		var offered []string
		for _, item := range o.Items {
			offered = append(offered, entryOf(item.ID).ID)
		}
		if got := ids(m, offered); err != nil || got != c.want || o.Sought != c.sought || o.Query != c.typed {
			t.Errorf("%q: %s, sought %q, typed %q, %v", c.query, got, o.Sought, o.Query, err)
		}
	}
}

// The session used last is offered first, however old it is.
func TestOfferBeginsWithTheSessionUsedLast(t *testing.T) {
	m := remember(t, "", "one", "two", "three")
	oldest, err := m.Store.Find(m.ids[0])
	if err != nil {
		t.Fatal(err)
	}
	later := session.New(session.Options{Dir: filepath.Join(m.dir, "sessions"), Now: func() time.Time { return m.Now().Add(time.Minute) }})
	w, err := later.Continue(oldest, record.Message{Message: chat.Message{Role: chat.User, Text: "again"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Finish(chat.Message{Role: chat.Assistant, Text: "yes", State: chat.Complete}); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"", "answer"} {
		o, err := m.offer(context.Background(), query)
		var offered []string
		for _, item := range o.Items {
			offered = append(offered, entryOf(item.ID).ID)
		}
		if got := ids(m, offered); err != nil || got != "021" {
			t.Errorf("%q: %s, %v", query, got, err)
		}
	}
}

// A session that cannot be read is left out, and the person learns of it.
func TestOfferOfUnreadableSessions(t *testing.T) {
	m := remember(t, "", "one", "two")
	entry, err := m.Store.Find("@")
	if err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(m.dir, "kept")
	if err := os.Rename(entry.Path, kept); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(kept, entry.Path); err != nil {
		t.Skip(err)
	}
	o, err := m.offer(context.Background(), "")
	if err != nil || len(o.Items) != 1 || entryOf(o.Items[0].ID).ID != m.ids[0] {
		t.Errorf("%+v, %v", o, err)
	}
	want := "oax: 1 session left out: " + entry.Path + " is a symbolic link; refused\n"
	if got := m.logged(); got != want {
		t.Errorf("standard error: %q, want %q", got, want)
	}
}

// Errors of the finder have words, except that of a person who chooses nothing.
func TestPickErrors(t *testing.T) {
	m := remember(t, "")
	r := report.Of(second(m.Pick(context.Background(), "")))
	if r == nil || r.What != "no sessions yet" || r.Code != report.ExitFailure {
		t.Errorf("an empty store: %+v", r)
	}
}

func TestPreview(t *testing.T) {
	m := remember(t, "", "question")
	m.TimeFormat = "%Y"
	entry, err := m.Store.Find("@")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range m.preview(itemID(entry), "") {
		got = append(got, p.Heading+"|"+p.Text)
	}
	if want := "--- user, 2026|question --- assistant|answer to question"; strings.Join(got, " ") != want {
		t.Errorf("%q, want %q", got, want)
	}
	incomplete := record.Message{Message: chat.Message{Role: chat.Assistant, Model: "gpt", State: chat.Incomplete}}
	if got := byline(incomplete, ""); got != "assistant, incomplete, gpt" {
		t.Error(got)
	}
	os.Remove(entry.Path)
	if p := m.preview(itemID(entry), ""); len(p) != 1 || !strings.Contains(p[0].Heading, "no such file") {
		t.Errorf("a file that was removed: %+v", p)
	}
}
