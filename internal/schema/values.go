package schema

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"regexp"
	"slices"
	"unicode/utf8"
)

func (c checker) object(schema, value map[string]any, at string) *Misfit {
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if name, isText := name.(string); isText {
			if _, has := value[name]; !has {
				return &Misfit{At: at, Why: fmt.Sprintf("%q is missing", name)}
			}
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(value)) {
		node, known := properties[name]
		if !known {
			rest, has := schema["additionalProperties"]
			_, more := schema["patternProperties"]
			if !has || more {
				continue
			}
			node = rest
		}
		if m := c.check(node, value[name], at+"/"+escape(name)); m != nil {
			return m
		}
	}
	return within(schema, "Properties", "property", "properties", len(value), at)
}

func (c checker) array(schema map[string]any, value []any, at string) *Misfit {
	first, _ := schema["prefixItems"].([]any)
	rest, has := schema["items"]
	if older, isList := rest.([]any); isList { // before draft 2020-12
		first, has = older, false
	}
	for i, item := range value {
		node := rest
		if i < len(first) {
			node = first[i]
		} else if !has {
			break
		}
		if m := c.check(node, item, fmt.Sprintf("%s/%d", at, i)); m != nil {
			return m
		}
	}
	if schema["uniqueItems"] == true {
		for i := range value {
			if slices.ContainsFunc(value[:i], func(v any) bool { return reflect.DeepEqual(v, value[i]) }) {
				return &Misfit{At: fmt.Sprintf("%s/%d", at, i), Why: "it is there twice"}
			}
		}
	}
	return within(schema, "Items", "item", "items", len(value), at)
}

func text(schema map[string]any, value, at string) *Misfit {
	if pattern, has := schema["pattern"].(string); has {
		if re, err := regexp.Compile(pattern); err == nil && !re.MatchString(value) {
			return &Misfit{At: at, Why: "it does not match " + pattern}
		}
	}
	return within(schema, "Length", "character", "characters", utf8.RuneCountInString(value), at)
}

// within checks the least and the most of what is counted.
func within(schema map[string]any, what, one, many string, n int, at string) *Misfit {
	if least, has := schema["min"+what].(float64); has && float64(n) < least {
		return &Misfit{At: at, Why: counted(n, one, many) + fmt.Sprintf(" where at least %v must be", least)}
	}
	if most, has := schema["max"+what].(float64); has && float64(n) > most {
		return &Misfit{At: at, Why: counted(n, one, many) + fmt.Sprintf(" where at most %v may be", most)}
	}
	return nil
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func number(schema map[string]any, value float64, at string) *Misfit {
	limit := func(name string) float64 {
		if n, has := schema[name].(float64); has {
			return n
		}
		return math.NaN() // to which nothing compares
	}
	step := math.Mod(value, limit("multipleOf"))
	switch {
	case value < limit("minimum"), value <= limit("exclusiveMinimum"):
		return &Misfit{At: at, Why: fmt.Sprintf("%v is too small", value)}
	case value > limit("maximum"), value >= limit("exclusiveMaximum"):
		return &Misfit{At: at, Why: fmt.Sprintf("%v is too large", value)}
	case math.Abs(step) > 1e-9 && math.Abs(math.Abs(step)-limit("multipleOf")) > 1e-9:
		return &Misfit{At: at, Why: fmt.Sprintf("%v is no multiple of %v", value, limit("multipleOf"))}
	}
	return nil
}
