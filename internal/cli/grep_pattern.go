package cli

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"
	"unicode/utf8"
)

// compile returns the expression that the pattern is. As in ripgrep, a pattern
// without large letters finds them all the same. The error is a report.
func (c *grepCommand) compile() (*regexp.Regexp, error) {
	expression, small := c.Pattern, isSmall(c.Pattern)
	if c.Fixed {
		expression = regexp.QuoteMeta(c.Pattern)
		small = !strings.ContainsFunc(c.Pattern, unicode.IsUpper)
	}
	if _, err := syntax.Parse(expression, syntax.Perl); err != nil {
		return nil, badPattern(c.Pattern, err)
	}
	if c.IgnoreCase || small && !c.CaseSensitive {
		expression = "(?i)" + expression
	}
	compiled, err := regexp.Compile(expression)
	if err != nil {
		return nil, badPattern(c.Pattern, err)
	}
	return compiled, nil
}

// notLetters are what of an expression is written with letters and stands for none:
// classes, flags and names of groups.
const notLetters = `\\x\{[^}]*\}|\\[pP](\{[^}]*\}|.)|\\.|\(\?P?<[^>]*>|\(\?[a-zA-Z-]*[:)]|\[\[:\^?[a-z]+:\]`

// isSmall reports whether the letters that an expression looks for all are small ones.
func isSmall(expression string) bool {
	letters := regexp.MustCompile(notLetters).ReplaceAllString(expression, "")
	return !strings.ContainsFunc(letters, unicode.IsUpper)
}

// badPattern says what is wrong with a pattern, and where.
func badPattern(pattern string, err error) error {
	what := err.Error()
	if e, ok := errors.AsType[*syntax.Error](err); ok {
		what = string(e.Code)
		if at := faultAt(pattern, e); at >= 0 {
			what += fmt.Sprintf(" at character %d (%s)", utf8.RuneCountInString(pattern[:at])+1, cut(pattern[at:], 20))
		}
	}
	r := &report{what: fmt.Sprintf("no regular expression: %s", what), code: exitUsage, kind: "usage"}
	if utf8.ValidString(pattern) {
		r.hint = "to search for the text itself: oax grep -F " + shellWord(pattern)
	}
	return r
}

// faultAt returns where in a pattern a fault is, or -1. Of a parenthesis without its
// other half only the whole pattern is known: there the one is looked for without
// which all is well.
func faultAt(pattern string, e *syntax.Error) int {
	if e.Code != syntax.ErrMissingParen && e.Code != syntax.ErrUnexpectedParen {
		return strings.Index(pattern, e.Expr)
	}
	for at := len(pattern) - 1; at >= 0; at-- {
		if pattern[at] == '(' || pattern[at] == ')' {
			if _, err := syntax.Parse(pattern[:at]+`\`+pattern[at:], syntax.Perl); err == nil {
				return at
			}
		}
	}
	return -1
}

// shellWord quotes a word for a shell.
func shellWord(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }
