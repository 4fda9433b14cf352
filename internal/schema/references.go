package schema

import (
	"errors"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Which schemas the validator could not finish with. It follows every reference and knows no
// limit: a schema that refers to itself overflows its stack, which ends the program, and one
// whose references double at each step keeps it busy for ever. Schemas come from foreign
// servers, so both are refused before anything is validated.

// maxSteps is the largest number of schemas that one value may be checked against.
const maxSteps = 10_000

// references counts the schemas of a document that are about the same value.
type references struct {
	root    map[string]any
	anchors map[string][]any // schemas, by their $anchor or $dynamicAnchor
	steps   map[uintptr]int  // what count returned, by the identity of the schema
	nested  bool             // a schema below the root has an $id, which would change what references mean
}

// checkReferences returns an error if checking a value against the schema could go on
// without end, or if it is not known where its references lead.
func checkReferences(root map[string]any) error {
	r := &references{root: root, anchors: map[string][]any{}, steps: map[uintptr]int{}}
	r.each(root, r.addAnchors)
	if r.nested {
		return errors.New("a schema inside it has an $id")
	}
	endless := false
	r.each(root, func(s map[string]any) { endless = endless || r.count(s) > maxSteps })
	if endless {
		return errors.New("its references lead back to themselves, or to too many schemas")
	}
	return nil
}

// each calls f for every object of a document: all of its schemas are among them.
func (r *references) each(node any, f func(map[string]any)) {
	switch node := node.(type) {
	case map[string]any:
		f(node)
		for _, value := range node {
			r.each(value, f)
		}
	case []any:
		for _, value := range node {
			r.each(value, f)
		}
	}
}

func (r *references) addAnchors(s map[string]any) {
	for _, keyword := range []string{"$anchor", "$dynamicAnchor"} {
		for _, value := range valuesOf(s, keyword) {
			if name, ok := value.(string); ok {
				r.anchors[name] = append(r.anchors[name], s)
			}
		}
	}
	isText := func(value any) bool { _, ok := value.(string); return ok }
	if id(s) != id(r.root) && slices.ContainsFunc(valuesOf(s, "$id"), isText) {
		r.nested = true
	}
}

// id returns the identity of a schema: two with the same content are different schemas.
func id(s map[string]any) uintptr { return reflect.ValueOf(s).Pointer() }

// count returns how many schemas a value is checked against if it is checked against node:
// node, and all that node applies to the same value. Over maxSteps the number is not exact.
func (r *references) count(node any) int {
	s, ok := node.(map[string]any)
	if !ok {
		return 1
	}
	if n, known := r.steps[id(s)]; known {
		return n
	}
	r.steps[id(s)] = maxSteps + 1 // until it is known, for a reference that leads back here
	n := 1
	for keyword, value := range s {
		for _, next := range r.sameValue(keyword, value) {
			n = min(n+r.count(next), maxSteps+1)
		}
	}
	r.steps[id(s)] = n
	return n
}

// sameValue returns the schemas that a keyword applies to the value itself, as allOf does, and
// not to a part of it, as properties does.
func (r *references) sameValue(keyword string, value any) []any {
	is := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, keyword) })
	}
	switch {
	case is("$ref", "$dynamicRef"):
		link, _ := value.(string)
		return r.find(link)
	case is("not", "if", "then", "else"):
		return []any{value}
	case is("allOf", "anyOf", "oneOf"):
		list, _ := value.([]any)
		return list
	case is("dependentSchemas", "dependencies"):
		var list []any
		named, _ := value.(map[string]any)
		for _, s := range named {
			list = append(list, s)
		}
		return list
	}
	return nil
}

// find returns what a reference leads to by its fragment: an anchor, or a JSON pointer (RFC
// 6901). There is only one document, so what precedes # does not count.
func (r *references) find(link string) []any {
	_, fragment, _ := strings.Cut(link, "#")
	if fragment != "" && fragment[0] != '/' {
		return r.anchors[fragment]
	}
	if unescaped, err := url.PathUnescape(fragment); err == nil {
		fragment = unescaped
	}
	at := []any{r.root}
	for fragment != "" {
		var name string
		name, fragment = cutName(fragment[1:])
		var below []any
		for _, parent := range at {
			below = append(below, valuesOf(parent, name)...)
		}
		at = below
	}
	return at
}

// valuesOf returns the values that an object or an array has under a name. The validator
// ignores the case of names, as encoding/json does, so there can be several.
func valuesOf(parent any, name string) (list []any) {
	switch parent := parent.(type) {
	case map[string]any:
		for key, value := range parent {
			if strings.EqualFold(key, name) {
				list = append(list, value)
			}
		}
	case []any:
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(parent) {
			list = append(list, parent[i])
		}
	}
	return list
}

// cutName splits a JSON pointer without its leading slash into its first name, unescaped, and
// the rest.
func cutName(pointer string) (name, rest string) {
	if end := strings.IndexByte(pointer, '/'); end >= 0 {
		pointer, rest = pointer[:end], pointer[end:]
	}
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(pointer), rest
}
