package finder

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/ktr0731/go-fuzzyfinder"

	"oax/internal/term"
)

// Child runs the finder for a Choose in the parent process: in and out are the child's
// standard input and output; the finder opens the terminal itself. preview returns what
// is shown beside an item that was found by some words. It is called again when the size
// of the window changes, always by the same goroutine, and keys wait for it.
//
// Child returns nil after a choice. It returns ErrCancelled without one, and also if in
// ends meanwhile: then the parent was killed. Other errors are that in is not an offer
// and that there is no terminal the finder can use. The parent is told each of them.
func Child(in io.Reader, out io.Writer, preview func(id, sought string) []Passage) error {
	id, err := find(in, preview)
	a := answer{ID: id, Cancelled: errors.Is(err, ErrCancelled)}
	if err != nil && !a.Cancelled {
		a.Error = err.Error()
	}
	return errors.Join(err, json.NewEncoder(out).Encode(a))
}

func find(in io.Reader, preview func(id, sought string) []Passage) (string, error) {
	var o Offer
	if err := json.NewDecoder(in).Decode(&o); err != nil {
		return "", fmt.Errorf("reading what to choose from: %w", err)
	}
	if len(o.Items) == 0 {
		return "", ErrNothing
	}
	tty, err := enterScreen()
	if err != nil {
		return "", err
	}
	defer tty.Close()
	w := window{items: o.Items, sought: newSearch(o.Sought), passages: func(id string) []Passage { return preview(id, o.Sought) }}
	slices.Reverse(o.Items) // see labels
	lines := labels(o.Items)
	columns, _ := term.Size(tty)
	ready := sync.OnceFunc(func() { term.SuspendKey(tty) })
	i, err := whileParentLives(in, tty, func() (int, error) {
		return fuzzyfinder.Find(lines, func(i int) string { return lines[i] },
			fuzzyfinder.WithPreviewWindow(func(i, columns, rows int) string {
				ready() // the finder has the terminal now
				return w.draw(i, columns, rows)
			}),
			fuzzyfinder.WithPromptString(prompt(o.Sought, columns/4)+">"),
			fuzzyfinder.WithPreselected(func(int) bool { return true }), // see labels
			fuzzyfinder.WithQuery(" "+initialQuery(o.Query)))
	})
	if !errors.Is(err, errOrphaned) {
		_, _ = io.WriteString(tty, wipeScreen)
	}
	switch {
	case errors.Is(err, fuzzyfinder.ErrAbort), errors.Is(err, errOrphaned):
		return "", ErrCancelled
	case err != nil:
		return "", err
	}
	return o.Items[i].ID, nil
}

var errOrphaned = errors.New("the parent process has died")

// whileParentLives lets the person choose until in ends: the parent, which would restore
// the terminal, was killed then, and this process does it.
func whileParentLives(in io.Reader, tty *os.File, choose func() (int, error)) (int, error) {
	saved, err := term.Save(tty)
	if err != nil {
		return 0, err
	}
	type choice struct {
		i   int
		err error
	}
	chosen, orphaned := make(chan choice, 1), make(chan struct{})
	go func() { i, err := choose(); chosen <- choice{i, err} }()
	go func() { _, _ = io.Copy(io.Discard, in); close(orphaned) }()
	select {
	case c := <-chosen:
		return c.i, c.err
	case <-orphaned:
		_, _ = io.WriteString(tty, leaveScreen)
		_ = saved.Restore()
		return 0, errOrphaned
	}
}

// prompt returns the sought words, cut to a number of columns, as the finder can show them.
// The finder moves by one cell after each character, so a wide one needs a space after it.
func prompt(sought string, columns int) string {
	var b strings.Builder
	for _, r := range term.Cut(cells(term.Line(sought)), columns) {
		b.WriteRune(r)
		if term.Width(string(r)) == 2 {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// initialQuery returns q if the finder can begin with it, else nothing: it counts the
// runes of a query in bytes, and panics at Backspace where the two differ.
func initialQuery(q string) string {
	if strings.ContainsFunc(q, func(r rune) bool { return r < ' ' || r > '~' }) {
		return ""
	}
	return q
}

// labels returns the lines that the finder shows and searches, made so that of two that
// match equally well the newer comes first.
//
// The finder breaks a tie in favour of the higher index, so the items must come oldest
// first. But without a query it shows the lowest index first. So there is a query from
// the start, the space after the prompt, and every line begins with one. And as its
// score falls with the length of a line, all are made equally long with a character that
// nobody sees or types. (A window of fewer than five columns makes the finder drop the
// query; until something is typed, the oldest item is then the first.)
//
// The best match must also be the selected one after each key. Without WithPreselected
// the finder keeps its position in the list, and fails to correct a position of -1,
// which it has where nothing matched, and panics.
func labels(items []Item) []string {
	const (
		wordJoiner = "\u2060"
		maxColumns = 80 // each column costs time at every key
	)
	lines := make([]string, len(items))
	longest := 0
	for i, item := range items {
		lines[i] = " " + term.Cut(cells(item.Label), maxColumns)
		longest = max(longest, utf8.RuneCountInString(lines[i]))
	}
	for i, line := range lines {
		lines[i] += strings.Repeat(wordJoiner, longest-utf8.RuneCountInString(line))
	}
	return lines
}

// cells returns a text of characters that have one or two cells of their own, since the
// finder puts each character into a cell. Combining marks, joiners and skin tones are
// left out, as they would land in the neighbour's cell. A flag is shown as its two
// letters.
func cells(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= ' ' && r <= '~' || r == '\n' || r == '\t':
			return r
		case r >= '🇦' && r <= '🇿':
			return r - '🇦' + 'A'
		case r >= '🏻' && r <= '🏿' || term.Width(string(r)) == 0:
			return -1
		}
		return r
	}, s)
}
