package openai

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
)

// Redactor replaces secrets in what others say: errors, headers, whatever a service or a
// proxy may have copied from a request. The zero value replaces nothing.
type Redactor struct{ replacer *strings.Replacer }

// NewRedactor returns a Redactor of some texts. It finds each as it is, percent-encoded, in
// base64 and as JSON has it, and of "Bearer key" the key alone, too. One of fewer than
// eight bytes may be part of a word, and is left alone.
func NewRedactor(secrets ...string) Redactor {
	const shortest = 8
	var forms []string
	for _, secret := range secrets {
		for _, s := range []string{secret, secret[strings.LastIndexByte(secret, ' ')+1:]} {
			if len(s) >= shortest {
				forms = append(forms, formsOf(s)...)
			}
		}
	}
	if len(forms) == 0 {
		return Redactor{}
	}
	slices.SortFunc(forms, func(a, b string) int { // the longer first: it may contain the other
		return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(a, b))
	})
	var pairs []string
	for _, form := range slices.Compact(forms) {
		pairs = append(pairs, form, "[key]")
	}
	return Redactor{strings.NewReplacer(pairs...)}
}

// formsOf returns a secret in each form in which it may come back.
func formsOf(s string) []string {
	quoted, _ := json.Marshal(s)
	forms := []string{s, string(quoted[1 : len(quoted)-1])}
	for _, encoded := range []string{url.QueryEscape(s), url.PathEscape(s)} {
		forms = append(forms, encoded, lowerHex(encoded))
	}
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		forms = append(forms, strings.TrimRight(encoding.EncodeToString([]byte(s)), "="))
	}
	return forms
}

// lowerHex writes the digits of percent-encoded bytes in small letters.
func lowerHex(s string) string {
	b := []byte(s)
	for i := range b {
		if b[i] == '%' {
			copy(b[i:], strings.ToLower(s[i:i+3]))
		}
	}
	return string(b)
}

// Redact returns the text with [key] for each secret.
func (r Redactor) Redact(text string) string {
	if r.replacer == nil || text == "" {
		return text
	}
	return r.replacer.Replace(text)
}

// redactedError is an error whose text had a secret in it. It is not unwrapped, since
// those inside have the secret, too.
type redactedError struct {
	text string
	err  error
}

func (e *redactedError) Error() string        { return e.text }
func (e *redactedError) Is(target error) bool { return errors.Is(e.err, target) }
func (e *redactedError) As(target any) bool   { return errors.As(e.err, target) }
