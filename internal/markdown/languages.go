package markdown

import "strings"

// language is what a highlighter knows of a programming language. Names and words stand between spaces.
type language struct {
	names  string // what people call it, in small letters
	words  string // keywords
	values string // constants
	line   string // what begins a comment to the end of the line
	open   string // what begins another comment,
	close  string // and what ends it
	quotes string // what begins and ends a string
	lines  string // those of them that go over lines
	raw    string // those in which a backslash is nothing special
	triple string // longer quotes, which go over lines
	keys   string // what follows the first word of a line if it is a key
	within string // what words are made of besides letters, digits and _
	fold   bool   // capitals are no difference
	markup bool   // words and strings are in tags only
	diff   bool
}

// word returns how many bytes at the start of src belong to one word, which may
// have begun before. Whatever is no ASCII does.
func (l *language) word(src []byte, begun bool) int {
	for i, b := range src {
		if !isLetter(b) && !isDigit(b) && b != '_' && b < 0x80 && (i == 0 && !begun || strings.IndexByte(l.within, b) < 0) {
			return i
		}
	}
	return len(src)
}

// languageOf returns the language that the first word of an info string names, or one
// without rules.
func languageOf(info string) *language {
	words := strings.FieldsFunc(info, func(r rune) bool { return strings.ContainsRune(" \t,:{}.", r) })
	if len(words) > 0 {
		name := " " + strings.ToLower(words[0]) + " "
		for i := range languages {
			if strings.Contains(languages[i].names, name) {
				return &languages[i]
			}
		}
	}
	return &language{}
}

// languages are those that are highlighted.
var languages = [...]language{
	{
		names:  " go golang ",
		words:  " break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var ",
		values: " true false nil iota ",
		line:   "//", open: "/*", close: "*/", quotes: "\"'`", lines: "`", raw: "`",
	},
	{
		names:  " python py python3 starlark ",
		words:  " and as assert async await break class continue def del elif else except finally for from global if import in is lambda match nonlocal not or pass raise return try while with yield ",
		values: " True False None self ",
		line:   "#", quotes: "\"'", triple: `""" '''`,
	},
	{
		names:  " javascript js jsx mjs node typescript ts tsx ",
		words:  " abstract as async await break case catch class const continue debugger declare default delete do else enum export extends finally for from function if implements import in instanceof interface keyof let namespace new of private protected public readonly return satisfies static super switch throw try type typeof var void while with yield ",
		values: " true false null undefined this NaN ",
		line:   "//", open: "/*", close: "*/", quotes: "\"'`", lines: "`",
	},
	{
		names:  " bash sh shell zsh fish ksh ",
		words:  " case do done elif else end esac export fi for function if in local read return select set shift source then trap unset until while ",
		values: " true false ",
		line:   "#", quotes: "\"'", raw: "'",
	},
	{names: " json jsonc json5 jsonl ", words: " ", values: " true false null ", line: "//", open: "/*", close: "*/", quotes: `"`},
	{
		names:  " c h cpp c++ cc cxx hpp objc objective-c cuda glsl arduino ",
		words:  " alignas alignof auto bool break case catch char class const constexpr consteval constinit continue decltype default define delete do double else endif enum explicit export extern float for friend goto if ifdef ifndef include inline int long mutable namespace new noexcept operator override pragma private protected public register return short signed sizeof static struct switch template throw try typedef typename union unsigned using virtual void volatile while size_t ",
		values: " true false nullptr NULL this ",
		line:   "//", open: "/*", close: "*/", quotes: "\"'",
	},
	{
		names:  " rust rs ",
		words:  " as async await break const continue crate dyn else enum extern fn for if impl in let loop match mod move mut pub ref return static struct super trait type unsafe use where while ",
		values: " true false self Self None Some Ok Err ",
		line:   "//", open: "/*", close: "*/", quotes: `"`,
	},
	{
		names:  " java kotlin kt csharp cs c# scala swift dart groovy ",
		words:  " abstract as assert async await boolean break byte case catch char class const continue data def default defer do double else enum extends extension final finally float for foreach fun func guard if implements import in init instanceof int interface internal is lateinit lazy let long match namespace native new object open operator out override package private protected protocol public readonly record return sealed short static string struct super suspend switch synchronized throw throws trait try typeof using val var virtual void volatile when where while with yield ",
		values: " true false null nil this self it ",
		line:   "//", open: "/*", close: "*/", quotes: "\"'", triple: `"""`,
	},
	{
		names:  " sql mysql postgresql postgres sqlite plsql tsql ",
		words:  " add all alter and any as asc begin between by case cast check column commit constraint create cross database default delete desc distinct drop else end except exists explain foreign from full function group having if in index inner insert intersect into is join key left like limit not of offset on or order outer over partition primary procedure references replace returning right rollback row rows select set table then to transaction trigger truncate union unique update using values view when where window with ",
		values: " null true false int integer bigint smallint text varchar char date timestamp boolean numeric decimal real serial uuid json jsonb ",
		line:   "--", open: "/*", close: "*/", quotes: "\"'", raw: "\"'", fold: true,
	},
	{names: " yaml yml ", words: " ", values: " true false null yes no on off ", line: "#", quotes: "\"'", raw: "'", keys: ":", within: "-./"},
	{names: " toml ini conf cfg properties env dotenv systemd hcl terraform nginx ", words: " ", values: " true false on off ", line: "# ;", quotes: "\"'", raw: "'", triple: `""" '''`, keys: " =].{", within: "-"},
	{names: " html xml svg vue xhtml svelte ", words: " ", open: "<!--", close: "-->", quotes: "\"'", lines: "\"'", raw: "\"'", within: "-", markup: true},
	{names: " css scss less ", words: " ", values: " none auto inherit initial unset important ", line: "//", open: "/*", close: "*/", quotes: "\"'", keys: ":", within: "-"},
	{
		names:  " ruby rb elixir crystal ",
		words:  " alias and begin break case class def defmodule do else elsif end ensure fn for if in include module next not or private protected public raise redo require rescue retry return super then undef unless until use when while yield ",
		values: " true false nil self ",
		line:   "#", quotes: "\"'`",
	},
	{
		names:  " php ",
		words:  " abstract array as break case catch class const continue declare default do echo else elseif enum extends final finally fn for foreach function global if implements import instanceof interface match namespace new private protected public readonly require return static switch throw trait try use var while yield ",
		values: " true false null ",
		line:   "// #", open: "/*", close: "*/", quotes: "\"'", lines: "\"'",
	},
	{
		names:  " lua ",
		words:  " and break do else elseif end for function goto if in local not or repeat return then until while ",
		values: " true false nil self ",
		line:   "--", quotes: "\"'",
	},
	{
		names: " dockerfile docker makefile make ",
		words: " from as run cmd label expose env add copy entrypoint volume user workdir arg onbuild stopsignal healthcheck shell include define endef ifeq ifneq ifdef ifndef else endif export ",
		line:  "#", quotes: "\"'", keys: ":", fold: true, within: "-",
	},
	{
		names:  " r julia jl perl pl ",
		words:  " abstract begin break const continue do else elseif elsif end export for foreach function global if import in last let library local macro module mutable my next our package quote repeat return struct sub try unless until use using while ",
		values: " TRUE FALSE NULL NA true false nothing undef ",
		line:   "#", quotes: "\"'",
	},
	{names: " diff patch ", diff: true},
}
