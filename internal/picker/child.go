package picker

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
// preview returns the text shown beside an item, for a window of so many columns
// and rows; it is called once an item and window size, by another goroutine, and
// no more than 64 KiB of what it returns are used. Child wraps it and makes its
// controls visible.
//
// Child returns nil after a choice and ErrCancelled without one. Both have then
// been said to the parent, as has any other error: that in is not a request, or
// that there is no terminal the finder can use.
func Child(in io.Reader, out io.Writer, preview func(id string, columns, rows int) string) error {
	id, err := run(in, preview)
	a := answer{ID: id, Cancelled: errors.Is(err, ErrCancelled)}
	if err != nil && !a.Cancelled {
		a.Error = err.Error()
	}
	return errors.Join(err, json.NewEncoder(out).Encode(a))
}

func run(in io.Reader, preview func(id string, columns, rows int) string) (string, error) {
	var r request
	if err := json.NewDecoder(in).Decode(&r); err != nil {
		return "", fmt.Errorf("reading what to choose from: %w", err)
	}
	if len(r.Items) == 0 {
		return "", ErrNothing
	}
	tty, err := enterScreen()
	if err != nil {
		return "", err
	}
	defer tty.Close()
	w := window{items: r.Items, text: preview, shown: map[pane]string{}}
	slices.Reverse(r.Items) // see labels
	lines := labels(r.Items)
	i, err := fuzzyfinder.Find(lines, func(i int) string { return lines[i] },
		fuzzyfinder.WithPreviewWindow(w.draw),
		fuzzyfinder.WithPromptString(">"),
		fuzzyfinder.WithQuery(" "+usable(r.Query)))
	_, _ = io.WriteString(tty, wipe)
	switch {
	case errors.Is(err, fuzzyfinder.ErrAbort):
		return "", ErrCancelled
	case err != nil:
		return "", err
	}
	return r.Items[i].ID, nil
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

// cells drops the characters that have no cell of their own, such as combining
// marks and joiners. The finder puts one character into one cell; these would
// end up in their neighbour's place.
func cells(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && (r > '~' || r < ' ') && term.Width(string(r)) == 0 {
			return -1
		}
		return r
	}, s)
}
