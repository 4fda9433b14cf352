package cli

import (
	"errors"
	"strings"
	"testing"

	"oax/internal/report"
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
