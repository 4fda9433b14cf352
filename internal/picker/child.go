package picker

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ktr0731/go-fuzzyfinder"

	"oax/internal/term"
)

// maxLabel is how many columns of a label count; each costs time at every key.
const maxLabel = 80

// Child runs the finder for a Choose in the parent process: in and out are the
// child's standard input and output, the finder opens the terminal itself.
// preview returns what is shown beside an item, given what was sought; it is called again when the size of
// the window changes, always by the same goroutine, while the keys wait.
//
// Child returns nil after a choice and ErrCancelled without one, or if in ends while
// the person chooses, since the parent was killed then. Both have then
// been said to the parent, as has any other error: that in is not an offer, or
// that there is no terminal the finder can use.
func Child(in io.Reader, out io.Writer, preview func(id, sought string) []Passage) error {
	id, err := run(in, preview)
	a := answer{ID: id, Cancelled: errors.Is(err, ErrCancelled)}
	if err != nil && !a.Cancelled {
		a.Error = err.Error()
	}
	return errors.Join(err, json.NewEncoder(out).Encode(a))
}

func run(in io.Reader, preview func(id, sought string) []Passage) (string, error) {
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
	w := window{items: o.Items, passages: func(id string) []Passage { return preview(id, o.Sought) }, sought: pattern(o.Sought), shown: map[pane]string{}}
	slices.Reverse(o.Items) // see labels
	lines := labels(o.Items)
	columns, _ := term.Size(tty)
	i, err := whileHeard(in, tty, func() (int, error) {
		return fuzzyfinder.Find(lines, func(i int) string { return lines[i] },
			fuzzyfinder.WithPreviewWindow(w.draw),
			fuzzyfinder.WithPromptString(prompt(o.Sought, columns/4)+">"),
			fuzzyfinder.WithPreselected(func(int) bool { return true }), // see labels
			fuzzyfinder.WithQuery(" "+usable(o.Query)))
	})
	if !errors.Is(err, errOrphaned) {
		_, _ = io.WriteString(tty, wipe)
	}
	switch {
	case errors.Is(err, fuzzyfinder.ErrAbort), errors.Is(err, errOrphaned):
		return "", ErrCancelled
	case err != nil:
		return "", err
	}
	return o.Items[i].ID, nil
}

var errOrphaned = errors.New("the parent is gone")

// whileHeard lets the person choose until in ends: the parent, which would put the
// terminal back, was killed then.
func whileHeard(in io.Reader, tty *os.File, choose func() (int, error)) (int, error) {
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
		_, _ = io.WriteString(tty, leave)
		_ = saved.Restore()
		return 0, errOrphaned
	}
}

// prompt returns what was sought as the finder can show it in so many columns. It
// moves on by one cell after each character, wide or not.
func prompt(sought string, columns int) string {
	var b strings.Builder
	for _, r := range term.Cut(cells(term.Line(sought)), columns) {
		b.WriteRune(r)
		if term.Width(string(r)) == 2 {
			b.WriteByte(' ') // it is behind the wide one
		}
	}
	return b.String()
}

// usable returns the query the finder can begin with, which is q or nothing: it
// counts the runes of a query in bytes, and panics at Backspace where the two
// differ.
func usable(q string) string {
	if strings.ContainsFunc(q, func(r rune) bool { return r < ' ' || r > '~' }) {
		return ""
	}
	return q
}

// labels returns the lines the finder shows and searches, made such that of two
// that match equally well the newer comes first.
//
// The finder breaks a tie in favour of the higher index, so the items must come
// oldest first. But without a query it shows the lowest index first. So there is
// a query from the start, the space after the prompt, and every line begins with
// one. And as its score falls with the length of a line, all are made equally
// long with a character that nobody sees or types.
//
// What matches best is also to be the one selected after each key. Without
// WithPreselected the finder stays at its place in the list, which it forgets to
// correct where nothing matched (the place is then -1, and it panics).
func labels(items []Item) []string {
	const wordJoiner = "\u2060"
	lines := make([]string, len(items))
	longest := 0
	for i, item := range items {
		lines[i] = " " + term.Cut(cells(item.Label), maxLabel)
		longest = max(longest, utf8.RuneCountInString(lines[i]))
	}
	for i, line := range lines {
		lines[i] += strings.Repeat(wordJoiner, longest-utf8.RuneCountInString(line))
	}
	return lines
}

// cells makes a text of characters that have a cell of their own, or two: the finder
// puts one character into each place. Combining marks, joiners and skin tones are
// left out, which would end up in their neighbour's place, and a flag is shown as
// its two letters, which is what its characters are.
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
