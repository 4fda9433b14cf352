package config

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// ParseError says where the file is not what it should be. It names settings
// and holds none of their values.
type ParseError struct {
	Path   string
	Line   int    // from 1; 0 if not known
	Column int    // in bytes, from 1; 0 if not known
	Key    string // the setting, as profiles.work.model; empty if not known
	Msg    string
}

func (e *ParseError) Error() string {
	text := e.Msg
	if e.Key != "" {
		text = e.Key + ": " + text
	}
	return where(e.Path, Position{e.Line, e.Column}) + ": " + text
}

// where names a place in a file as editors and compilers do: path, line and column.
func where(path string, at Position) string {
	if at.Line == 0 {
		return path
	}
	return fmt.Sprintf("%s:%d:%d", path, at.Line, at.Column)
}

func parse(path string, source []byte) (*File, []Warning, error) {
	var d document
	decoder := toml.NewDecoder(bytes.NewReader(source))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&d)

	var warnings []Warning
	if unknown, ok := errors.AsType[*toml.StrictMissingError](err); ok {
		for i := range unknown.Errors { // the rest of the file is decoded all the same
			warnings = append(warnings, unknownSetting(path, &unknown.Errors[i]))
		}
	} else if err != nil {
		return nil, nil, parseError(path, source, err)
	}
	file := &File{
		Profile:     d.Profile,
		SessionName: d.Sessions.Name,
		TimeFormat:  d.Display.Time,
		profiles:    d.Profiles,
		positions:   func() map[string]Position { return positions(source) },
	}
	if err := file.check(path); err != nil {
		return nil, nil, err
	}
	if err := file.addTemplates(path, d.Templates); err != nil {
		return nil, nil, err
	}
	return file, warnings, nil
}

func unknownSetting(path string, e *toml.DecodeError) Warning {
	name, siblings := firstUnknown(e.Key())
	line, column := e.Position()
	w := Warning{Path: path, Line: line, Column: column, Text: fmt.Sprintf("unknown setting %q", name)}
	if near := nearest(name, siblings); near != "" {
		w.Hint = "did you mean " + near + "?"
	}
	return w
}

func parseError(path string, source []byte, err error) error {
	e, ok := errors.AsType[*toml.DecodeError](err)
	if !ok {
		return &ParseError{Path: path, Msg: "this is not valid TOML"}
	}
	p := &ParseError{Path: path, Key: strings.Join(e.Key(), "."), Msg: reason(e)}
	p.Line, p.Column = e.Position()
	if known := at(e.Key()); known == nil && len(e.Key()) > 1 && e.Key()[0] == "profile" {
		p.Msg += "; did you mean [profiles." + e.Key()[1] + "]?"
	}
	if p.Key == "" {
		p.Key = settingOn(source, p.Line)
	}
	return p
}

// reason tells in our words what the parser found. The parser's own text may
// quote the file, and with it a key.
func reason(e *toml.DecodeError) string {
	for _, r := range []struct{ found, said string }{
		{"cannot decode", "must be " + wanted(e.Key())},
		{"cannot store", "must be " + wanted(e.Key())},
		{"already", "is set twice"},
		{"U+000A at start of value", "a value is missing"},
		{"U+000D at start of value", "a value is missing"},
		{"U+0023 '#' at start of value", "a value is missing"},
		{"at start of value", "a text must stand in quotes"},
		{"strings must be quoted", "a text must stand in quotes"},
		{"terminated", "a quote is not closed"},
		{"new lines", "a quote is not closed"},
		{"escape", `a backslash in "..." must be doubled, or the text put in '...'`},
		{"expected '='", "a name must be followed by ="},
		{"expected value", "a value is missing"},
		{"expected newline", "something follows the value"},
		{"table name", "a table name must end in ]"},
		{"incomplete", "a bracket is not closed"},
		{"UTF-8", "the file is not UTF-8"},
		{"too large", "the number is too large"},
	} {
		if strings.Contains(e.Error(), r.found) {
			return r.said
		}
	}
	return "this is not valid TOML"
}

// settingOn returns the setting that the line gives a value to, or nothing: what
// stands before a = may be part of a key that runs over several lines, so only
// names we know are repeated.
func settingOn(source []byte, line int) string {
	lines := strings.Split(string(source), "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	name, _, _ := strings.Cut(lines[line-1], "=")
	name = strings.TrimSpace(name)
	if slices.Contains(settingNames(), name) {
		return name
	}
	return ""
}
