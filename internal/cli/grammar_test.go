package cli

import (
	"reflect"
	"testing"
)

// TestWordsOnly: a line without a flag is to kong what it is without it.
func TestWordsOnly(t *testing.T) {
	for _, words := range [][]string{nil, {"hi"}, {"why", "is", "ls", "blue"}, {""}, {"日本", "a=b"}} {
		direct, parsed := &Env{}, &Env{}
		got := direct.wordsOnly(words)
		want := &askCommand{only: len(words) == 1}
		parser, err := parsed.parser("oax", description, want, everyday)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse(append([]string{"--"}, words...)); err != nil {
			t.Fatal(err)
		}
		if len(words) == 0 {
			got.Words, want.Words = nil, nil
		}
		if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(direct.flags, parsed.flags) {
			t.Errorf("%q: %+v and %+v, by kong %+v and %+v", words, got, direct.flags, want, parsed.flags)
		}
	}
}
