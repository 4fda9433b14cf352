package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"oax/internal/term"
)

// prompt is what the person asks, as text.
type prompt struct {
	text     string
	replaced int // bytes that were not UTF-8
}

// readPrompt returns the words and what is piped in as a prompt.
func (env *Env) readPrompt(ctx context.Context, words []string) (prompt, error) {
	text, err := env.promptText(ctx, words)
	if err != nil {
		return prompt{}, err
	}
	if strings.TrimSpace(text) == "" {
		return prompt{}, &report{what: "no prompt given", hint: `oax "question", or pipe text in`, code: exitUsage, kind: "usage"}
	}
	typed := len(strings.Join(words, " "))
	if typed > 0 {
		typed += len("\n\n")
	}
	return env.text(text, min(typed, len(text)))
}

// promptText joins the words, a blank line, and standard input byte for byte.
func (env *Env) promptText(ctx context.Context, words []string) (string, error) {
	text := strings.Join(words, " ")
	piped, err := env.readPiped(ctx)
	if err != nil || len(bytes.TrimSpace(piped)) == 0 {
		return text, err
	}
	if text != "" {
		text += "\n\n"
	}
	return text + string(piped), nil
}

// text makes a prompt of text whose first bytes are words. What is not UTF-8 is
// replaced, one U+FFFD a byte, and that is said. A NUL is refused.
func (env *Env) text(text string, words int) (prompt, error) {
	if at := strings.IndexByte(text, 0); at >= 0 {
		return prompt{}, &report{what: fmt.Sprintf("input is not text (NUL byte at offset %d)", max(at-words, 0)), code: exitUsage, kind: "input"}
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
	return prompt{b.String(), bad}, nil
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

// readPiped returns standard input, or nothing if that is a terminal.
func (env *Env) readPiped(ctx context.Context) ([]byte, error) {
	if term.IsTerminal(env.Stdin) {
		return nil, nil
	}
	waiting := time.AfterFunc(patience, func() {
		env.said.line("waiting for standard input to end (Ctrl-D, or < /dev/null if there is none)")
	})
	defer waiting.Stop()
	limit := env.flags.MaxInput << 20
	piped, err := await(ctx, func() ([]byte, error) { return io.ReadAll(io.LimitReader(env.Stdin, limit+1)) })
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, &report{what: "cannot read standard input: " + plainError(err), code: exitUsage, kind: "input"}
	}
	if int64(len(piped)) > limit {
		return nil, &report{
			what: fmt.Sprintf("input is over %d MiB (limit)", env.flags.MaxInput),
			hint: "--max-input to raise it", code: exitUsage, kind: "input",
		}
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
