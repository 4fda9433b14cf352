package pick

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"oax/internal/chat"
	"oax/internal/pick/finder"
	"oax/internal/report"
	"oax/internal/search"
	"oax/internal/session"
	"oax/internal/session/record"
	"oax/internal/term"
)

// maxItems is how many sessions the finder offers. Each takes time at every key, and all
// are read before the first key.
const maxItems = 1000

// Pick lets the person choose a session in the finder, among those whose text has all the
// words of a query, or else among those used last with the query typed already. The error is a
// *report.Error, or the cause of ctx.
func (p Picker) Pick(ctx context.Context, query string) (session.Entry, error) {
	return p.pick(ctx, func() (finder.Offer, error) { return p.offer(ctx, query) })
}

// PickAmong is Pick among some sessions, in which the sought words were found.
func (p Picker) PickAmong(ctx context.Context, entries []session.Entry, sought string) (session.Entry, error) {
	return p.pick(ctx, func() (finder.Offer, error) {
		return finder.Offer{Items: p.items(entries[:min(len(entries), maxItems)]), Sought: sought}, nil
	})
}

func (p Picker) pick(ctx context.Context, offer func() (finder.Offer, error)) (session.Entry, error) {
	tty, _ := term.OpenTTY()
	if tty != nil {
		defer tty.Close()
	}
	o := finder.Options{Command: p.Command, TTY: tty, Out: p.Stderr}
	if term.IsTerminal(p.Stdin) {
		o.In = p.Stdin
	}
	id, err := finder.Choose(ctx, offer, o)
	switch {
	case errors.Is(err, finder.ErrCancelled):
		err = report.Cancelled()
	case errors.Is(err, finder.ErrNothing):
		err = report.Nothing("no sessions yet", `oax "question" begins one`)
	case errors.Is(err, finder.ErrNoTerminal):
		err = report.Usage("no terminal to pick a session at", "oax ls, then oax --session ID")
	}
	return entryOf(id), err
}

// Child is what the process of Command does: it lets the person choose among the sessions
// that Pick sends to its standard input, and answers on its standard output, out. Its
// errors need no words, as Pick has been told.
func (p Picker) Child(out *os.File) error {
	err := finder.Child(p.Stdin, out, p.preview)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, finder.ErrCancelled):
		return report.Cancelled()
	}
	return report.Silent(report.ExitFailure, "other")
}

// offer returns the sessions that have all the words of a query, those with the words in
// their line first. If there are none it returns those used last.
func (p Picker) offer(ctx context.Context, query string) (finder.Offer, error) {
	if strings.TrimSpace(query) != "" {
		found, err := p.search(ctx, strings.Fields(query))
		if err != nil || len(found) > 0 {
			return finder.Offer{Items: matchingFirst(p.items(found), query), Sought: query}, err
		}
	}
	return finder.Offer{Items: p.items(p.usedLast()), Query: query}, nil
}

// usedLast returns the sessions used last.
func (p Picker) usedLast() []session.Entry {
	var entries []session.Entry
	for entry, err := range p.Store.List(session.Filter{}) {
		if err != nil {
			p.Log.Line("cannot list sessions: " + report.Cause(err))
			continue
		}
		if entries = append(entries, entry); len(entries) == maxItems {
			break
		}
	}
	return entries
}

// search returns the sessions used last whose text has all of the words.
func (p Picker) search(ctx context.Context, words []string) ([]session.Entry, error) {
	waiting := p.Log.Spin("searching the text of all sessions", report.SpinOptions{Getenv: p.Getenv, Now: p.Now})
	defer waiting.Stop()
	var found []session.Entry
	for entry, err := range search.Words(ctx, p.Store.List(session.Filter{}), words, maxItems) {
		if err == nil {
			found = append(found, entry)
		}
	}
	return found, context.Cause(ctx)
}

// items describes sessions in the same order. Those that cannot be read are left out, and
// the person is told how many and why.
func (p Picker) items(entries []session.Entry) []finder.Item {
	open := p.Store.Open()
	var items []finder.Item
	shown := map[session.Entry]bool{}
	for _, g := range p.Store.Previews(entries) {
		items = append(items, finder.Item{ID: itemID(g.Entry), Label: label(g, open[g.ID], p.Now())})
		shown[g.Entry] = true
	}
	unread, why := 0, error(nil)
	for _, entry := range entries {
		if shown[entry] {
			continue
		}
		if _, err := p.Store.Summary(entry); err != nil && !errors.Is(err, fs.ErrNotExist) {
			unread, why = unread+1, err
		}
	}
	if unread > 0 {
		p.Log.Note(report.Count(unread, "session") + " left out: " + report.Of(why).What)
	}
	return items
}

// label returns the line of a session in the finder: whether another process has it open,
// its age, its title, and how it begins.
func label(g session.Preview, open bool, now time.Time) string {
	const markup = "#>` " // a title is made without what a text begins with of this
	mark := " "
	if open {
		mark = "●"
	}
	title := term.Line(g.Title)
	text := strings.TrimLeft(term.Line(g.Opening), markup)
	if !strings.HasPrefix(text, strings.TrimLeft(strings.TrimSuffix(title, "…"), markup)) {
		text = title + "  " + text
	}
	return fmt.Sprintf("%s%3s %s", mark, term.Age(g.Used, now), term.Cut(text, 64))
}

// matchingFirst moves the items that have every word of a query in their line to the
// front. Case is ignored.
func matchingFirst(items []finder.Item, query string) []finder.Item {
	words := strings.Fields(strings.ToLower(query))
	var matching, others []finder.Item
	for _, item := range items {
		line := strings.ToLower(item.Label)
		if slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(line, word) }) {
			others = append(others, item)
		} else {
			matching = append(matching, item)
		}
	}
	return append(matching, others...)
}

// preview returns a session as cat prints it, with shorter lines about the messages. Of
// one that is very long it returns only what is around the sought words.
func (p Picker) preview(itemID, sought string) []finder.Passage {
	messages, err := p.Store.Excerpt(entryOf(itemID), strings.Fields(sought)...)
	if err != nil {
		return []finder.Passage{{Heading: report.Of(err).What}}
	}
	var passages []finder.Passage
	for _, m := range messages {
		passages = append(passages, finder.Passage{Heading: "--- " + byline(m, p.TimeFormat), Text: withBeside(m), Own: m.Role == chat.User})
	}
	return passages
}

// withBeside returns the text of a message, and below it what it has besides.
func withBeside(m record.Message) string {
	return strings.Join(append([]string{strings.TrimRight(m.Shown(), "\n")}, report.Beside(m)...), "\n")
}

// byline returns the line above a message. What matters least comes last: it may be cut.
func byline(m record.Message, timeFormat string) string {
	fields := []string{report.Speaker(m)}
	switch {
	case m.Result != nil:
		fields = append(fields, report.CallResult(*m.Result))
	case m.State == chat.Incomplete:
		fields = append(fields, "incomplete")
	case m.Role == chat.User && !m.Time.IsZero():
		fields = append(fields, term.Clock(m.Time, timeFormat))
	}
	if m.Role == chat.Assistant && m.Model != "" {
		fields = append(fields, m.Model)
	}
	return strings.Join(fields, ", ")
}

// itemID makes one string of a session, with which the child finds it without a search.
func itemID(e session.Entry) string { return e.ID + " " + e.Path }

func entryOf(itemID string) session.Entry {
	id, path, _ := strings.Cut(itemID, " ")
	return session.Entry{ID: id, Path: path}
}
