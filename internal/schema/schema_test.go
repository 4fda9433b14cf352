package schema

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestParseRefuses(t *testing.T) {
	for source, want := range map[string]string{
		`{"type":7}`:            "not a JSON Schema: ",
		`[]`:                    "not a JSON Schema: it must be an object",
		`{"type": "array",`:     "not JSON: line 1, column 18",
		`{"$ref":"other.json"}`: "not a JSON Schema: ",
		`{"enum":[` + strings.Repeat("1,", MaxValues) + `1]}`: "over 65536 values",
	} {
		if _, err := Parse([]byte(source)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.40s: %v, want %s", source, err, want)
		}
	}
}

// endless are schemas that the validator would follow until its stack is full, or for ever.
func endless() []string {
	doubling := []string{`"d0":{"type":"object"}`}
	for i := range 40 {
		doubling = append(doubling, fmt.Sprintf(`"d%d":{"allOf":[{"$ref":"#/$defs/d%d"},{"$ref":"#/$defs/d%d"}]}`, i+1, i, i))
	}
	return []string{
		`{"$ref":"#"}`,
		`{"$id":"https://a.example/s","$ref":"https://a.example/s"}`,
		`{"$ref":"#/%24defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"not":{"$ref":"#/$defs/a"}}}}`,
		`{"properties":{"x":{"anyOf":[{"type":"string"},{"$ref":"#/properties/x"}]}}}`,
		`{"if":{"$ref":"#/$defs/a~1~0"},"$defs":{"a/~":{"else":{"$ref":"#"}}}}`,
		`{"allOf":[{"$ref":"#/allOf/0"}]}`,
		`{"$defs":{"a":{"$anchor":"here","$ref":"#here"}}}`,
		`{"$ref":"#/$defs/a","$Defs":{"a":{"$REF":"#"}}}`,
		`{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#"}},"$defs":{"b":{}}}`,
		`{"$dynamicAnchor":"node","$dynamicRef":"#node"}`,
		`{"dependentSchemas":{"a":{"$ref":"#"}}}`,
		`{"$defs":{"a":{"$id":"b","$ref":"#"}}}`,
		`{"$ref":"#/$defs/d40","$defs":{` + strings.Join(doubling, ",") + `}}`,
	}
}

func TestSchemasWithoutEnd(t *testing.T) {
	for _, source := range endless() {
		_, err := Parse([]byte(source))
		if _, ok := errors.AsType[*InvalidError](err); !ok {
			t.Errorf("%.80s: %v", source, err)
		}
	}
}

// TestRecursiveSchemas: a schema may be part of itself if each step goes into the value.
func TestRecursiveSchemas(t *testing.T) {
	for _, source := range []string{
		`{"type":"object","properties":{"left":{"$ref":"#"},"right":{"$ref":"#"}}}`,
		`{"$ref":"#/$defs/tree","$defs":{"tree":{"properties":{"left":{"anyOf":[{"type":"null"},{"$ref":"#/$defs/tree"}]}}}}}`,
		`{"$id":"https://a.example/s","properties":{"left":{"$ref":"https://a.example/s"}}}`,
		`{"$dynamicAnchor":"node","properties":{"left":{"$dynamicRef":"#node"}}}`,
		`{"properties":{"$ref":{"type":"string"},"not":{"$ref":"#"},"$id":{"type":"string"}}}`,
	} {
		s, err := Parse([]byte(source))
		if err == nil {
			err = s.Check([]byte(`{"left":{"left":{}}}`))
		}
		if err != nil {
			t.Errorf("%s: %v", source, err)
		}
	}
}

// FuzzParse: no schema is too much for the program, and neither is what is checked.
func FuzzParse(f *testing.F) {
	for _, source := range endless() {
		f.Add([]byte(source), []byte("{}"))
	}
	f.Add([]byte(`{"type":"object","properties":{"a":{"$ref":"#"}},"additionalProperties":false}`), []byte(`{"a":{"a":1}}`))
	f.Add([]byte(`{"$schema":"http://json-schema.org/draft-07/schema#","items":[{"$ref":"#"}],"pattern":"^(a+)+$"}`), []byte(`[[["aaaa"]]]`))
	f.Fuzz(func(t *testing.T, source, text []byte) {
		s, err := Parse(source)
		if err != nil {
			return
		}
		if len(s.Document) == 0 && s.Check([]byte("{}")) != nil {
			t.Errorf("%s refuses something", source)
		}
		_ = s.Check(text)
	})
}
