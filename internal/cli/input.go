package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"oax/internal/term"
)

// text makes a prompt of text. What is not UTF-8 is replaced, one U+FFFD a byte, and
// that is said. A NUL is refused.
func (env *Env) text(text string) (prompt, error) {
	if err := checkNUL(text); err != nil {
		return prompt{}, err
	}
	text = env.checkInvisible(text)
	if utf8.ValidString(text) {
		return prompt{text: text}, nil
	}
	bad := 0
	var b strings.Builder
	for i, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], "\ufffd") {
			bad++
		}
		b.WriteRune(r)
	}
	env.said.note(fmt.Sprintf("replaced %d invalid %s in the input", bad, plural(bad, "byte")))
	return prompt{text: b.String(), replaced: bad}, nil
}

// checkNUL refuses what is no text.
func checkNUL(text string) error {
	if at := strings.IndexByte(text, 0); at >= 0 {
		return &report{what: fmt.Sprintf("input is not text (NUL byte at offset %d)", at), code: exitUsage, kind: "input"}
	}
	return nil
}

// checkInvisible says that there is text a person cannot see and a model reads, or
// leaves it out if that is wanted.
func (env *Env) checkInvisible(text string) string {
	n, first := term.Invisible(text)
	switch {
	case n == 0:
		return text
	case env.flags.StripHidden:
		return term.WithoutInvisible(text)
	}
	env.said.note(fmt.Sprintf("input holds %d invisible %s (%U…)", n, plural(n, "character"), first))
	env.said.hint("--strip-hidden to remove them")
	return text
}

// patience is how long standard input may stay open before the person is told what
// is being waited for.
const patience = 2 * time.Second

// maxInput is the largest standard input, in MiB.
func (env *Env) maxInput() int64 { return cmp.Or(env.flags.MaxInput, 10) }

// readPiped returns standard input, or nothing if that is a terminal.
func (env *Env) readPiped(ctx context.Context) ([]byte, error) {
	if term.IsTerminal(env.Stdin) {
		return nil, nil
	}
	limit := env.maxInput() << 20
	piped, err := env.readStdin(ctx, limit+1)
	if err == nil && int64(len(piped)) > limit {
		return nil, &report{
			what: fmt.Sprintf("input is over %d MiB (limit)", limit>>20),
			hint: "--max-input to raise it", code: exitUsage, kind: "input",
		}
	}
	return piped, err
}

// readStdin reads standard input, at most so many bytes of it.
func (env *Env) readStdin(ctx context.Context, most int64) ([]byte, error) {
	waiting := time.AfterFunc(patience, func() {
		env.said.line("waiting for standard input to end (Ctrl-D, or < /dev/null if there is none)")
	})
	defer waiting.Stop()
	piped, err := await(ctx, func() ([]byte, error) { return io.ReadAll(io.LimitReader(env.Stdin, most)) })
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, &report{what: "cannot read standard input: " + plainError(err), code: exitUsage, kind: "input"}
	}
	return piped, nil
}

// await returns what read returns, or its zero value once ctx ends: a read cannot be
// stopped, only left behind.
func await[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := read()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		return result{}.value, context.Cause(ctx)
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}
