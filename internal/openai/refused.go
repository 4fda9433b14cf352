package openai

import (
	"net/http"
	"regexp"
	"strings"
	"unicode"
)

// Refused returns the field of the request that the service does not take, or not with
// that value, and the field that it wants instead. Both are empty if the error does not
// speak of one. The services say it in their own ways: OpenAI and Azure with a code and
// a parameter, others in words alone.
func (e *Error) Refused() (field, instead string) {
	if e.Kind != BadStatus || e.Status != http.StatusBadRequest && e.Status != http.StatusUnprocessableEntity {
		return "", ""
	}
	if found := regexp.MustCompile(`[Uu]se '(\w+)' instead`).FindStringSubmatch(e.Message); found != nil {
		instead = found[1]
	}
	if e.Param != "" {
		return snake(e.Param), instead
	}
	said := e.Message + "\n" + e.Detail
	for _, pattern := range refusals() {
		if found := regexp.MustCompile(pattern).FindStringSubmatch(said); found != nil {
			return snake(found[1]), instead
		}
	}
	return "", ""
}

// refusals are the words for a field that is not taken, the field in their first group.
func refusals() []string {
	return []string{
		`(?i)unsupported (?:parameter|value): '([\w.\[\]]+)'`,             // OpenAI, Azure
		`(?i)unrecognized request arguments? supplied: ([\w.]+)`,          // OpenAI, Azure, older
		`(?i)unknown (?:parameter|field|argument):? ["'` + "`" + `](\w+)`, // OpenAI; servers in Go and Rust
		`(?i)unknown name \\?"(\w+)\\?"`,                                  // Google
		`(?i)property '([\w.]+)' is unsupported`,                          // Groq, Cerebras
		`(?i)'loc': [(\[]'body', '(\w+)'`,                                 // vLLM, which prints Python
		`(?i)not permitted, field: '(\w+)'`,                               // Fireworks
		`(?i)argument not supported on this model: (\w+)`,                 // xAI
		`(?i)["'` + "`" + `](\w+)["'` + "`" + `](?: parameter| field)? is (?:not supported|unsupported|not allowed|deprecated)`,
		`(?i)(?:parameter|field|argument) (\w+) is (?:not supported|unsupported|not allowed)`,
	}
}

// snake writes a field as it is sent: some services name it as their own code does.
func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) {
			if i > 0 {
				b.WriteByte('_')
			}
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}
