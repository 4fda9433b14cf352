package config

import (
	"reflect"
	"strings"
)

// document is the file as TOML sees it; its tags are the one list of settings.
type document struct {
	Profile  string             `toml:"profile"`
	Profiles map[string]profile `toml:"profiles"`
	Sessions struct {
		Name string `toml:"name"`
	} `toml:"sessions"`
	Display struct {
		Time string `toml:"time"`
	} `toml:"display"`
}

// profile is an endpoint as the file describes it.
type profile struct {
	BaseURL        string         `toml:"base_url"`
	Key            string         `toml:"key"` // empty once it is in secret
	KeyEnv         string         `toml:"key_env"`
	KeyCommand     string         `toml:"key_command"`
	Model          string         `toml:"model"`
	AllowPlainHTTP bool           `toml:"allow_plain_http"`
	Params         map[string]any `toml:"params"`

	secret      Secret
	fallbackEnv string // a variable that may hold the key if nothing above does
}

// at returns the Go type behind a path of settings, nil if there is none.
func at(path []string) reflect.Type {
	t := reflect.TypeFor[document]()
	for _, name := range path {
		switch t.Kind() {
		case reflect.Map:
			t = t.Elem()
		case reflect.Struct:
			field, ok := t.FieldByNameFunc(func(f string) bool { return strings.EqualFold(tag(t, f), name) })
			if !ok {
				return nil
			}
			t = field.Type
		default:
			return nil
		}
	}
	return t
}

func tag(t reflect.Type, field string) string {
	f, _ := t.FieldByName(field)
	return f.Tag.Get("toml")
}

// names returns the settings of a table.
func names(table reflect.Type) []string {
	var list []string
	for f := range table.Fields() {
		if name := f.Tag.Get("toml"); name != "" {
			list = append(list, name)
		}
	}
	return list
}

func settingNames() []string {
	list := names(reflect.TypeFor[document]())
	for _, table := range [][]string{{"profiles", "*"}, {"sessions"}, {"display"}} {
		list = append(list, names(at(table))...)
	}
	return list
}

// firstUnknown returns the first part of the path that is no setting, and the
// settings that could have stood in its place.
func firstUnknown(path []string) (name string, siblings []string) {
	for i, part := range path {
		if at(path[:i+1]) != nil {
			continue
		}
		if table := at(path[:i]); table.Kind() == reflect.Struct {
			siblings = names(table)
		}
		return part, siblings
	}
	return strings.Join(path, "."), nil
}

// wanted says what a setting must be.
func wanted(path []string) string {
	t := at(path)
	for t == nil && len(path) > 0 { // a table was written where a value belongs
		path = path[:len(path)-1]
		t = at(path)
	}
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Map, reflect.Struct:
		return "a table"
	}
	return "a text in quotes"
}

// nearest returns the name that a mistyped one was meant to be: at most two
// edits away and nearer than a rewrite. It is empty if there is none.
func nearest(typed string, names []string) string {
	best, near := 3, ""
	for _, name := range names {
		if d := Distance(typed, name); d < best && d < len(name) {
			best, near = d, name
		}
	}
	return near
}

// Distance returns how far a typed name is from a known one: the Levenshtein
// distance, in bytes.
func Distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
