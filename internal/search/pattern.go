package search

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"
	"unicode/utf8"
)

// How a pattern that a person types becomes an expression.

// PatternOptions say how a pattern is read.
type PatternOptions struct {
	Fixed         bool // it is plain text, not a regular expression
	IgnoreCase    bool
	CaseSensitive bool // IgnoreCase wins over it
}

// PatternError says that a pattern is not a regular expression.
type PatternError struct {
	Pattern string
	Problem string // in the words of regexp/syntax, and where it is
}

func (e *PatternError) Error() string { return "not a regular expression: " + e.Problem }

// Compile returns the expression that a pattern is. As in ripgrep, a pattern without
// capital letters ignores case, unless an option says more. The error is a *PatternError.
func Compile(pattern string, o PatternOptions) (*regexp.Regexp, error) {
	expression := pattern
	letters := regexp.MustCompile(notLetters).ReplaceAllString(expression, "")
	if o.Fixed {
		expression, letters = regexp.QuoteMeta(pattern), pattern
	}
	if _, err := syntax.Parse(expression, syntax.Perl); err != nil {
		return nil, patternError(pattern, err)
	}
	if o.IgnoreCase || !o.CaseSensitive && !strings.ContainsFunc(letters, unicode.IsUpper) {
		expression = "(?i)" + expression
	}
	compiled, err := regexp.Compile(expression)
	if err != nil {
		return nil, patternError(pattern, err)
	}
	return compiled, nil
}

// notLetters matches what is written with letters in an expression and does not stand for
// a letter: classes, flags and names of groups.
const notLetters = `\\x\{[^}]*\}|\\[pP](\{[^}]*\}|.)|\\.|\(\?P?<[^>]*>|\(\?[a-zA-Z-]*[:)]|\[\[:\^?[a-z]+:\]`

func patternError(pattern string, err error) *PatternError {
	problem := err.Error()
	if e, ok := errors.AsType[*syntax.Error](err); ok {
		problem = string(e.Code)
		if at := mistakeIn(pattern, e); at >= 0 {
			rest := []rune(pattern[at:])
			problem += fmt.Sprintf(" at character %d (%s)", utf8.RuneCountInString(pattern[:at])+1, string(rest[:min(len(rest), 20)]))
		}
	}
	return &PatternError{pattern, problem}
}

// mistakeIn returns where the mistake in a pattern is, or -1. Of a missing parenthesis the
// error tells only the whole pattern: the mistake is then the one without which the
// pattern is right.
func mistakeIn(pattern string, e *syntax.Error) int {
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
