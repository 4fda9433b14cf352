package markdown

import (
	"strings"
	"testing"
)

// sources are a language and how code in it is styled: {k} a keyword, {s} a string,
// {n} a number or a constant, {c} a comment, {/} none of them.
var sources = []struct{ name, want string }{
	{"go", "{k}func{/} f() string { {k}return{/} {s}`a{/}\n{s}b`{/} + {s}\"\\\"c\"{/} } {c}// d{/}"},
	{"go", "{c}/* a{/}\n{c} b */{/} x := {n}0x1F{/} + {s}'a'{/} + y.type + truethful / {n}2{/}"},
	{"Go", "{n}nil{/}"},
	{"python", "{k}def{/} f(a): {c}# b{/}\n  {s}\"\"\"c{/}\n{s}  d\"\"\"{/}\n  {k}return{/} {s}'e'{/} * {n}2{/}.{n}5{/} + {n}None{/}"},
	{"py", "{s}'never ended{/}\n{k}if{/} x"},
	{"js {linenos}", "{k}const{/} a = {s}`b $c // {/}\n{s}'d'`{/}; a {c}// 1{/}"},
	{"bash", "{k}for{/} f {k}in{/} $#; {k}do{/} {c}# a{/}\n echo {s}'b\\'{/} {s}\"c\\\"\"{/}; {k}done{/}"},
	{"json", `{{s}"a"{/}: [{n}1{/}, {n}true{/}], {s}"b"{/}: -{n}2{/}}`},
	{"c++", "#{k}include{/} <a>\n{k}int{/} x = {n}NULL{/}; {c}// é{/}"},
	{"rust", "{k}fn{/} f<'a>(x: &'a str) -> {s}\"b\"{/}"},
	{"sql", "{k}SELECT{/} a {k}From{/} b {c}-- c{/}\n{k}where{/} d = {s}'it''s'{/} {k}AND{/} e {k}IS{/} {n}NULL{/}"},
	{"yaml", "{k}a-b{/}: c {c}# d{/}\n- {k}e{/}: {n}true{/}\n- f g"},
	{"toml", "[{k}a{/}]\n{k}b{/} = {s}\"c\"{/} {c}# d{/}"},
	{"html", "{c}<!-- a{/}\n{c}b -->{/}<{k}p{/} id={s}\"c\"{/}>don't 1 if</{k}p{/}>"},
	{"diff", "{b}diff --git a b{/}\n{n}@@ a{/}\n{s}+b \"c\"{/}\n{r}-d{/}\n +e\n\n{s}+f{/}"},
	{"", "if \"a\" // 1"},
	{"unheard-of", "if \"a\" // 1"},
	{"go", strings.Repeat("for", 20) + " {n}" + strings.Repeat("9", 100) + "{/} x"},
	{"yaml", strings.Repeat("long", 20) + "-1"},
	{"toml", strings.Repeat("long", 6) + " = {n}1{/}"},
	{"go", "{s}\"日本語\"{/} 変数for := {n}1{/}"},
}

func TestHighlight(t *testing.T) {
	long := strings.NewReplacer("{k}", "{magenta}", "{s}", "{green}", "{n}", "{cyan}", "{c}", "{dim}", "{b}", "{bold}", "{r}", "{red}", "{/}", "{}")
	short := strings.NewReplacer("{k}", "", "{s}", "", "{n}", "", "{c}", "", "{b}", "", "{r}", "", "{/}", "")
	for _, c := range sources {
		t.Run(c.name, func(t *testing.T) {
			in := "```" + c.name + "\n" + short.Replace(c.want) + "\n```"
			styled := shown(modes["source"], in)
			if got, want := tagged(styled), "{dim}```"+c.name+"{}\n"+long.Replace(c.want)+"\n{dim}```{}"; got != want {
				t.Errorf(" got %s\nwant %s", got, want)
			}
			checkShown(t, in)
		})
	}
}

// Every word of every language can be met, since none is longer than what is held
// back, and stands between spaces.
func TestLanguages(t *testing.T) {
	for i := range languages {
		l := &languages[i]
		for name := range strings.FieldsSeq(l.names) {
			if languageOf(strings.ToUpper(name)+", x") != l {
				t.Errorf("%s is not known", name)
			}
		}
		for _, words := range []string{l.names, l.words, l.values} {
			if words != "" && (words[0] != ' ' || words[len(words)-1] != ' ') {
				t.Errorf("no space at an end of %q", words)
			}
		}
		for _, words := range []string{l.words, l.values} {
			for word := range strings.FieldsSeq(words) {
				if len(word) > longestWord || l.word([]byte(word), false) != len(word) || l.fold && word != strings.ToLower(word) {
					t.Errorf("%s: %q is never met", l.names, word)
				}
			}
		}
	}
}
