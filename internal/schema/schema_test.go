package schema

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestCheck: the first place that does not fit, and why; empty: it fits. The rules are
// those of draft 2020-12, "Validation" and "Core".
func TestCheck(t *testing.T) {
	const list = `{"type":"object","properties":{"items":{"type":"array","items":{"type":"object",
		"properties":{"name":{"type":"string"},"price":{"type":"number","minimum":0}},"required":["name","price"],"additionalProperties":false}}},
		"required":["items"],"additionalProperties":false}`
	const tree = `{"$ref":"#/$defs/node","$defs":{"node":{"type":"object","properties":{"next":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]}},"required":["next"]}}}`
	for _, tt := range []struct{ schema, document, want string }{
		{list, `{"items":[]}`, ""},
		{list, `{"items":[{"name":"a","price":1.5},{"name":"","price":0}]}`, ""},
		{list, ` {"items":[]}` + "\n", ""},
		{list, `[]`, "array where object is wanted"},
		{list, `{}`, `"items" is missing`},
		{list, `{"items":[{"name":"a","price":1},{"name":"b"}]}`, `at /items/1: "price" is missing`},
		{list, `{"items":[{"name":"a","price":"1"}]}`, `at /items/0/price: string where number is wanted`},
		{list, `{"items":[{"name":"a","price":-1}]}`, `at /items/0/price: -1 is too small`},
		{list, `{"items":[{"name":"a","price":1,"a/b~c":2}]}`, `at /items/0/a~1b~0c: nothing may be here`},
		{list, "{\n \"items\": [,]}", "line 2, column 12: not JSON"},
		{list, "", "line 1, column 1: not JSON"},
		{list, "日本 {}", "line 1, column 1: not JSON"},
		{list, "{} {}", "line 1, column 4: not JSON"},
		{list, `{"items":[`, "line 1, column 10: not JSON"},
		{list, "```json\n{}\n```", "line 1, column 1: not JSON"},
		{tree, `{"next":{"next":null}}`, ""},
		{tree, `{"next":{"next":1}}`, "at /next/next: no schema fits"},
		{tree, `{"next":{}}`, `at /next: "next" is missing`},

		{`{"type":["string","null"]}`, `null`, ""},
		{`{"type":["string","null"]}`, `true`, "boolean where string or null is wanted"},
		{`{"type":"integer"}`, `2.0`, ""},
		{`{"type":"integer"}`, `2.5`, "number where integer is wanted"},
		{`{"enum":[1,"a",{"b":[]}]}`, `{"b":[]}`, ""},
		{`{"enum":[1,"a"]}`, `"b"`, "it is none of the values in enum"},
		{`{"const":1}`, `1.0`, ""},
		{`{"const":null}`, `0`, "it is not the value of const"},
		{`{"properties":{"a":false}}`, `{"a":1}`, "at /a: nothing may be here"},
		{`{"additionalProperties":{"type":"null"}}`, `{"a":1}`, "at /a: integer where null is wanted"},
		{`{"prefixItems":[{"type":"null"}],"items":false}`, `[null]`, ""},
		{`{"prefixItems":[{"type":"null"}],"items":false}`, `[null,1]`, "at /1: nothing may be here"},
		{`{"items":[{"type":"null"}]}`, `[1]`, "at /0: integer where null is wanted"},
		{`{"anyOf":[{"type":"null"},{"type":"array","items":{"type":"null"}}]}`, `[1]`, "at /0: integer where null is wanted"},
		{`{"anyOf":[{"type":"null"},{"type":"string"}]}`, `1`, "no schema fits"},
		{`{"oneOf":[{"type":"number"},{"minimum":2}]}`, `1`, ""},
		{`{"oneOf":[{"type":"number"},{"minimum":2}]}`, `3`, "it fits 2 schemas of oneOf"},
		{`{"allOf":[{"minimum":1},{"maximum":2}]}`, `3`, "3 is too large"},
		{`{"not":{"type":"null"}}`, `null`, "it fits what it must not"},
		{`{"exclusiveMinimum":1,"exclusiveMaximum":2}`, `1`, "1 is too small"},
		{`{"exclusiveMinimum":1,"exclusiveMaximum":2}`, `2`, "2 is too large"},
		{`{"multipleOf":0.1}`, `0.3`, ""},
		{`{"multipleOf":0.1}`, `0.35`, "0.35 is no multiple of 0.1"},
		{`{"minLength":2,"maxLength":2}`, `"日本"`, ""},
		{`{"minLength":2}`, `"日"`, "1 character where at least 2 must be"},
		{`{"maxLength":1}`, `"ab"`, "2 characters where at most 1 may be"},
		{`{"pattern":"^a+$"}`, `"aab"`, "it does not match ^a+$"},
		{`{"minItems":1}`, `[]`, "0 items where at least 1 must be"},
		{`{"maxProperties":0}`, `{"a":1}`, "1 property where at most 0 may be"},
		{`{"uniqueItems":true}`, `[{"a":1},2,{"a":1.0}]`, "at /2: it is there twice"},
		{`{"$ref":"#"}`, `1`, "the schema has no end"},
		{`{"anyOf":[{"$ref":"#"},{"$ref":"#"}]}`, `1`, "the schema has no end"},
		{`{"type":"number"}`, `1e999`, "line 1, column 6: not JSON"},
	} {
		s, err := Parse([]byte(tt.schema))
		if err != nil {
			t.Errorf("%s: %v", tt.schema, err)
			continue
		}
		said := ""
		if err := s.Check([]byte(tt.document)); err != nil {
			said = err.Error()
		}
		if said != tt.want {
			t.Errorf("%s\nagainst %s\n%q, want %q", tt.document, tt.schema, said, tt.want)
		}
	}
}

