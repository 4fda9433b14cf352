package search

import (
	"errors"
	"strings"
	"testing"
)

func TestSmartCase(t *testing.T) {
	for _, c := range []struct {
		pattern string
		options PatternOptions
		text    string
		matches bool
	}{
		{"sky", PatternOptions{}, "SKY", true},
		{"Sky", PatternOptions{}, "sky", false},
		{"Sky", PatternOptions{IgnoreCase: true}, "sKY", true},
		{"sky", PatternOptions{CaseSensitive: true}, "SKY", false},
		{`\Sky`, PatternOptions{}, "XKY", true},
		{`\pLky`, PatternOptions{}, "SKY", true},
		{`\p{Lu}ky`, PatternOptions{}, "SKY", true},
		{`\x{4B}y`, PatternOptions{}, "Ky", true},
		{`(?P<Name>k)y`, PatternOptions{}, "KY", true},
		{`(?U)ky`, PatternOptions{}, "KY", true},
		{"[A-Z]ky", PatternOptions{}, "xky", false},
		{"a.b", PatternOptions{Fixed: true}, "axb", false},
		{"a.b", PatternOptions{Fixed: true}, "A.B", true},
		{`\S`, PatternOptions{Fixed: true}, `\s`, false},
		{"привет", PatternOptions{}, "ПРИВЕТ", true},
		{"Привет", PatternOptions{}, "ПРИВЕТ", false},
	} {
		compiled, err := Compile(c.pattern, c.options)
		if err != nil {
			t.Errorf("%q: %v", c.pattern, err)
		} else if compiled.MatchString(c.text) != c.matches {
			t.Errorf("%+v in %q: %v", c.options, c.text, !c.matches)
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
		_, err := Compile(pattern, PatternOptions{})
		r, _ := errors.AsType[*PatternError](err)
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v", pattern, err)
		case want == "":
		case r == nil || r.Pattern != pattern:
			t.Errorf("%q: %v", pattern, err)
		case !strings.HasPrefix(r.Problem, want):
			t.Errorf("%q: %s", pattern, r.Problem)
		}
	}
}
