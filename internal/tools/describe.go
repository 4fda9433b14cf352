package tools

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"oax/internal/config"
)

// What a person sees of the tools that there are.

// Entry is what can be named, as far as the configuration says what it is.
type Entry struct {
	Name    string `json:"name"`
	From    string `json:"from"`             // what it is
	Program string `json:"-"`                // that it runs; empty if it runs none
	Server  bool   `json:"server,omitempty"` // it has tools of its own, NAME.TOOL

	tool config.Tool // of a Program
}

// Entries returns what Open takes by name, sorted by name. It does no input or output.
func Entries(file *config.File) []Entry {
	var list []Entry
	for _, c := range file.Tools() {
		list = append(list, Entry{Name: c.Name, From: strings.Join(c.Command, " "), Program: c.Command[0], tool: c})
	}
	for _, c := range file.Servers() {
		list = append(list, Entry{Name: c.Name, From: whereIs(c), Server: true})
	}
	if !slices.ContainsFunc(list, func(e Entry) bool { return e.Name == clock }) {
		list = append(list, Entry{Name: clock, From: "built in"})
	}
	slices.SortFunc(list, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// names returns the names of the entries, sorted.
func names(file *config.File) (list []string) {
	for _, e := range Entries(file) {
		list = append(list, e.Name)
	}
	return list
}

// Describe returns what the tool does. It reads the schema of a program; of a server it
// knows nothing. The error is a *SchemaFileError.
func (e Entry) Describe() (string, error) {
	switch {
	case e.Server:
		return "", nil
	case e.Program == "":
		return clockTool().Description, nil
	}
	t, err := program(e.tool)
	if err != nil {
		return "", err
	}
	return t.Description, nil
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
