package turn

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"oax/internal/chat"
	"oax/internal/report"
	"oax/internal/schema"
)

// Schema is a JSON Schema that an answer is to fit.
type Schema struct {
	path   string
	schema *schema.Schema
}

// LoadSchema reads a schema from a file. The error is a *report.Error: a file that cannot
// be read, that is not JSON, or that is not a schema.
func LoadSchema(path string) (*Schema, error) {
	source, err := os.ReadFile(path)
	if err != nil {
		return nil, report.CannotRead(path, err)
	}
	parsed, err := schema.Parse(source)
	if at, ok := errors.AsType[*schema.PositionError](err); ok {
		return nil, report.Input(fmt.Sprintf("%s:%d:%d: not JSON", path, at.Line, at.Column), "")
	}
	if err != nil {
		return nil, report.Input(fmt.Sprintf("%s: %v", path, err), "")
	}
	return &Schema{path, parsed}, nil
}

// ResponseFormat returns the response_format of a request (OpenAI, "Structured model
// outputs"): the schema as it is in the file, under the file's name in the characters
// that the API allows.
func (s *Schema) ResponseFormat() any {
	name := strings.TrimSuffix(filepath.Base(s.path), filepath.Ext(s.path))
	name = regexp.MustCompile(`[^a-zA-Z0-9_-]`).ReplaceAllString(name, "_")
	if name == "" {
		name = "answer"
	}
	format := map[string]any{"name": name[:min(len(name), 64)], "schema": s.schema.Source}
	if isStrict(s.schema.Document) { // the services refuse other schemas in strict mode
		format["strict"] = true
	}
	return map[string]any{"type": "json_schema", "json_schema": format}
}

// Check returns what keeps an answer from fitting, or nil.
func (s *Schema) Check(answer chat.Message) *report.Error {
	err := s.schema.Check([]byte(answer.Text))
	if err == nil {
		return nil
	}
	e := report.New(report.ExitIncomplete, "schema", "", "oax retry --schema "+report.Quote(s.path))
	if at, ok := errors.AsType[*schema.PositionError](err); ok {
		e.What = fmt.Sprintf("the answer is not JSON: line %d, column %d", at.Line, at.Column)
		return e
	}
	if errors.Is(err, schema.ErrTooMany) {
		e.What = fmt.Sprintf("the answer was not checked against %s: it has %v", s.path, err)
		return e
	}
	e.What = fmt.Sprintf("the answer does not fit %s: %v", s.path, err)
	return e
}

// strictKeywords are what a schema in strict mode may consist of.
var strictKeywords = strings.Fields(`type enum const properties required additionalProperties items prefixItems anyOf oneOf
	allOf not $ref $defs definitions $schema $id $comment title description default examples minimum maximum
	exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern minItems maxItems uniqueItems
	minProperties maxProperties deprecated readOnly writeOnly`)

// isStrict reports whether every object in a schema requires all its properties and
// allows no others, and the schema holds no keyword that strict mode does not know.
func isStrict(node any) bool {
	schema, ok := node.(map[string]any)
	if !ok {
		return true // true or false
	}
	for keyword, value := range schema {
		lax := func(s any) bool { return !isStrict(s) }
		if !slices.Contains(strictKeywords, keyword) || slices.ContainsFunc(subschemas(keyword, value), lax) {
			return false
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	if schema["type"] != "object" && properties == nil {
		return true
	}
	required, _ := schema["required"].([]any)
	return schema["additionalProperties"] == false && len(required) == len(properties)
}

// subschemas returns the schemas that the value of a keyword consists of.
func subschemas(keyword string, value any) (list []any) {
	switch keyword {
	case "items", "not", "additionalProperties":
		return []any{value}
	case "prefixItems", "anyOf", "oneOf", "allOf":
		list, _ = value.([]any)
	case "properties", "$defs", "definitions":
		named, _ := value.(map[string]any)
		for _, schema := range named {
			list = append(list, schema)
		}
	}
	return list
}
