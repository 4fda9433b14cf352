package completion

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestSuggestionsThatCannotBeShown(t *testing.T) {
	var all Suggestions
	all.AddWords([]string{"plain", "plain\nls", "plain\x1b[2J", "plain\u202e", " plain", "plain ", "", "other", "plain"})
	if diff := cmp.Diff([]string{"plain"}, all.Beginning("pl").Words()); diff != "" {
		t.Error(diff)
	}
}

func TestSuggestionLines(t *testing.T) {
	s := Suggestions{All: []Suggestion{{"@", "かな漢字変換の仕組み"}, {"@12", "a\x1b]0;x\ab\nc"}}}
	want := []string{"@    かな漢字変換の…", "@12  a^[]0;x^Gb c"}
	if diff := cmp.Diff(want, s.Lines(22)); diff != "" {
		t.Error(diff)
	}
}

// Whatever bash lists, it inserts no more than the words have in common.
func TestListsForBash(t *testing.T) {
	for _, test := range []struct {
		all  []Suggestion
		want string
	}{
		{[]Suggestion{{"ab", "one"}, {"ac", "two"}}, "list\nab  one\nac  two\n"},
		{[]Suggestion{{strings.Repeat("x", 30) + "1", "t"}, {strings.Repeat("x", 30) + "2", "t"}}, "list\n" + strings.Repeat("x", 30) + "1\n" + strings.Repeat("x", 30) + "2\n"},
		{[]Suggestion{{"a b", "t"}, {"a c", "t"}}, "list\na\\ b  t\na\\ c  t\n"},
	} {
		got := Reply("bash", 20, []string{"33", "", "oax cat "}, func([]string) Suggestions { return Suggestions{All: test.all} })
		if got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

func TestShellWords(t *testing.T) {
	for _, test := range []struct {
		line  string
		words []string
		quote byte
	}{
		{"", []string{""}, 0},
		{"oax", []string{"oax"}, 0},
		{"oax ", []string{"oax", ""}, 0},
		{"  oax \t ca", []string{"oax", "ca"}, 0},
		{`oax my\ b`, []string{"oax", "my b"}, 0},
		{`oax "my b`, []string{"oax", "my b"}, '"'},
		{`oax 'my b`, []string{"oax", "my b"}, '\''},
		{`oax 'a\' b`, []string{"oax", `a\`, "b"}, 0},
		{`oax "a\"b\c" d`, []string{"oax", `a"b\c`, "d"}, 0},
		{`oax "" '' x`, []string{"oax", "", "", "x"}, 0},
		{`oax a"b c"d`, []string{"oax", "ab cd"}, 0},
		{`oax x\`, []string{"oax", `x\`}, 0},
		{`oax '"' "'`, []string{"oax", `"`, "'"}, '"'},
	} {
		words, quote := ShellWords(test.line)
		if diff := cmp.Diff(test.words, words); diff != "" || quote != test.quote {
			t.Errorf("%s: quote %q, %s", test.line, quote, diff)
		}
	}
}

// Whatever a word holds, the shell reads back what was inserted as that word.
func FuzzShellWords(f *testing.F) {
	f.Add("plain")
	f.Add(`$(touch x) "it's" \ ~ !`)
	f.Add("かな 漢字")
	f.Fuzz(func(t *testing.T, word string) {
		ShellWords(word)
		if !utf8.ValidString(word) || word == "" {
			return
		}
		words, quote := ShellWords("oax " + backslashed(word))
		if len(words) != 2 || words[1] != word || quote != 0 {
			t.Errorf("%q became %q", word, words)
		}
	})
}

func TestForBash(t *testing.T) {
	for _, test := range []struct {
		word, typed string
		quote       byte
		found, want string
	}{
		{"", "", 0, "my box", `my\ box`},
		{"my", "my", 0, "my box", `my\ box`},
		{"my b", `my\ b`, 0, "my box", `my\ box`},
		{"--profile=my b", `my\ b`, 0, "--profile=my box", `my\ box`},
		{"llama:8", "8", 0, "llama:8b", "8b"},
		{"llama:", "", 0, "llama:8b", "8b"},
		{"my b", "my b", '"', "my box", "my box"},
		{"", "", '"', "$(x)", ""},
		{"", "", 0, "$(x);`y`", `\$\(x\)\;\` + "`y" + `\` + "`"},
	} {
		got := forBash([]Suggestion{{Word: test.found}}, test.word, test.typed, test.quote)
		switch {
		case test.want == "" && len(got) == 0:
		case len(got) != 1 || got[0].Word != test.want:
			t.Errorf("%q for %q: %q, want %q", test.found, test.typed, got, test.want)
		}
	}
}
