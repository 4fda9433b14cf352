package record

import (
	"strings"
	"testing"

	"oax/internal/chat"
)

func TestTitleFromPrompt(t *testing.T) {
	word := "abcdefghi "
	for text, want := range map[string]string{
		"":                             "",
		" \n\t\n":                      "",
		"one":                          "one",
		"\n\n  one \t two \n three":    "one two",
		"one\r\ntwo":                   "one",
		strings.Repeat("x", 80):        strings.Repeat("x", 80),
		strings.Repeat("x", 81):        strings.Repeat("x", 79) + "…",
		strings.Repeat(word, 8):        strings.TrimSpace(strings.Repeat(word, 8)),
		strings.Repeat(word, 9):        strings.TrimSpace(strings.Repeat(word, 8))[:79] + "…",
		strings.Repeat("日", 80):        strings.Repeat("日", 80),
		strings.Repeat("日", 200):       strings.Repeat("日", 79) + "…",
		"a " + strings.Repeat("x", 99): "a " + strings.Repeat("x", 77) + "…",
		strings.Repeat("x", 50) + " " + strings.Repeat("y", 50): strings.Repeat("x", 50) + "…",
		strings.Repeat("x", 78) + "e\u0301" + "yyyy":            strings.Repeat("x", 78) + "…",
		strings.Repeat("日", 77) + "👩\u200d🔬日日":                  strings.Repeat("日", 77) + "…",
		"# Heading #1\nmore":                                    "Heading #1",
		"> > quoted\nmore":                                      "quoted",
		"> ## both":                                             "both",
		"#include <stdio.h>":                                    "#include <stdio.h>",
		">= 2 or not":                                           ">= 2 or not",
		"```go\nfunc main() {}\n```":                            "func main() {}",
		"~~~\n\n> ```\n  x := 1":                                "x := 1",
		"```x``` is inline\nmore":                               "```x``` is inline",
		"\n ```\n```":                                           "```",
		"#":                                                     "#",
		">":                                                     ">",
		"\x1b[31mred":                                           "\x1b[31mred",
		"notes.md:\n```md\nsecret\n```":                         "notes.md",
		"~~~x:\n```\nsecret\n```":                               "~~~x",
		"# :\n```\nsecret\n```":                                 "#",
		"```:\n```\nsecret\n```":                                "```",
		"[image: a.png]\n\na:\n```\nb\n```":                     "[image: a.png]",
		"what is\n\nnotes.md:\n```\nx\n```":                     "what is",
		"# Fix this:\n```go\nx\n```":                            "Fix this",
		"<task>\nmend it\n</task>":                              "mend it",
		"<a-task>\n</a-task>\n":                                 "<a-task>",
		"<https://a.example>":                                   "<https://a.example>",
		"a <b> c":                                               "a <b> c",
	} {
		if got := TitleFromPrompt(text); got != want {
			t.Errorf("title of %q is %q, want %q", text, got, want)
		}
	}
}

func TestTitle(t *testing.T) {
	rec := func(kind string, role chat.Role, text string) Record {
		return Record{Kind: kind, Message: Message{Message: chat.Message{Role: role, Text: text}}}
	}
	records := []Record{rec(KindMessage, chat.System, "sys"), rec(KindMessage, chat.User, " \n"), rec(KindMessage, chat.User, "first")}
	if got := TitleFrom(records); got != "first" {
		t.Errorf("%q", got)
	}
	records = append(records, rec(KindTitle, "", "given"), rec(KindTitle, "", "again"))
	if got := TitleFrom(records); got != "again" {
		t.Errorf("%q", got)
	}
	if got := TitleFrom(append(records, rec(KindTitle, "", ""))); got != "first" {
		t.Errorf("taken away: %q", got)
	}
}
