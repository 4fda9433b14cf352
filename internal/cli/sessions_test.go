package cli

import (
	"fmt"
	"testing"

	"oax/internal/report"
	"oax/internal/session"
)

// A command with words that are no IDs hints how to send them.
func TestOrPrompt(t *testing.T) {
	unfound := func(ref string) error { return &session.NotFoundError{Ref: ref} }
	bad := func(ref string) error { return &session.BadIDError{Ref: ref} }
	for _, c := range []struct {
		err   error
		words []string
		hint  string // empty: that of the error
	}{
		{unfound("old"), []string{"rm", "old", "branches"}, "to ask it: oax -- rm old branches"},
		{unfound("videos"), []string{"cat", "videos", "of", "cats"}, "to ask it: oax -- cat videos of cats"},
		{unfound("branches"), []string{"rm", "branches"}, ""},
		{unfound("k3f"), []string{"rm", "k3f", "old"}, ""},
		{unfound("@9"), []string{"rm", "old", "@9"}, ""},
		{unfound("old"), []string{"cat", "-", "old"}, ""},
		{bad("What"), []string{"rm", "What", "is", "$HOME?"}, "to ask it: oax -- rm What is '$HOME?'"},
		{unfound("it"), []string{"rm", "it", "isn't", "日本語"}, `to ask it: oax -- rm it 'isn'\''t' 日本語`},
		{unfound("a"), []string{"rm", "a", fmt.Sprintf("%0300d", 0)}, ""},
		{&session.AmbiguousError{Ref: "a", IDs: []string{"ab", "ac"}}, []string{"rm", "a", "b"}, ""},
	} {
		want := *report.Of(c.err)
		if c.hint != "" {
			want.Hint = c.hint
		}
		if got := report.Of(orPrompt(c.err, c.words)); *got != want {
			t.Errorf("%v: %+v, want %+v", c.words, got, want)
		}
	}
}
