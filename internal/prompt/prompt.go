// Package prompt makes one message of what a person gives: the words of the command
// line, standard input, a template, attached files, and what is written in an editor.
//
// The order in the message is always the same: the words (in a template, if there is
// one), a blank line, standard input byte for byte, then each attached text under its
// name and in a code fence. So the first line of a message is the person's own, or the
// name of a file: a session that takes its title from there never shows attached text.
//
// Reading has two steps. Reader.Read collects everything, and its Text may still be
// edited; Reader.Check makes of it what can be sent.
package prompt

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"oax/internal/chat"
	"oax/internal/config"
	"oax/internal/report"
	"oax/internal/term"
)

// Prompt is a message that is about to be sent. The zero Prompt is empty.
type Prompt struct {
	Text     string      // without the attached texts until Check adds them
	Parts    []chat.Part // images and PDFs; Text has a note of each
	System   string      // the template's system message; may be empty
	Replaced int         // bytes that were not UTF-8, counted by Check
	Files    []string    // the names of all attached files

	attached string // the attached texts, and the notes of images and PDFs
	size     int64  // of the attached texts, in bytes
}

// Message returns the prompt as a message. Check must have been called.
func (p Prompt) Message() chat.Message {
	return chat.Message{Role: chat.User, Text: p.Text, Parts: p.Parts}
}

// Empty reports whether there is nothing to send yet.
func (p Prompt) Empty() bool { return strings.TrimSpace(p.Text+p.attached) == "" }

// NewSystem returns the template's system message, or nothing if the history has it
// already.
func (p Prompt) NewSystem(history []chat.Message) string {
	if slices.ContainsFunc(history, func(m chat.Message) bool { return m.Role == chat.System && m.Text == p.System }) {
		return ""
	}
	return p.System
}

// Reader reads prompts.
type Reader struct {
	Stdin       *os.File
	Log         *report.Writer
	MaxInput    int64 // of standard input, and of all attached texts, in MiB; 0: 10
	StripHidden bool  // remove the characters that nobody can see
	Now         func() time.Time
}

// limit returns the maximum size of a text in bytes.
func (r Reader) limit() int64 {
	return min(cmp.Or(r.MaxInput, 10), math.MaxInt64>>20-1) << 20
}

// Read collects the words, standard input, the template and the files. t is nil if there
// is no template; vars are the values of its variables. Standard input is read unless it
// is a terminal or one of the files ("-").
func (r Reader) Read(ctx context.Context, words, files []string, t *config.Template, vars map[string]string) (Prompt, error) {
	if err := checkVariables(t, vars); err != nil {
		return Prompt{}, err
	}
	piped := ""
	if !slices.Contains(files, "-") {
		var err error
		if piped, err = r.piped(ctx, len(words) > 0); err != nil {
			return Prompt{}, err
		}
	}
	typed := strings.Join(words, " ")
	p := Prompt{Text: join(typed, piped)}
	if err := r.Attach(ctx, &p, files); err != nil || t == nil {
		return p, err
	}
	var err error
	p.Text, p.System, err = fill(t, values{vars, typed, piped, r.Now})
	return p, err
}

// Check returns the prompt as it can be sent, with the attached texts in it. An empty
// one and one with a NUL byte is refused. Each byte that is not UTF-8 becomes U+FFFD.
// Characters that nobody can see are counted, or removed if StripHidden is set.
func (r Reader) Check(p Prompt) (Prompt, error) {
	if p.Empty() {
		return p, report.Usage("no prompt given", `oax "question", or pipe text in`)
	}
	p.Text, p.attached = join(p.Text, p.attached), ""
	if err := checkNUL(p.Text); err != nil {
		return p, err
	}
	if n, first := term.Invisible(p.Text); n > 0 && r.StripHidden {
		p.Text = term.WithoutInvisible(p.Text)
	} else if n > 0 {
		r.Log.Note(fmt.Sprintf("input holds %s (%U…)", report.Count(n, "invisible character"), first))
		r.Log.Hint("--strip-hidden to remove them")
	}
	p.Text, p.Replaced = validUTF8(p.Text)
	if p.Replaced > 0 {
		r.Log.Note("replaced " + report.Count(p.Replaced, "invalid byte") + " in the input")
	}
	return p, nil
}

// validUTF8 returns text with U+FFFD for each byte that is not UTF-8, and how many there
// were.
func validUTF8(text string) (string, int) {
	if utf8.ValidString(text) {
		return text, 0
	}
	invalid := 0
	var b strings.Builder
	for i, c := range text {
		if c == utf8.RuneError && !strings.HasPrefix(text[i:], "\ufffd") {
			invalid++
		}
		b.WriteRune(c)
	}
	return b.String(), invalid
}

// checkNUL refuses what is not text.
func checkNUL(text string) error {
	if at := strings.IndexByte(text, 0); at >= 0 {
		return report.Input(fmt.Sprintf("input is not text (NUL byte at offset %d)", at), "")
	}
	return nil
}

// join puts a blank line between two texts, unless one is empty.
func join(before, after string) string {
	switch {
	case before == "" || after == "" || strings.HasSuffix(before, "\n\n"):
		return before + after
	case strings.HasSuffix(before, "\n"):
		return before + "\n" + after
	}
	return before + "\n\n" + after
}

// piped returns standard input as text, or nothing if it is a terminal or has only white
// space. withWords says that there are words on the command line.
func (r Reader) piped(ctx context.Context, withWords bool) (string, error) {
	if term.IsTerminal(r.Stdin) {
		return "", nil
	}
	shared := withWords && partlyRead(r.Stdin)
	input, err := r.readStdin(ctx, r.limit()+1)
	if err != nil {
		return "", err
	}
	if int64(len(input)) > r.limit() {
		return "", report.Input(fmt.Sprintf("input is over %d MiB (limit)", r.limit()>>20), "--max-input to raise it")
	}
	if len(bytes.TrimSpace(input)) == 0 {
		return "", nil
	}
	if shared {
		r.Log.Note("the rest of standard input was added to the prompt")
		r.Log.Hint("to leave it out: oax ... </dev/null")
	}
	return string(input), checkNUL(string(input))
}

// partlyRead reports whether a file is a regular one of which something was read already,
// as in `while read q; do oax "$q"; done < list`: the program that began to read it
// shares its offset with this one, and probably wants the rest for itself.
func partlyRead(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	offset, err := f.Seek(0, io.SeekCurrent)
	return err == nil && offset > 0
}

// readStdin reads standard input, at most max bytes of it.
func (r Reader) readStdin(ctx context.Context, max int64) ([]byte, error) {
	const patience = 2 * time.Second
	info, err := r.Stdin.Stat()
	if err == nil && (info.Mode()&(os.ModeNamedPipe|os.ModeSocket) != 0 || term.IsTerminal(r.Stdin)) { // it may stay open for ever
		waiting := time.AfterFunc(patience, func() {
			r.Log.Line("waiting for standard input to end (Ctrl-D, or < /dev/null if there is none)")
		})
		defer waiting.Stop()
	}
	input, err := term.Await(ctx, func() ([]byte, error) { return io.ReadAll(io.LimitReader(r.Stdin, max)) })
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, report.CannotRead("standard input", err)
	}
	return input, nil
}
