package schema

import (
	"maps"
	"regexp"
	"slices"
)

// learn refuses a node that is no schema, and notes what of it is not checked.
func (s *Schema) learn(node any, at string) *Misfit {
	if _, isBool := node.(bool); isBool {
		return nil
	}
	object, isObject := node.(map[string]any)
	if !isObject {
		return &Misfit{At: at, Why: "a schema is an object, true or false"}
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if why := s.keyword(name, object[name]); why != "" {
			return &Misfit{At: at + "/" + escape(name), Why: why}
		}
	}
	for _, c := range children(object) {
		if m := s.learn(c.node, at+c.at); m != nil {
			return m
		}
	}
	return nil
}

// keyword returns what is wrong with the value of a keyword.
func (s *Schema) keyword(name string, value any) (why string) {
	switch name {
	case "type":
		return wrongType(value)
	case "properties", "$defs", "definitions":
		_, ok := value.(map[string]any)
		return unless(ok, "must be an object")
	case "enum", "required", "prefixItems", "anyOf", "oneOf", "allOf":
		_, ok := value.([]any)
		return unless(ok, "must be an array")
	case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength",
		"maxLength", "minItems", "maxItems", "minProperties", "maxProperties":
		_, ok := value.(float64)
		return unless(ok, "must be a number")
	case "pattern":
		pattern, ok := value.(string)
		if _, err := regexp.Compile(pattern); err != nil { // ECMAScript has more than Go
			s.Unchecked = append(s.Unchecked, name)
		}
		return unless(ok, "must be a string")
	case "$ref":
		ref, _ := value.(string)
		_, ok := s.find(ref)
		return unless(ok, "must lead to a schema in this file, as #/$defs/name")
	case "const", "items", "additionalProperties", "not", "uniqueItems",
		"title", "description", "default", "examples", "format", "deprecated", "readOnly", "writeOnly",
		"$schema", "$id", "$comment":
		return ""
	}
	s.Unchecked = append(s.Unchecked, name)
	return ""
}

func unless(ok bool, why string) string {
	if ok {
		return ""
	}
	return why
}

func wrongType(value any) (why string) {
	known := []any{"object", "array", "string", "number", "integer", "boolean", "null"}
	several, isList := value.([]any)
	if !isList {
		several = []any{value}
	}
	for _, t := range several {
		if !slices.Contains(known, t) {
			return "must be object, array, string, number, integer, boolean or null"
		}
	}
	return ""
}
