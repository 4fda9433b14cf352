package cli

import (
	"fmt"

	"oax/internal/term"
)

// viewer makes of an answer what a terminal may see: a term.Filter does, and a
// term.Markdown, which styles it as well.
type viewer interface {
	Append(dst, src []byte) []byte
	Flush(dst []byte) []byte
	Hidden() term.Hidden
}

// newViewer returns what an answer passes on its way to standard output, or nil
// where its bytes go out as they are: into a pipe or a file, unless styles are
// asked for, and with --raw and --json anywhere.
func (env *Env) newViewer() viewer {
	switch {
	case env.flags.Raw || env.flags.JSON:
		return nil
	case env.stylesMarkdown():
		return new(term.Markdown)
	case term.IsTerminal(env.Stdout):
		return new(term.Filter)
	}
	return nil
}

// stylesMarkdown reports whether answers are styled: where colour may be, unless a
// flag says otherwise. A flag wins over the environment.
func (env *Env) stylesMarkdown() bool {
	asked, f := env.flags.Markdown, env.flags
	switch {
	case f.Color == "never" || asked != nil && !*asked:
		return false
	case asked != nil:
		return true
	}
	return term.Colour(f.Color, term.IsTerminal(env.Stdout), env.getenv)
}

// hiddenNotes says what a person has not seen, or not as it was meant.
func hiddenNotes(h term.Hidden) []string {
	var notes []string
	if h.Turning > 0 {
		notes = append(notes, counted(h.Turning, "hidden control")+" shown")
	}
	if h.Removed > 0 {
		notes = append(notes, counted(h.Removed, "hidden character")+" removed; --raw shows them")
	}
	return notes
}

// counted returns a number and what it counts: 1 word, 2 words.
func counted(n int, noun string) string { return fmt.Sprintf("%d %s", n, plural(n, noun)) }
