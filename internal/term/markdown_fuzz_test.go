package term

import (
	"strings"
	"testing"
)

// What comes out is the filtered text and styles, which end with each line, and
// how the text was cut makes no difference.
func FuzzMarkdown(f *testing.F) {
	for _, c := range looks {
		f.Add(c.in, uint64(1))
	}
	for _, c := range rules {
		f.Add("**"+c.in+"**", uint64(2))
	}
	f.Fuzz(func(t *testing.T, in string, seed uint64) {
		styled := styledText(in)
		checkStyled(t, in[:min(len(in), 200)], styledText(in[:min(len(in), 200)]))
		plain := sequence.ReplaceAllString(styled, "")
		if plain != Visible(in) || strings.Contains(plain, "\x1b") {
			t.Fatalf("without styles %q, want %q", plain, Visible(in))
		}
		if got := inPieces(cut(in, seed)...); got != styled {
			t.Fatalf("in pieces %q\nwhole %q", got, styled)
		}
	})
}

// The same for source in every language.
func FuzzHighlight(f *testing.F) {
	languages := strings.Fields("go python js bash json c++ rust java sql yaml toml html css ruby php lua dockerfile r diff text")
	for i, c := range sources {
		f.Add(c.want, uint8(i), uint64(i))
	}
	f.Fuzz(func(t *testing.T, in string, language uint8, seed uint64) {
		in = "```" + languages[int(language)%len(languages)] + "\n" + in
		styled := styledText(in)
		if plain := sequence.ReplaceAllString(styled, ""); plain != Visible(in) {
			t.Fatalf("without styles %q, want %q", plain, Visible(in))
		}
		if got := inPieces(cut(in, seed)...); got != styled {
			t.Fatalf("in pieces %q\nwhole %q", got, styled)
		}
	})
}
