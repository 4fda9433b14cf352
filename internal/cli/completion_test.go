package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// completes returns an environment of a person with two profiles and no sessions, and
// makes it the one of the process.
func completes(t *testing.T) *Env {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"} {
		t.Setenv(name, dir)
	}
	config := "[profiles.\"my box\"]\nbase_url = \"http://localhost:1/v1\"\nmodel = \"llama3:8b\"\n"
	if err := os.Mkdir(filepath.Join(dir, "oax"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "oax", "config.toml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return &Env{LookupEnv: os.LookupEnv}
}

func TestComplete(t *testing.T) {
	env := completes(t)
	const files = "(files)"
	for _, test := range []struct {
		line string // its last word is completed
		want string // what begins so, or files
	}{
		{"", "ls cat"},
		{"ca", "cat"},
		{"__", files}, // hidden commands are none
		{"-p demo mod", "models"},
		{"-q ca", "cat"},
		{"-- ca", files},
		{"why ca", files},
		{"why -", "--help"}, // flags may follow words
		{"-r ca", ""},
		{"completion ", "bash zsh fish"},
		{"completion f", "fish"},
		{"completion fish ", ""},
		{"completion -- f", "fish"},
		{"-p de", "deepseek demo"},
		{"--profile my", "my_box"},
		{"--profile=my", "--profile=my_box"},
		{"-qp dem", "demo"},
		{"-p demo -m ", "demo"},
		{"-pdemo -m ", "demo"},
		{"--profile=demo -m ", "demo"},
		{"-m d -p demo models -m ", "demo"},
		{"-p nobody -m ", ""},
		{"--mod", "--model"},
		{"-m", "-m"},
		{"-m x --mod", ""}, // it is there already
		{"-o a=1 --opt", "--option"},
		{"cat --rec", "--recall"},
		{"cat -- --rec", ""},
		{"cat --mod", ""}, // not a flag of cat
		{"retry --mod", "--model"},
		{"-s ", ""},
		{"--nope ", "ls cat"},
		{"--nope=", ""},
		{"--json=", ""},
		{"--temperature=", ""},
		{"cat k3", ""},
		{"cat --color ", "auto always never"},
		{"--color=a", "--color=auto --color=always"},
		{"--no-m", "--no-markdown"},
		{"import chatgpt", "chatgpt-cli chatgpt"},
		{"import chatgpt ex", files},
		{"import ex", files},
		{"mv @ ti", ""}, // words of one's own
		{"grep pa", ""},
		{"config ", "path show init edit"},
		{"models x", ""},
		{"--version --", "--help"},
	} {
		words := strings.Split(test.line, " ")
		last := len(words) - 1
		found := env.complete(words[:last], words[last])
		got := strings.Split(strings.ReplaceAll(strings.Join(found.words(), ","), " ", "_"), ",")
		want := strings.Fields(test.want)
		switch {
		case test.want == files || found.files:
			if found.files != (test.want == files) || len(found.all) > 0 {
				t.Errorf("oax %s: files %t, %q", test.line, found.files, got)
			}
		case test.want == "" && len(found.all) > 0:
			t.Errorf("oax %s: %q, want nothing", test.line, got)
		case test.want != "" && !slices.Equal(got[:min(len(want), len(got))], want):
			t.Errorf("oax %s: %q, want %q", test.line, got, want)
		}
	}
}

func TestSuggestionsThatCannotBeShown(t *testing.T) {
	got := named("plain", "plain\nls", "plain\x1b[2J", "plain\u202e", " plain", "plain ", "", "other").that("pl")
	if diff := cmp.Diff([]string{"plain"}, got.words()); diff != "" {
		t.Error(diff)
	}
}

func TestSuggestionLines(t *testing.T) {
	s := suggestions{all: []suggestion{{"@", "かな漢字変換の仕組み"}, {"@12", "a\x1b]0;x\ab\nc"}}}
	want := []string{"@    かな漢字変換の…", "@12  a^[]0;x^Gb c"}
	if diff := cmp.Diff(want, s.lines(22)); diff != "" {
		t.Error(diff)
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
		words, quote := shellWords(test.line)
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
		shellWords(word)
		if !utf8.ValidString(word) || word == "" {
			return
		}
		words, quote := shellWords("oax " + backslashed(word))
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
		got := forBash([]suggestion{{word: test.found}}, test.word, test.typed, test.quote)
		switch {
		case test.want == "" && len(got) == 0:
		case len(got) != 1 || got[0].word != test.want:
			t.Errorf("%q for %q: %q, want %q", test.found, test.typed, got, test.want)
		}
	}
}
