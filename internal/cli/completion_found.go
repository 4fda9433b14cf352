package cli

import (
	"slices"
	"strings"

	"oax/internal/term"
)

// suggestion is a word that may stand on the line, and what it is.
type suggestion struct{ word, about string }

// suggestions are what Tab has to offer.
type suggestions struct {
	all   []suggestion
	files bool // the shell is to complete the name of a file
}

// named are suggestions that need no explanation.
func named(words ...string) suggestions {
	var s suggestions
	for _, word := range words {
		s.all = append(s.all, suggestion{word: word})
	}
	return s
}

// that returns the suggestions that begin with what was typed. Words that hold what
// a terminal would not show are none, since nobody would know what they agree to.
func (s suggestions) that(begin string) suggestions {
	s.all = slices.DeleteFunc(s.all, func(s suggestion) bool {
		return !strings.HasPrefix(s.word, begin) || s.word == "" || term.Line(s.word) != s.word
	})
	return s
}

func (s suggestions) kind() string {
	switch {
	case s.files:
		return "files"
	case slices.ContainsFunc(s.all, func(s suggestion) bool { return s.about != "" }):
		return "list"
	}
	return "plain"
}

func (s suggestions) words() []string {
	words := make([]string, len(s.all))
	for i := range s.all {
		words[i] = s.all[i].word
	}
	return words
}

func (s suggestions) abouts() []string {
	abouts := make([]string, len(s.all))
	for i := range s.all {
		abouts[i] = term.Cut(term.Line(s.all[i].about), 200)
	}
	return abouts
}

// lines are the words with what they are beside them, fitted to a terminal.
func (s suggestions) lines(columns int) []string {
	widest := 0
	for _, s := range s.all {
		widest = max(widest, term.Width(s.word))
	}
	lines, abouts := s.words(), s.abouts()
	for i, word := range lines {
		gap := strings.Repeat(" ", widest-term.Width(word)+2)
		lines[i] = term.Cut(word+gap+abouts[i], max(columns-2, 20))
	}
	return lines
}
