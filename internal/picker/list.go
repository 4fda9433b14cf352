package picker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"oax/internal/term"
)

const listed = 20

// list numbers the first items on out, in lines of so many columns, and returns the ID of the one whose number
// comes in. Where ctx ends it, the goroutine that reads stays until in yields.
func list(ctx context.Context, items []Item, columns int, in io.Reader, out io.Writer) (string, error) {
	n := min(len(items), listed)
	var b strings.Builder
	for i, item := range items[:n] {
		fmt.Fprintf(&b, "%2d  %s\n", i+1, term.Cut(cells(item.Label), columns-4))
	}
	if n < len(items) {
		fmt.Fprintf(&b, "    (the newest %d of %d)\n", n, len(items))
	}
	if _, err := io.WriteString(out, b.String()); err != nil {
		return "", err
	}
	for {
		if _, err := fmt.Fprintf(out, "number, 1 to %d: ", n); err != nil {
			return "", err
		}
		line, err := readLine(ctx, in)
		if err != nil {
			return "", err
		}
		if i, err := strconv.Atoi(line); err == nil && 1 <= i && i <= n {
			return items[i-1].ID, nil
		}
	}
}

// readLine returns the next line of in without white space around it. An empty
// one and the end of in are ErrCancelled.
func readLine(ctx context.Context, in io.Reader) (string, error) {
	type result struct {
		line string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		line, err := bytewise(in)
		done <- result{strings.TrimSpace(line), err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case r := <-done:
		if r.line == "" && (r.err == nil || errors.Is(r.err, io.EOF)) {
			return "", ErrCancelled
		}
		if errors.Is(r.err, io.EOF) {
			r.err = nil
		}
		return r.line, r.err
	}
}

// bytewise reads to the end of the line and not a byte further: what follows on
// in is meant for somebody else.
func bytewise(in io.Reader) (string, error) {
	var line []byte
	b := make([]byte, 1)
	for {
		n, err := in.Read(b)
		if n == 1 && b[0] == '\n' {
			return string(line), nil
		}
		line = append(line, b[:n]...)
		if err != nil {
			return string(line), err
		}
	}
}
