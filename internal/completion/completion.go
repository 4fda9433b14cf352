// Package completion speaks with the shells that complete oax with Tab. It has the script
// that a shell is set up with (Script), and what `oax __complete`, which the script calls,
// answers (Reply). What may stand on a command line is not decided here.
//
// The first line of an answer says what follows, a suggestion a line: "plain" words; a
// "list", each a word, a tab, and what it is or, for zsh, the line that shows it; or
// "files", which the shell completes best. Bash, which has no use for the tab, gets only
// the words, or only the lines. The scripts evaluate nothing of an answer.
package completion

import (
	"embed"
	"slices"
	"strings"

	"oax/internal/term"
)

//go:embed scripts
var scripts embed.FS

// Script returns the script for bash, zsh or fish, which begins with how to install it. It
// is empty for other shells.
func Script(shell string) string {
	text, _ := scripts.ReadFile("scripts/oax." + shell)
	return string(text)
}

// Suggestion is a word that may stand on the line, and what it is.
type Suggestion struct{ Word, About string }

// Suggestions are what Tab offers.
type Suggestions struct {
	All   []Suggestion
	Files bool // the shell completes the name of a file
}

// Add adds a suggestion. What it is may be empty.
func (s *Suggestions) Add(word, about string) { s.All = append(s.All, Suggestion{word, about}) }

// AddWords adds suggestions that need no explanation.
func (s *Suggestions) AddWords(words []string) {
	for _, word := range words {
		s.Add(word, "")
	}
}

// Beginning returns the suggestions that begin with what was typed, each word once. Words
// with characters that a terminal would not show are left out: nobody would know what they
// agree to.
func (s Suggestions) Beginning(begin string) Suggestions {
	seen := map[string]bool{"": true}
	s.All = slices.DeleteFunc(slices.Clone(s.All), func(x Suggestion) bool {
		again := seen[x.Word]
		seen[x.Word] = true
		return again || !strings.HasPrefix(x.Word, begin) || term.Line(x.Word) != x.Word
	})
	return s
}

// Words returns the words alone.
func (s Suggestions) Words() []string {
	var words []string
	for _, x := range s.All {
		words = append(words, x.Word)
	}
	return words
}

// Lines returns the words with what they are beside them, fitted to a terminal.
func (s Suggestions) Lines(columns int) []string {
	const minColumns = 20
	var rows [][]string
	for _, x := range s.All {
		rows = append(rows, []string{x.Word, term.Line(x.About)})
	}
	lines := term.Align(rows)
	for i, line := range lines {
		lines[i] = term.Cut(line, max(columns-2, minColumns))
	}
	return lines
}

func (s Suggestions) kind() string {
	switch {
	case s.Files:
		return "files"
	case slices.ContainsFunc(s.All, func(x Suggestion) bool { return x.About != "" }):
		return "list"
	}
	return "plain"
}

// Reply returns the answer for the script of a shell. Columns is the width of its terminal,
// words are what the script passes, and find completes the last of some words.
func Reply(shell string, columns int, words []string, find func(words []string) Suggestions) string {
	if shell == "bash" {
		return replyToBash(columns, words, find)
	}
	if len(words) == 0 {
		return ""
	}
	s := find(words)
	lines, beside := s.Words(), s.Lines(columns)
	for i := range lines {
		switch {
		case shell == "fish":
			lines[i] += "\t" + term.Cut(term.Line(s.All[i].About), 200)
		case shell == "zsh" && s.kind() == "list":
			lines[i] += "\t" + beside[i]
		}
	}
	return reply(s.kind(), lines)
}

func reply(kind string, lines []string) string {
	return kind + "\n" + strings.Join(append(lines, ""), "\n")
}
