package config

import (
	"reflect"
	"strings"
	"time"
)

// document is the file as TOML sees it; its tags are the one list of settings.
type document struct {
	Profile   string                   `toml:"profile"`
	Profiles  map[string]profile       `toml:"profiles"`
	Templates map[string]templateTable `toml:"templates"`
	Sessions  struct {
		Name string `toml:"name"`
	} `toml:"sessions"`
	Display struct {
		Time string `toml:"time"`
	} `toml:"display"`
}

// profile is an endpoint as the file describes it.
type profile struct {
	Endpoint       string            `toml:"endpoint"` // a built-in one, whose ways it has
	BaseURL        string            `toml:"base_url"`
	Key            string            `toml:"key"` // empty once it is in secret
	KeyEnv         string            `toml:"key_env"`
	KeyCommand     string            `toml:"key_command"`
	Model          string            `toml:"model"`
	APIVersion     string            `toml:"api_version"` // Azure's
	SystemRole     string            `toml:"system_role"` // of what --system says
	Timeout        duration          `toml:"timeout"`
	ConnectTimeout duration          `toml:"connect_timeout"`
	Proxy          string            `toml:"proxy"` // empty once it is in proxy
	CAFile         string            `toml:"ca_file"`
	AllowPlainHTTP bool              `toml:"allow_plain_http"`
	ReasoningTags  bool              `toml:"reasoning_tags"`
	Headers        map[string]string `toml:"headers"` // nil once they are in headers
	Params         map[string]any    `toml:"params"`
	Prices         map[string]price  `toml:"prices"` // by model

	secret  Secret
	proxy   Secret // its URL may hold a password
	headers map[string]Secret

	fallbackEnv string // a variable that may hold the key if nothing above does
}

const aTime = `a time in quotes, as "90s" or "5m"`

// duration is a time as 90s or 1h30m.
type duration string

// value returns 0 if it is none, or not above 0.
func (d duration) value() time.Duration {
	parsed, err := time.ParseDuration(string(d))
	if err != nil {
		return 0
	}
	return max(parsed, 0)
}

// at returns the Go type behind a path of settings, nil if there is none.
func at(path []string) reflect.Type {
	t := reflect.TypeFor[document]()
	for _, name := range path {
		if t.Kind() == reflect.Slice { // each of its elements
			t = t.Elem()
		}
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
	for _, table := range [][]string{{"profiles", "*"}, {"templates", "*"}, {"sessions"}, {"display"}} {
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
		table := at(path[:i])
		if table.Kind() == reflect.Slice {
			table = table.Elem()
		}
		if table.Kind() == reflect.Struct {
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
	if t == reflect.TypeFor[duration]() {
		return aTime
	}
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Pointer: // a price
		return "a number"
	case reflect.Map, reflect.Struct:
		return "a table"
	case reflect.Slice:
		return "a list in [ ]"
	}
	return "a text in quotes"
}
