package tools

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"oax/internal/config"
)

// What a person sees of the tools that there are.

// Entry is what can be named, as far as it is known before anything is started.
type Entry struct {
	Name        string `json:"name"`
	From        string `json:"from"` // what it is
	Description string `json:"description,omitempty"`
	Program     string `json:"-"`                // that it runs; empty if it runs none
	Server      bool   `json:"server,omitempty"` // it has tools of its own, NAME.TOOL
	Err         error  `json:"-"`                // why it cannot be used: a *SchemaFileError
}

// Entries returns what Open takes by name, sorted by name. It reads the schemas of programs.
func Entries(file *config.File) []Entry {
	list := []Entry{{Name: clock, From: "built in", Description: clockTool().Description}}
	for _, c := range file.Tools() {
		e := Entry{Name: c.Name, From: strings.Join(c.Command, " "), Program: c.Command[0]}
		t, err := program(c)
		if e.Err = err; err == nil {
			e.Description = t.Description
		}
		list = slices.DeleteFunc(list, func(other Entry) bool { return other.Name == e.Name })
		list = append(list, e)
	}
	for _, c := range file.Servers() {
		list = append(list, Entry{Name: c.Name, From: whereIs(c), Server: true})
	}
	slices.SortFunc(list, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// whereIs says where an MCP server is, without what may be secret of its URL.
func whereIs(c config.Server) string {
	if c.URL == "" {
		return "MCP server: " + strings.Join(c.Command, " ")
	}
	place := config.WithoutUser(c.URL)
	if u, err := url.Parse(place); err == nil {
		u.RawQuery = ""
		place = u.String()
	}
	return "MCP server at " + place
}

// Example returns arguments for a call: a value for each parameter that must be given.
func (t *Tool) Example() string {
	var parameters struct {
		Properties map[string]struct {
			Type any               `json:"type"`
			Enum []json.RawMessage `json:"enum"`
		} `json:"properties"`
		Required []string `json:"required"`
	}
	_ = json.Unmarshal(t.Parameters, &parameters) // of another form: no example
	values := map[string]any{}
	for _, name := range parameters.Required {
		p := parameters.Properties[name]
		switch {
		case len(p.Enum) > 0:
			values[name] = p.Enum[0]
		case p.Type == "number", p.Type == "integer":
			values[name] = 1
		case p.Type == "boolean":
			values[name] = true
		case p.Type == "array":
			values[name] = []any{}
		case p.Type == "object":
			values[name] = map[string]any{}
		default:
			values[name] = "..."
		}
	}
	text, _ := json.Marshal(values) // of plain values
	return string(text)
}
