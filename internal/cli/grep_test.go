package cli

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/report"
	"oax/internal/search"
	"oax/internal/term"
)

func TestSmartCase(t *testing.T) {
	for _, c := range []struct {
		pattern string
		command grepCommand
		text    string
		matches bool
	}{
		{"sky", grepCommand{}, "SKY", true},
		{"Sky", grepCommand{}, "sky", false},
		{"Sky", grepCommand{IgnoreCase: true}, "sKY", true},
		{"sky", grepCommand{CaseSensitive: true}, "SKY", false},
		{`\Sky`, grepCommand{}, "XKY", true},
		{`\pLky`, grepCommand{}, "SKY", true},
		{`\p{Lu}ky`, grepCommand{}, "SKY", true},
		{`\x{4B}y`, grepCommand{}, "Ky", true},
		{`(?P<Name>k)y`, grepCommand{}, "KY", true},
		{`(?U)ky`, grepCommand{}, "KY", true},
		{"[A-Z]ky", grepCommand{}, "xky", false},
		{"a.b", grepCommand{Fixed: true}, "axb", false},
		{"a.b", grepCommand{Fixed: true}, "A.B", true},
		{`\S`, grepCommand{Fixed: true}, `\s`, false},
		{"привет", grepCommand{}, "ПРИВЕТ", true},
		{"Привет", grepCommand{}, "ПРИВЕТ", false},
	} {
		c.command.Pattern = c.pattern
		compiled, err := c.command.compile()
		if err != nil {
			t.Errorf("%q: %v", c.pattern, err)
		} else if compiled.MatchString(c.text) != c.matches {
			t.Errorf("%+v in %q: %v", c.command, c.text, !c.matches)
		}
	}
}

func TestBadPatterns(t *testing.T) {
	for pattern, want := range map[string]string{
		"foo(bar":   "missing closing ) at character 4 ((bar)",
		"日本(":       "missing closing ) at character 3 (()",
		"((":        "missing closing )",
		"a)b":       "unexpected ) at character 2 ()b)",
		"x[a-":      "missing closing ] at character 2 ([a-)",
		"a**":       "invalid nested repetition operator at character 2 (**)",
		"*a":        "missing argument to repetition operator at character 1 (*a)",
		`(?<=a)b`:   "invalid named capture at character 1 ((?<=a)b)",
		`a{1001}`:   "invalid repeat count at character 2 ({1001})",
		`\pX`:       `invalid character class range at character 1 (\pX)`,
		"a\xff":     "invalid UTF-8",
		"it's \\bq": "",
	} {
		_, err := (&grepCommand{Pattern: pattern}).compile()
		r, _ := errors.AsType[*report.Error](err)
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v", pattern, err)
		case want == "":
		case r == nil || r.Code != report.ExitUsage:
			t.Errorf("%q: %v", pattern, err)
		case !strings.HasPrefix(strings.TrimPrefix(r.What, "not a regular expression: "), want):
			t.Errorf("%q: %s", pattern, r.What)
		}
	}
	_, err := (&grepCommand{Pattern: "it's ("}).compile()
	if r, _ := errors.AsType[*report.Error](err); r.Hint != `to search for the text itself: oax grep -F 'it'\''s ('` {
		t.Error(r.Hint)
	}
}

func TestGrepScreen(t *testing.T) {
	hit := func(line, match string) search.Hit {
		at := strings.Index(line, match)
		return search.Hit{Turn: 7, Role: chat.User, Line: line, Start: at, End: at + len(match)}
	}
	for _, c := range []struct {
		line, match string
		columns     int
		want        string
	}{
		{"a needle in hay", "needle", 40, "  7: a <needle> in hay\n"},
		{"needle, needle", "needle", 40, "  7: <needle>, <needle>\n"},
		{"\tif needle {", "needle", 40, "  7:     if <needle> {\n"},
		{"ab\x1b[31mneedle\x00", "needle", 40, "  7: ab^[[31m<needle>^@\n"},
		{strings.Repeat("hay ", 30) + "needle" + strings.Repeat(" hay", 30), "needle", 40, "  7: …y hay hay <needle> hay hay hay hay …\n"},
		{strings.Repeat("hay ", 30) + "needle", "needle", 40, "  7: …hay hay hay hay hay hay hay <needle>\n"},
		{strings.Repeat("hay ", 30_000) + "needle" + strings.Repeat(" hay", 30_000), "needle", 30, "  7: …ay hay <needle> hay hay h…\n"},
		{strings.Repeat("針", 30) + "needle" + strings.Repeat("針", 30), "needle", 30, "  7: …針針針<needle>針針針針針…\n"},
		{strings.Repeat("needle", 30), strings.Repeat("needle", 20), 20, "  7: <needleneedlene…>\n"},
		{"a", "", 20, "  7: a\n"},
		{"needle", "needle", 8, "  7: <ne…>\n"},
		{"needle", "needle", 3, "  …\n"},
	} {
		var b strings.Builder
		g := &grepScreen{columns: c.columns, colour: true}
		g.line(&b, hit(c.line, c.match), regexp.MustCompile(regexp.QuoteMeta(c.match)))
		got := strings.NewReplacer("\x1b[2m", "", "\x1b[1;31m", "<").Replace(b.String())
		label, rest, _ := strings.Cut(got, "\x1b[0m")
		got = label + strings.ReplaceAll(rest, "\x1b[0m", ">")
		if got != c.want {
			t.Errorf("%.20q in %d columns:\n%q\n%q", c.line, c.columns, got, c.want)
		}
		plain := strings.NewReplacer("<", "", ">", "", "\n", "").Replace(got)
		if term.Width(plain) > c.columns {
			t.Errorf("%q is wider than %d", plain, c.columns)
		}
	}
}