// TestParse: a schema that is none is refused, and what is not checked is known.
func TestParse(t *testing.T) {
	for source, want := range map[string]string{
		`{}`:                                   "[]",
		`{"title":"x","format":"date"}`:        "[]",
		`{"if":{},"then":{},"minContains":1}`:  "[if minContains then]",
		`{"items":{"patternProperties":{}}}`:   "[patternProperties]",
		`{"pattern":"(?=a)"}`:                  "[pattern]",
		`{"properties":{"if":{}}}`:             "[]",
		``:                                     "line 1, column 1: not JSON",
		`{"type":}`:                            "line 1, column 9: not JSON",
		`[]`:                                   "a schema is an object",
		`true`:                                 "a schema is an object",
		`{"type":"strin"}`:                     "at /type: must be object, array, string, number, integer, boolean or null",
		`{"type":["string",1]}`:                "at /type: must be object,",
		`{"properties":[]}`:                    "at /properties: must be an object",
		`{"properties":{"a/b":1}}`:             "at /properties/a~1b: a schema is an object, true or false",
		`{"items":1}`:                          "at /items: a schema is an object, true or false",
		`{"anyOf":[{},{"enum":1}]}`:            "at /anyOf/1/enum: must be an array",
		`{"minimum":"1"}`:                      "at /minimum: must be a number",
		`{"$ref":"other.json"}`:                "at /$ref: must lead to a schema in this file, as #/$defs/name",
		`{"$ref":"https://a.example/x"}`:       "at /$ref: must lead to",
		`{"$ref":"#/$defs/a"}`:                 "at /$ref: must lead to",
		`{"$ref":"#/title","title":"x"}`:       "at /$ref: must lead to",
		`{"$ref":1}`:                           "at /$ref: must lead to",
		`{"pattern":1}`:                        "at /pattern: must be a string",
		`{"$defs":{"a~b":{"$ref":"#/$defs"}}}`: "[]",
	} {
		s, err := Parse([]byte(source))
		got := fmt.Sprint(err)
		if err == nil {
			got = fmt.Sprint(s.Unchecked)
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q, want %q", source, got, want)
		}
	}
}

func TestStrict(t *testing.T) {
	for source, want := range map[string]bool{
		`{"type":"string"}`: true,
		`{"type":"object"}`: false,
		`{"type":"object","additionalProperties":false}`:                                                                         true,
		`{"type":"object","properties":{"a":{}},"additionalProperties":false}`:                                                   false,
		`{"type":"object","properties":{"a":{}},"required":["a"],"additionalProperties":false}`:                                  true,
		`{"properties":{"a":{}},"required":["a"]}`:                                                                               false,
		`{"type":"array","items":{"type":"object","properties":{"a":{}},"required":["a"]}}`:                                      false,
		`{"type":"array","items":{"type":"array"},"$defs":{"a":{"type":"object"}}}`:                                              false,
		`{"type":"object","properties":{"properties":{"type":"string"}},"required":["properties"],"additionalProperties":false}`: true,
		`{"type":"array","contains":{}}`:                                                                                         false,
		`{"const":{"type":"object"}}`:                                                                                            true,
	} {
		s, err := Parse([]byte(source))
		if err != nil || s.Strict() != want {
			t.Errorf("%s: %v, want %v", source, err, want)
		}
	}
}

// FuzzCheck: whatever a schema and a document are, there is an answer; and a document
// that has a place that does not fit is JSON.
func FuzzCheck(f *testing.F) {
	f.Add(`{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}`, `{"a":{"a":1}}`)
	f.Add(`{"anyOf":[{"type":"null"},{"items":[{}],"multipleOf":0}],"not":{"enum":[1]}}`, `[1,2]`)
	f.Add(`{"pattern":"a","minLength":1,"uniqueItems":true,"additionalProperties":false}`, `"x"`)
	f.Fuzz(func(t *testing.T, schema, document string) {
		s, err := Parse([]byte(schema))
		if err != nil {
			return
		}
		_ = s.Strict()
		switch err := s.Check([]byte(document)).(type) {
		case *Misfit:
			if !json.Valid([]byte(document)) || err.Why == "" {
				t.Errorf("%q against %q: %v", document, schema, err)
			}
		case nil:
			if !json.Valid([]byte(document)) {
				t.Errorf("%q fits %q", document, schema)
			}
		}
	})
}
