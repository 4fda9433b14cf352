package schema

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
)

// Check returns nil if a document fits, else a *SyntaxError or a *Misfit: the first place
// where it does not.
func (s *Schema) Check(document []byte) error {
	value, err := decode(document)
	if err != nil {
		return err
	}
	steps := 0
	if m := (checker{s, &steps, 0}).check(s.root, value, ""); m != nil {
		return m
	}
	return nil
}

// A schema can refer to itself, and then has no end.
const (
	deepest  = 10_000
	mostDone = 10_000_000 // a document as large as an answer can be takes fewer
)

// checker holds values against the schemas of a file.
type checker struct {
	of    *Schema
	steps *int // how many schemas a value was held against
	depth int
}

func (c checker) check(node, value any, at string) *Misfit {
	c.depth++
	if *c.steps++; c.depth > deepest || *c.steps > mostDone {
		return &Misfit{At: at, Why: "the schema has no end"}
	}
	if allows, isBool := node.(bool); isBool {
		return misfit(at, allows, "nothing may be here")
	}
	schema, _ := node.(map[string]any)
	for _, check := range []func(map[string]any, any, string) *Misfit{c.reference, c.kind, c.choices} {
		if m := check(schema, value, at); m != nil {
			return m
		}
	}
	switch value := value.(type) {
	case map[string]any:
		return c.object(schema, value, at)
	case []any:
		return c.array(schema, value, at)
	case string:
		return text(schema, value, at)
	case float64:
		return number(schema, value, at)
	}
	return nil
}

// misfit is nil if all is well.
func misfit(at string, ok bool, why string, args ...any) *Misfit {
	if ok {
		return nil
	}
	return &Misfit{At: at, Why: fmt.Sprintf(why, args...)}
}

func (c checker) reference(schema map[string]any, value any, at string) *Misfit {
	if ref, has := schema["$ref"].(string); has {
		node, _ := c.of.find(ref)
		return c.check(node, value, at)
	}
	return nil
}

// kind checks type, enum and const.
func (c checker) kind(schema map[string]any, value any, at string) *Misfit {
	if wanted, has := schema["type"]; has {
		several, isList := wanted.([]any)
		if !isList {
			several = []any{wanted}
		}
		if !slices.ContainsFunc(several, func(t any) bool { return is(value, t) }) {
			return &Misfit{at, fmt.Sprintf("%s where %s is wanted", typeOf(value), orOf(several)), true}
		}
	}
	if enum, has := schema["enum"].([]any); has {
		known := slices.ContainsFunc(enum, func(e any) bool { return reflect.DeepEqual(e, value) })
		if !known {
			return &Misfit{At: at, Why: "it is none of the values in enum"}
		}
	}
	if wanted, has := schema["const"]; has && !reflect.DeepEqual(wanted, value) {
		return &Misfit{At: at, Why: "it is not the value of const"}
	}
	return nil
}

// choices checks allOf, anyOf, oneOf and not.
func (c checker) choices(schema map[string]any, value any, at string) *Misfit {
	all, _ := schema["allOf"].([]any)
	for _, node := range all {
		if m := c.check(node, value, at); m != nil {
			return m
		}
	}
	if anyOf, has := schema["anyOf"].([]any); has {
		if n, nearest := c.fitting(anyOf, value, at); n == 0 {
			return nearest
		}
	}
	if oneOf, has := schema["oneOf"].([]any); has {
		n, nearest := c.fitting(oneOf, value, at)
		if n == 0 {
			return nearest
		}
		if n > 1 {
			return &Misfit{At: at, Why: fmt.Sprintf("it fits %d schemas of oneOf", n)}
		}
	}
	if node, has := schema["not"]; has && c.check(node, value, at) == nil {
		return &Misfit{At: at, Why: "it fits what it must not"}
	}
	return nil
}

// fitting returns how many of the schemas fit, and the misfit of the one that was likely
// meant: it lies deepest, or the value is of its kind.
func (c checker) fitting(nodes []any, value any, at string) (n int, nearest *Misfit) {
	nearest = &Misfit{At: at, Why: "no schema fits", kind: true}
	for _, node := range nodes {
		m := c.check(node, value, at)
		switch {
		case m == nil:
			n++
		case strings.Count(m.At, "/") > strings.Count(nearest.At, "/"), m.At == at && nearest.kind && !m.kind:
			nearest = m
		}
	}
	return n, nearest
}

// is reports whether a value has a type. A number without a fraction is an integer.
func is(value, wanted any) bool {
	have := typeOf(value)
	return have == wanted || have == "integer" && wanted == "number"
}

func typeOf(value any) string {
	switch value := value.(type) {
	case map[string]any:
		return "object"
	case []any:
		return "array"
	case string:
		return "string"
	case bool:
		return "boolean"
	case float64:
		if value == math.Trunc(value) {
			return "integer"
		}
		return "number"
	}
	return "null"
}

func orOf(types []any) string {
	var names []string
	for _, t := range types {
		names = append(names, fmt.Sprint(t))
	}
	return strings.Join(names, " or ")
}
