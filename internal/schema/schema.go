// Package schema checks JSON against JSON Schemas (draft 2020-12 and draft-07).
package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"oax/internal/jsontext"
)

// Schema is a JSON Schema.
type Schema struct {
	Source   json.RawMessage // as it was given
	Document map[string]any  // the same, decoded
	resolved *jsonschema.Resolved
}

// Parse reads a schema, which may begin with a byte order mark. The error is a
// *PositionError, ErrTooMany or an *InvalidError.
func Parse(source []byte) (*Schema, error) {
	s := &Schema{Source: bytes.TrimPrefix(source, []byte("\ufeff"))}
	document, err := Decode(s.Source)
	if err != nil {
		return nil, err
	}
	var isObject bool
	if s.Document, isObject = document.(map[string]any); !isObject {
		return nil, &InvalidError{errors.New("it must be an object")}
	}
	if err := checkReferences(s.Document); err != nil {
		return nil, &InvalidError{err}
	}
	parsed := new(jsonschema.Schema)
	once, _ := json.Marshal(document) // each name once: of a name that is there twice, the validator would take both
	if err = json.Unmarshal(once, parsed); err == nil {
		known := strings.Contains(parsed.Schema, "/draft-07/") || strings.Contains(parsed.Schema, "/draft/2020-12/")
		if !known { // to the library; the newest is likely to serve
			parsed.Schema = ""
		}
		s.resolved, err = parsed.Resolve(nil)
	}
	if err != nil {
		return nil, &InvalidError{err}
	}
	return s, nil
}

// Check returns what keeps a text from being JSON that fits the schema: a *PositionError,
// ErrTooMany or a *MismatchError.
func (s *Schema) Check(text []byte) error {
	document, err := Decode(text)
	if err != nil {
		return err
	}
	if err = s.resolved.Validate(document); err != nil {
		// The library writes numbers as fractions and with six digits, and a path of words.
		return &MismatchError{regexp.MustCompile(`\bvalidating (?:root: )?|/1\b|\.0+\b`).ReplaceAllString(err.Error(), "")}
	}
	return nil
}

// InvalidError says why JSON is no JSON Schema.
type InvalidError struct{ Err error }

func (e *InvalidError) Error() string { return "not a JSON Schema: " + e.Err.Error() }

func (e *InvalidError) Unwrap() error { return e.Err }

// MismatchError says why JSON does not fit a schema.
type MismatchError struct{ Reason string }

func (e *MismatchError) Error() string { return e.Reason }

// PositionError says where a text is not JSON: line and column in bytes, from 1.
type PositionError struct{ Line, Column int }

func (e *PositionError) Error() string {
	return fmt.Sprintf("not JSON: line %d, column %d", e.Line, e.Column)
}

// MaxValues is how many values JSON can have that is checked: decoded, a small object takes
// 350 bytes, whatever its text takes. An answer of 128,000 tokens has fewer.
const MaxValues = 1 << 16

// ErrTooMany is returned for JSON of more than MaxValues values.
var ErrTooMany = fmt.Errorf("over %d values", MaxValues)

// Decode decodes a text that is one JSON value. The error is a *PositionError or ErrTooMany.
func Decode(text []byte) (document any, err error) {
	d := jsontext.NewDecoder(text)
	if countValues(&d, 0) > MaxValues {
		return nil, ErrTooMany
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
	return nil, &PositionError{bytes.Count(before, []byte("\n")) + 1, at - bytes.LastIndexByte(before, '\n')}
}

// countValues adds to n how many values there are in the next one, at least up to MaxValues
// or to the first fault.
func countValues(d *jsontext.Decoder, n int) int {
	n++
	switch d.PeekKind() {
	case '{':
		for d.Enter('{'); n <= MaxValues && d.More('}'); {
			d.ReadName()
			n = countValues(d, n)
		}
	case '[':
		for d.Enter('['); n <= MaxValues && d.More(']'); {
			n = countValues(d, n)
		}
	default:
		d.SkipValue()
	}
	return n
}
