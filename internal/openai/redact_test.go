package openai

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
)

func TestRedactor(t *testing.T) {
	const key, header, password = "sk-a/b+c 0123", "Bearer t0p&secret\"word", "p@ss:word"
	r := NewRedactor(key, header, password, "user:"+password, "short", "")
	for _, text := range []string{
		key, "x" + key + "y", url.QueryEscape(key), url.PathEscape(key), strings.ToLower(url.QueryEscape(key)),
		header, `t0p&secret"word`, `t0p\u0026secret\"word`,
		base64.StdEncoding.EncodeToString([]byte("user:" + password)), base64.RawURLEncoding.EncodeToString([]byte("user:" + password)),
		"user:" + password, url.UserPassword("user", password).String(),
	} {
		got := r.Redact(text)
		if !strings.Contains(got, "[key]") || strings.Contains(got, "0123") || strings.Contains(got, "word") || strings.Contains(got, "ssec") {
			t.Errorf("%s: %s", text, got)
		}
	}
	for _, text := range []string{"", "short", "an honest text", "sk-a"} {
		if got := r.Redact(text); got != text {
			t.Errorf("%s: %s", text, got)
		}
	}
	if got := (Redactor{}).Redact(key); got != key {
		t.Error(got)
	}
}

// FuzzRedactor: what is redacted does not hold the secret any more.
func FuzzRedactor(f *testing.F) {
	f.Add("0123456789", "x0123456789y")
	f.Add("a%b c/d\"e\x00\xff", "a%25b+c%2Fd%22e")
	f.Fuzz(func(t *testing.T, secret, text string) {
		got := NewRedactor(secret).Redact(text + secret + url.QueryEscape(secret))
		if len(secret) >= 8 && strings.Contains(strings.ReplaceAll(got, "[key]", "\n"), secret) && !strings.Contains(secret, "\n") {
			t.Errorf("%q is in %q", secret, got)
		}
	})
}
