// Package schema holds a JSON document against a JSON Schema (json-schema.org, draft
// 2020-12) and says where it does not fit.
//
// It knows what a schema for a model's answer is made of: type, enum, const, properties,
// required, additionalProperties, items, prefixItems, anyOf, oneOf, allOf, not, $ref
// within the file, and the limits of numbers, texts, arrays and objects. A keyword that
// it does not know is not checked and is in Unchecked. Libraries that know them all cost
// every start of the program more than all else that it is made of.
package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Schema is a JSON Schema, understood.
type Schema struct {
	// Unchecked are the keywords that mean something and are not checked.
	Unchecked []string

	root map[string]any
}

// Misfit is where a document does not fit, or a schema is none.
type Misfit struct {
	At  string // JSON Pointer (RFC 6901); empty is the whole
	Why string

	kind bool // it is another kind of value that is wanted
}

func (m *Misfit) Error() string {
	if m.At == "" {
		return m.Why
	}
	return "at " + m.At + ": " + m.Why
}

// SyntaxError is where a document is not JSON: line and column, from 1, the latter in bytes.
type SyntaxError struct{ Line, Column int }

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: not JSON", e.Line, e.Column)
}

// Parse reads a schema. The error is a *SyntaxError or a *Misfit.
func Parse(source []byte) (*Schema, error) {
	document, err := decode(source)
	if err != nil {
		return nil, err
	}
	root, isObject := document.(map[string]any)
	if !isObject {
		return nil, &Misfit{Why: "a schema is an object"}
	}
	s := &Schema{root: root}
	if m := s.learn(root, ""); m != nil {
		return nil, m
	}
	slices.Sort(s.Unchecked)
	s.Unchecked = slices.Compact(s.Unchecked)
	return s, nil
}

// Strict reports whether each object in it requires all it may have and allows nothing
// else, and knows no keyword that this package does not: OpenAI wants that of a schema
// that a model is strictly held to ("Structured model outputs").
func (s *Schema) Strict() bool { return len(s.Unchecked) == 0 && strict(s.root) }

func strict(node any) bool {
	for _, child := range children(node) {
		if !strict(child.node) {
			return false
		}
	}
	object, _ := node.(map[string]any)
	properties, has := object["properties"].(map[string]any)
	required, _ := object["required"].([]any)
	return !has && object["type"] != "object" || object["additionalProperties"] == false && len(required) >= len(properties)
}

// decode reads one JSON value and nothing behind it.
func decode(source []byte) (value any, err error) {
	err = json.Unmarshal(source, &value)
	if err == nil {
		return value, nil
	}
	offset := len(source)
	if at, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = min(max(int(at.Offset)-1, 0), len(source))
	} else if at, ok := errors.AsType[*json.UnmarshalTypeError](err); ok { // a number that is out of range
		offset = min(int(at.Offset), len(source))
	}
	before := source[:offset]
	return nil, &SyntaxError{bytes.Count(before, []byte("\n")) + 1, len(before) - bytes.LastIndexByte(before, '\n')}
}

// child is a schema within another.
type child struct {
	at   string
	node any
}

// children returns the schemas that a schema is made of, in order.
func children(node any) []child {
	var list []child
	object, _ := node.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(object)) {
		at := "/" + escape(name)
		switch name {
		case "additionalProperties", "not":
			list = append(list, child{at, object[name]})
		case "properties", "$defs", "definitions":
			named, _ := object[name].(map[string]any)
			for _, key := range slices.Sorted(maps.Keys(named)) {
				list = append(list, child{at + "/" + escape(key), named[key]})
			}
		case "items", "prefixItems", "anyOf", "oneOf", "allOf":
			several, isList := object[name].([]any)
			if !isList && name == "items" {
				list = append(list, child{at, object[name]})
			}
			for i := range several {
				list = append(list, child{fmt.Sprintf("%s/%d", at, i), several[i]})
			}
		}
	}
	return list
}

// find returns the schema that a reference within the file leads to.
func (s *Schema) find(ref string) (node any, ok bool) {
	path, local := strings.CutPrefix(ref, "#")
	if node = s.root; path == "" {
		return node, local
	}
	for _, part := range strings.Split(strings.TrimPrefix(path, "/"), "/") {
		object, _ := node.(map[string]any)
		if node, ok = object[unescape(part)]; !ok {
			return nil, false
		}
	}
	switch node.(type) {
	case map[string]any, bool:
		return node, local
	}
	return nil, false
}

// escape and unescape write a name in a JSON Pointer.
func escape(name string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(name) }

func unescape(part string) string { return strings.NewReplacer("~1", "/", "~0", "~").Replace(part) }
