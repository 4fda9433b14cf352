package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Kind says what fills a place.
type Kind string

// The kinds of places.
const (
	Variable Kind = "variable" // {{name}}: a value that is given
	Input    Kind = "input"    // {{input}}: what is piped in
	Words    Kind = "prompt"   // {{prompt}}: the words
	EnvVar   Kind = "env"      // {{env.NAME}}: a variable of the environment
	Date     Kind = "date"     // {{date "FORMAT"}}: the time, by strftime's directives
)

// Place is where something is to be put into a text.
type Place struct {
	Kind Kind
	Name string // of a variable, or the format of a date; empty for the others
}

// Text is a text with places. It is parsed once: what is put into it is never looked at,
// so {{...}} in it stays what it is. The zero Text is empty.
type Text struct{ pieces []piece }

// piece is a place if it has a kind, else a text.
type piece struct {
	Place
	text string
}

// Empty reports whether there is nothing in it, not even a place.
func (t Text) Empty() bool { return len(t.pieces) == 0 }

// Fill returns the text with what value returns in each place.
func (t Text) Fill(value func(Place) string) string {
	var b strings.Builder
	for _, p := range t.pieces {
		if p.Kind != "" {
			p.text = value(p.Place)
		}
		b.WriteString(p.text)
	}
	return b.String()
}

// String returns the text as it is written, with its places.
func (t Text) String() string {
	return t.Fill(func(p Place) string {
		switch p.Kind {
		case Variable:
			return "{{" + p.Name + "}}"
		case EnvVar:
			return "{{env." + p.Name + "}}"
		case Date:
			return `{{date "` + p.Name + `"}}`
		}
		return "{{" + string(p.Kind) + "}}"
	})
}

func (t Text) places() []Place {
	var places []Place
	for _, p := range t.pieces {
		if p.Kind != "" {
			places = append(places, p.Place)
		}
	}
	return places
}

// parseText parses a text. It may name the given variables of the environment and no
// others. {{"..."}} is what stands between the quotes: braces that are no place.
func parseText(source string, env []string) (t Text, problem string) {
	if source == "" {
		return t, ""
	}
	place := regexp.MustCompile(`^\{\{\s*(?:date\s+"([^"]*)"|"([^"]*)"|env\.([A-Za-z_][A-Za-z0-9_]*)|([\pL_][\pL\pN_-]*))\s*\}\}`)
	for source != "" {
		before, rest, found := strings.Cut(source, "{{")
		if before != "" {
			t.pieces = append(t.pieces, piece{text: before})
		}
		if !found {
			break
		}
		at := place.FindStringSubmatchIndex("{{" + rest)
		if at == nil {
			return t, notAPlace(rest)
		}
		p, problem := pieceOf(place.FindStringSubmatch("{{"+rest), at, env)
		if problem != "" {
			return t, problem
		}
		t.pieces = append(t.pieces, p)
		source = ("{{" + rest)[at[1]:]
	}
	return t, ""
}

// pieceOf makes a piece of what was found, and where: a group may be there and empty.
func pieceOf(found []string, at []int, env []string) (p piece, problem string) {
	const date, plain, variable, name = 1, 2, 3, 4
	switch {
	case at[2*date] >= 0:
		return piece{Place: Place{Date, found[date]}}, ""
	case at[2*plain] >= 0:
		return piece{text: found[plain]}, ""
	case found[variable] != "" && !slices.Contains(env, found[variable]):
		return p, fmt.Sprintf("{{env.%s}} wants env = [%q] in the template", found[variable], found[variable])
	case found[variable] != "":
		return piece{Place: Place{EnvVar, found[variable]}}, ""
	case found[name] == "date":
		return p, `{{date}} wants a format: {{date "%F"}}`
	case found[name] == string(Input), found[name] == string(Words):
		return piece{Place: Place{Kind: Kind(found[name])}}, ""
	}
	return piece{Place: Place{Variable, found[name]}}, ""
}

// notAPlace says what is wrong behind an opening brace.
func notAPlace(rest string) string {
	const longest = 40
	inside, _, closed := strings.Cut(rest, "}}")
	if !closed || len(inside) > longest {
		return `{{ without }}; braces that are no place are written {{"{{"}}`
	}
	return fmt.Sprintf(`{{%s}} is no place; there are {{name}}, {{input}}, {{prompt}}, {{env.NAME}} and {{date "%%F"}}`, inside)
}
