package config

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// How the file is parsed, and where in it a setting is.

// ParseError says where the file is invalid. It names settings and holds none of their
// values.
type ParseError struct {
	Location
	Key string // the setting, as profiles.work.model; empty if not known
	Msg string
}

func (e *ParseError) Error() string {
	text := e.Msg
	if e.Key != "" {
		text = e.Key + ": " + text
	}
	return e.prefix(text)
}

// invalid reports a setting whose value cannot be used.
func (f *File) invalid(key, problem string) *ParseError {
	return &ParseError{Location{f.Path, f.Position(key)}, key, problem}
}

func parse(path string, source []byte) (*File, []Warning, error) {
	var d document
	decoder := toml.NewDecoder(bytes.NewReader(source))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&d)

	var warnings []Warning
	if unknown, ok := errors.AsType[*toml.StrictMissingError](err); ok {
		for i := range unknown.Errors { // the rest of the file is decoded nonetheless
			warnings = append(warnings, unknownSetting(path, &unknown.Errors[i]))
		}
	} else if err != nil {
		return nil, nil, parseError(path, source, err)
	}
	file := &File{
		Path:       path,
		Profile:    d.Profile,
		TimeFormat: d.Display.Time,
		Serve:      d.Serve,
		Wrap:       d.Display.Wrap,
		notify:     d.Display.Notify,
		profiles:   d.Profiles,
		tools:      d.Tools,
		servers:    d.MCP,
		positions:  func() map[string]Position { return positions(source) },
	}
	if err := file.check(); err != nil {
		return nil, nil, err
	}
	if err := file.addTemplates(d.Templates); err != nil {
		return nil, nil, err
	}
	return file, warnings, nil
}

func unknownSetting(path string, e *toml.DecodeError) Warning {
	name, siblings := firstUnknown(e.Key())
	line, column := e.Position()
	w := Warning{Location: Location{path, Position{line, column}}, Text: fmt.Sprintf("unknown setting %q", name)}
	if near := Nearest(name, siblings); near != "" {
		w.Hint = "did you mean " + near + "?"
	}
	return w
}

func parseError(path string, source []byte, err error) error {
	e, ok := errors.AsType[*toml.DecodeError](err)
	if !ok {
		return &ParseError{Location: Location{Path: path}, Msg: "this is not valid TOML"}
	}
	p := &ParseError{Location{Path: path}, strings.Join(e.Key(), "."), reason(e)}
	p.Line, p.Column = e.Position()
	if known := typeOf(e.Key()); known == nil && len(e.Key()) > 1 && e.Key()[0] == "profile" {
		p.Msg += "; did you mean [profiles." + e.Key()[1] + "]?"
	}
	if p.Key == "" {
		p.Key = settingOn(source, p.Line)
	}
	return p
}

// reason says in our own words what the parser found. The parser's text may quote the
// file, and with it a key.
func reason(e *toml.DecodeError) string {
	for _, r := range []struct{ found, words string }{
		{"cannot decode", "must be " + expected(e.Key())},
		{"cannot store", "must be " + expected(e.Key())},
		{"already", "is set twice"},
		{"U+000A at start of value", "a value is missing"},
		{"U+000D at start of value", "a value is missing"},
		{"U+0023 '#' at start of value", "a value is missing"},
		{"at start of value", "a text must be in quotes"},
		{"strings must be quoted", "a text must be in quotes"},
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
			return r.words
		}
	}
	return "this is not valid TOML"
}

// settingOn returns the setting that a line of the file sets, or nothing. Only names of
// settings are returned: what precedes a = may be part of a key that spans lines.
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

// positions returns the positions of all settings of a file, tables among them, by
// their names as profiles.work.model.
func positions(source []byte) map[string]Position {
	found := map[string]Position{}
	var parser unstable.Parser
	parser.Reset(source)
	var table []string
	for parser.NextExpression() {
		node := parser.Expression()
		switch node.Kind {
		case unstable.Table, unstable.ArrayTable:
			table = addKey(found, source, nil, node.Key())
		case unstable.KeyValue:
			addValue(found, source, table, node)
		}
	}
	return found
}

// addValue adds a setting, and those of the inline table that may be its value.
func addValue(found map[string]Position, source []byte, table []string, node *unstable.Node) {
	path := addKey(found, source, table, node.Key())
	if node.Value().Kind != unstable.InlineTable {
		return
	}
	for inner := node.Value().Children(); inner.Next(); {
		addValue(found, source, path, inner.Node())
	}
}

// addKey adds each part of a dotted key, and returns the whole path.
func addKey(found map[string]Position, source []byte, table []string, key unstable.Iterator) []string {
	path := slices.Clone(table)
	for key.Next() {
		path = append(path, string(key.Node().Data))
		name := strings.Join(path, ".")
		if _, known := found[name]; !known {
			before := source[:key.Node().Raw.Offset]
			found[name] = Position{bytes.Count(before, []byte("\n")) + 1, len(before) - bytes.LastIndexByte(before, '\n')}
		}
	}
	return path
}
