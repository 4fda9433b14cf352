package markdown

import (
	"strings"
	"testing"
)

// tagged puts names into braces where the styles are: {bold magenta}, {} for none.
func tagged(styled string) string {
	names := map[string]string{
		"1": "bold", "2": "dim", "3": "italic", "4": "underline", "9": "strike",
		"31": "red", "32": "green", "34": "blue", "35": "magenta", "36": "cyan",
	}
	return sequence.ReplaceAllStringFunc(styled, func(s string) string {
		if s[1] == ']' {
			return s
		}
		var words []string
		for code := range strings.SplitSeq(s[2:len(s)-1], ";") {
			if code != "0" && code != "" {
				words = append(words, names[code])
			}
		}
		return "{" + strings.Join(words, " ") + "}"
	})
}

// sourceLooks are texts as they are written, with styles.
var sourceLooks = []look{
	{"plain", "Hello, world.\n\nNext.\n", "Hello, world.\n\nNext.\n"},
	{"strong", "a **b c** d", "a {-}**{bold}b c{-}**{/} d"},
	{"emphasis", "a *b* _c_ d", "a {-}*{italic}b{-}*{/} {-}_{italic}c{-}_{/} d"},
	{"both", "***a***", "{-}***{bold italic}a{-}***{/}"},
	{"nested", "**a *b* c**", "{-}**{bold}a {-}*{bold italic}b{-}*{bold} c{-}**{/}"},
	{"three open, two and one close", "***a** b* c", "{-}***{bold italic}a{-}**{italic} b{-}*{/} c"},
	{"strikethrough", "~~a~~ ~5 ~6~", "{-}~~{strike}a{-}~~{/} ~5 ~6~"},
	{"snake case", "snake_case_name, _a_b", "snake_case_name, {-}_{italic}a_b{/}"},
	{"products", "2*3*4, 2**10, a * b, 5 ** 2 *", "2*3*4, 2**10, a * b, 5 ** 2 *"},
	{"rule of three", "*a**b*", "{-}*{italic}a**b{-}*{/}"},
	{"Japanese", "これは**「太字」**です。*斜*体", "これは{-}**{bold}「太字」{-}**{/}です。{-}*{italic}斜{-}*{/}体"},
	{"never closed", "a **b\nc\n\nd", "a {-}**{bold}b{/}\n{bold}c{/}\n\nd"},
	{"closed by a heading", "*a\n# b *c\nd", "{-}*{italic}a{/}\n{-}#{/} {bold underline magenta}b {-}*{bold italic underline magenta}c{/}\nd"},
	{"closed by an item", "*a\n- b", "{-}*{italic}a{/}\n{magenta}-{/} b"},
	{"escapes", `\*a\* \a \`, `{-}\{/}*a{-}\{/}* \a \`},
	{"code", "`a*b*` ``a`b`` c", "{-}`{cyan}a*b*{-}`{/} {-}``{cyan}a`b{-}``{/} c"},
	{"code in strong", "**a `b` c**", "{-}**{bold}a {-}`{bold cyan}b{-}`{bold} c{-}**{/}"},
	{"code over a line end", "`a\nb` c", "{-}`{cyan}a{/}\n{cyan}b{-}`{/} c"},
	{"headings", "# a\n###### b #\n####### c\n#d", "{-}#{/} {bold underline magenta}a{/}\n{-}######{/} {italic}b{/} {-}#{/}\n####### c\n#d"},
	{"empty heading", "#\n##", "{-}#{/}\n{-}##{/}"},
	{"underlined heading", "a\n===\n\nb\n--\nc", "a\n{-}==={/}\n\nb\n{-}--{/}\nc"},
	{"rules", "---\n* * *\n__ _\n_ _\n--x", "{-}---{/}\n{-}* * *{/}\n{-}__ _{/}\n_ _\n--x"},
	{"a rule ends a paragraph", "*a\n***\nb", "{-}*{italic}a{/}\n{-}***{/}\nb"},
	{"a long rule", strings.Repeat("-", 100) + "\na", "{-}" + strings.Repeat("-", 100) + "{/}\na"},
	{"list", "- a\n+ b\n* c\n-d", "{magenta}-{/} a\n{magenta}+{/} b\n{magenta}*{/} c\n-d"},
	{"numbers", "1. a\n2) b\n1234567890. c\n3.d", "{magenta}1.{/} a\n{magenta}2){/} b\n1234567890. c\n3.d"},
	{"a number in a paragraph", "in\n2. a\n2026. b\n-\n\nin\n1. c", "in\n2. a\n2026. b\n{-}-{/}\n\nin\n{magenta}1.{/} c"},
	{"nested lists", "- a\n  1. b\n     - - c\n- d", "{magenta}-{/} a\n  {magenta}1.{/} b\n     {magenta}-{/} {magenta}-{/} c\n{magenta}-{/} d"},
	{"tasks", "- [ ] a\n- [x] b\n- [y] c\n[ ] d", "{magenta}-{/} {magenta}[ ]{/} a\n{magenta}-{/} {magenta}[x]{/} b\n{magenta}-{/} [y] c\n[ ] d"},
	{"quotes", "> a *b\n> c*\n> > d\nlazy *e*\n\nf", "{green}>{/} a {-}*{italic}b{/}\n{green}>{/} {italic}c{-}*{/}\n{green}>{/} {green}>{/} d\nlazy {-}*{italic}e{-}*{/}\n\nf"},
	{"fence", "```\n*a*\n```\n*b*", "{-}```{/}\n*a*\n{-}```{/}\n{-}*{italic}b{-}*{/}"},
	{"a longer fence", "~~~~ x`y\n~~~\n*a*\n~~~~~\nb", "{-}~~~~ x`y{/}\n~~~\n*a*\n{-}~~~~~{/}\nb"},
	{"a fence never closed", "```\n*a*\n\n# b", "{-}```{/}\n*a*\n\n# b"},
	{"no fence", "```a` b``` c", "{-}```{cyan}a` b{-}```{/} c"},
	{"a fence in an item", "1. a\n   ```\n   *b*\n   ```\n   *c*", "{magenta}1.{/} a\n   {-}```{/}\n   *b*\n   {-}```{/}\n   {-}*{italic}c{-}*{/}"},
	{"an item ends its fence", "- ```\n  *a*\n*b*", "{magenta}-{/} {-}```{/}\n  *a*\n{-}*{italic}b{-}*{/}"},
	{"a quote ends its fence", "> ```\n> *a*\n\n*b*", "{green}>{/} {-}```{/}\n{green}>{/} *a*\n\n{-}*{italic}b{-}*{/}"},
	{"a new quote has no fence", "> ```\n\n> *a*", "{green}>{/} {-}```{/}\n\n{green}>{/} {-}*{italic}a{-}*{/}"},
	{"the space of a quote", ">    *a*\n\n>     *b*", "{green}>{/}    {-}*{italic}a{-}*{/}\n\n{green}>{/}     *b*"},
	{"an item that begins empty", "-\n  a\n\n     *b*\n\n      *c*", "{magenta}-{/}\n  a\n\n     {-}*{italic}b{-}*{/}\n\n      *c*"},
	{"an item goes on lazily", "- *a\nb*\n\n  *c*", "{magenta}-{/} {-}*{italic}a{/}\n{italic}b{-}*{/}\n\n  {-}*{italic}c{-}*{/}"},
	{"an item with code", "-     *a*\n\n  *b*\n-\n  *c*\n\n      *d*", "{magenta}-{/}     *a*\n\n  {-}*{italic}b{-}*{/}\n{magenta}-{/}\n  {-}*{italic}c{-}*{/}\n\n      *d*"},
	{"indented code", "a\n    *b*\n\n    *c*\n# d", "a\n    {-}*{italic}b{-}*{/}\n\n    *c*\n{-}#{/} {bold underline magenta}d{/}"},
	{"a link to a label", "[c]: https://d.e\n\nsee [a **b**][c] d", "[c]: {underline}https://d.e{/}\n\nsee {-}[{underline}a {-}**{bold underline}b{-}**][c]{/} d"},
	{"links", "[a](b_c_(d)_e) f", "{-}[{underline}a{-}](b_c_(d)_e){/} f"},
	{"a link of some words", "see [a **b**][c] d", "see [a {-}**{bold}b{-}**{/}][c] d"},
	{"an image", "![a](b) c", "{-}![{underline}a{-}](b){/} c"},
	{"a bar in a link", "[a|b](c)", "{-}[{underline}a|b{-}](c){/}"},
	{"brackets in a link", "[a [b] c](d)", "{-}[{underline}a [b] c{-}](d){/}"},
	{"no links", "[1] x[i + 1] [0, 1) [^2] [ ] [a]: b", "[1] x[i + 1] [0, 1) [{-}^{/}2] [ ] [a]: b"},
	{"an address", "<https://a_b_c> <b> a<b>c <std::a, b>", "{-}<{underline}https://a_b_c{-}>{/} <b> a<b>c <std::a, b>"},
	{"table", "| a | `b` |\n|---|:-:|\n| *c* | d \\| |\n\ne", "{-}|{/} {bold}a{/} {-}|{/} {-}`{bold cyan}b{-}`{/} {-}|{/}\n{-}|---|:-:|{/}\n{-}|{/} {-}*{italic}c{-}*{/} {-}|{/} d {-}\\{/}| {-}|{/}\n\ne"},
	{"a table without outer bars", "a | b\n--|--\nc | *d\n\ne", "a | b\n{-}--|--{/}\nc {-}|{/} {-}*{italic}d{/}\n\ne"},
	{"a cell ends what is open in it", "| a |\n|--|\n| **b | c |", "{-}|{/} {bold}a{/} {-}|{/}\n{-}|--|{/}\n{-}|{/} {-}**{bold}b{/} {-}|{/} c {-}|{/}"},
	{"a control in bold", "**a\x1b[31mb**", "{-}**{bold}a^[[31mb{-}**{/}"},
	{"hidden characters", "*\u200ba*", "{-}*{italic}a{-}*{/}"},
}

func TestSourceLooks(t *testing.T) {
	checkLooks(t, sourceLooks, func(text string) string { return tagged(shown(modes["source"], text)) })
}
