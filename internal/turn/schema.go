package turn

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"oax/internal/chat"
	"oax/internal/report"
)

// Schema is a JSON Schema (draft 2020-12 or draft-07) that an answer is to fit.
type Schema struct {
	path     string
	source   json.RawMessage // as in the file: models answer in the order of its properties
	strict   bool
	resolved *jsonschema.Resolved
}

// LoadSchema reads a schema from a file. The error is a *report.Error: a file that cannot
// be read, that is not JSON, or that is not a schema.
func LoadSchema(path string) (*Schema, error) {
	source, err := os.ReadFile(path)
	if err != nil {
		return nil, report.CannotRead(path, err)
	}
	s := &Schema{path: path, source: bytes.TrimPrefix(source, []byte("\ufeff"))}
	document, err := decodeJSON(s.source)
	if at, ok := errors.AsType[*positionError](err); ok {
		return nil, report.Input(fmt.Sprintf("%s:%d:%d: not JSON", path, at.line, at.column), "")
	}
	if _, isObject := document.(map[string]any); !isObject {
		return nil, report.Input(path+": not a JSON Schema: it must be an object", "")
	}
	parsed := new(jsonschema.Schema)
	if err = json.Unmarshal(s.source, parsed); err == nil {
		known := strings.Contains(parsed.Schema, "/draft-07/") || strings.Contains(parsed.Schema, "/draft/2020-12/")
		if !known { // to the library; the newest is likely to serve
			parsed.Schema = ""
		}
		s.resolved, err = parsed.Resolve(nil)
	}
	if err != nil {
		return nil, report.Input(fmt.Sprintf("%s: not a JSON Schema: %v", path, err), "")
	}
	s.strict = isStrict(document)
	return s, nil
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
	format := map[string]any{"name": name[:min(len(name), 64)], "schema": s.source}
	if s.strict { // the services refuse other schemas in strict mode
		format["strict"] = true
	}
	return map[string]any{"type": "json_schema", "json_schema": format}
}

// Check returns what keeps an answer from fitting, or nil.
func (s *Schema) Check(answer chat.Message) *report.Error {
	document, err := decodeJSON([]byte(answer.Text))
	if err == nil {
		err = s.resolved.Validate(document)
	}
	if err == nil {
		return nil
	}
	e := report.New(report.ExitIncomplete, "schema", "", "oax retry --schema "+report.Quote(s.path))
	if at, ok := errors.AsType[*positionError](err); ok {
		e.What = fmt.Sprintf("the answer is not JSON: line %d, column %d", at.line, at.column)
		return e
	}
	// The library writes numbers as fractions and with six digits, and a path of words.
	reason := regexp.MustCompile(`\bvalidating (?:root: )?|/1\b|\.0+\b`).ReplaceAllString(err.Error(), "")
	e.What = fmt.Sprintf("the answer does not fit %s: %s", s.path, reason)
	return e
}

// positionError says where a text is not JSON: line and column in bytes, from 1.
type positionError struct{ line, column int }

func (e *positionError) Error() string {
	return fmt.Sprintf("line %d, column %d: not JSON", e.line, e.column)
}

// decodeJSON decodes a text that is one JSON value. The error is a *positionError.
func decodeJSON(text []byte) (document any, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	err = decoder.Decode(&document)
	at := decoder.InputOffset()
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		at = max(syntax.Offset-1, 0)
	} else if err != nil {
		at = int64(len(bytes.TrimRight(text, " \t\r\n"))) // it ends too early
	} else if _, err = decoder.Token(); err == io.EOF {
		return document, nil
	}
	before := text[:min(at, int64(len(text)))]
	return nil, &positionError{bytes.Count(before, []byte("\n")) + 1, len(before) - bytes.LastIndexByte(before, '\n')}
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
