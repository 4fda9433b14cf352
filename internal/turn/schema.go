package turn

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"oax/internal/chat"
	"oax/internal/jsontext"
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
	if errors.Is(err, errManyValues) {
		return nil, report.Input(fmt.Sprintf("%s: over %d values", path, maxValues), "")
	}
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
	if errors.Is(err, errManyValues) {
		e.What = fmt.Sprintf("the answer was not checked against %s: it has over %d values", s.path, maxValues)
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

// maxValues is how many values JSON can have that is checked: decoded, a small object takes
// 350 bytes, whatever its text takes. An answer of 128,000 tokens has fewer.
const maxValues = 1 << 16

var errManyValues = errors.New("too many values")

// decodeJSON decodes a text that is one JSON value. The error is a *positionError or
// errManyValues.
func decodeJSON(text []byte) (document any, err error) {
	d := jsontext.NewDecoder(text)
	if countValues(&d, 0) > maxValues {
		return nil, errManyValues
	}
	err = json.Unmarshal(text, &document)
	if err == nil {
		return document, nil
	}
	// A control character is allowed nowhere. Where it is the first fault, the text ends too early.
	syntax, _ := errors.AsType[*json.SyntaxError](json.Unmarshal(append(text, 0), &document))
	at := int(syntax.Offset) - 1
	if at == len(text) {
		at = len(bytes.TrimRight(text, " \t\r\n"))
	}
	before := text[:at]
	return nil, &positionError{bytes.Count(before, []byte("\n")) + 1, at - bytes.LastIndexByte(before, '\n')}
}

// countValues adds to n how many values there are in the next one, at least up to maxValues
// or to the first fault.
func countValues(d *jsontext.Decoder, n int) int {
	n++
	switch d.PeekKind() {
	case '{':
		for d.Enter('{'); n <= maxValues && d.More('}'); {
			d.ReadName()
			n = countValues(d, n)
		}
	case '[':
		for d.Enter('['); n <= maxValues && d.More(']'); {
			n = countValues(d, n)
		}
	default:
		d.SkipValue()
	}
	return n
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
