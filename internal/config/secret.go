package config

import (
	"fmt"
	"io"
	"strings"
)

// Secret is an API key. However it is printed, it says [key]; the text is a
// pointer away so that fmt does not find it in an unexported field either.
type Secret struct{ text *string }

func secret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{&text}
}

// Reveal returns the key itself, empty if there is none.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Tail returns the last four bytes of a key of at least twenty, by which a
// person can tell which key it is; of a shorter key, nothing.
func (s Secret) Tail() string {
	text := s.Reveal()
	if len(text) < 20 {
		return ""
	}
	return text[len(text)-4:]
}

// String returns [key].
func (s Secret) String() string { return "[key]" }

// Format prints [key] for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalJSON returns "[key]".
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"[key]"`), nil }

// SecretHeader reports whether a header of that name is likely to hold a secret.
func SecretHeader(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{"auth", "key", "token", "secret", "cookie", "pass", "credential", "signature"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// clean returns the key in text, which came from source. A line break at its end, which
// echo and most programs print, is dropped; any other control character could not be
// sent in a header.
func clean(text, source string) (Secret, error) {
	text = strings.TrimRight(text, "\r\n")
	for _, b := range []byte(text) {
		if b < ' ' || b == 0x7f {
			return Secret{}, &KeyError{Source: source, LineBreak: strings.ContainsAny(text, "\r\n")}
		}
	}
	return secret(text), nil
}

// KeyError says that a key holds a character that no key has. It does not hold the key.
type KeyError struct {
	Source    string // key_command, key, or the variable's name
	LineBreak bool   // a line break; otherwise another control character
	Location         // of the key or key_command in the file; zero for a variable
}

func (e *KeyError) Error() string {
	what := "a control character"
	if e.LineBreak {
		what = "a line break"
	}
	where := e.Source
	if e.Path != "" {
		where += " in " + e.Location.String()
	}
	return "the API key holds " + what + "; check " + where
}
