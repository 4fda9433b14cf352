package turn

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/schema"
)

func loadSchema(t *testing.T, text string) (*Schema, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "offer.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return LoadSchema(path)
}

func TestSchemaCheck(t *testing.T) {
	s, err := loadSchema(t, `{"type":"object","properties":{"price":{"type":"number","minimum":0}},"required":["price"]}`)
	if err != nil {
		t.Fatal(err)
	}
	s.path = "offer.json"
	for answer, want := range map[string]string{
		`{"price":1}`:         "",
		` {"price":1}` + "\n": "",
		`{"price":-1}`:        "the answer does not fit offer.json: /properties/price: minimum: -1 is less than 0",
		`{}`:                  `the answer does not fit offer.json: required: missing properties: ["price"]`,
		`Here it is: {}`:      "the answer is not JSON: line 1, column 1",
		"{\n\"price\":}":      "the answer is not JSON: line 2, column 9",
		`{"price":1} x`:       "the answer is not JSON: line 1, column 13",
		`{"price":`:           "the answer is not JSON: line 1, column 10",
		``:                    "the answer is not JSON: line 1, column 1",
		`{"price":"a`:         "the answer is not JSON: line 1, column 12",
		`{"price":1e999}`:     "the answer is not JSON: line 1, column 16",
		many("[", "1,", "1]"): "the answer was not checked against offer.json: it has over 65536 values",
	} {
		e := s.Check(chat.Message{Text: answer})
		switch {
		case e == nil && want != "", e != nil && e.What != want:
			t.Errorf("%.40q: %v, want %q", answer, e, want)
		case e != nil && e.Code != 3:
			t.Errorf("%q: exit %d", answer, e.Code)
		}
	}
}

// many returns JSON of more values than are checked.
func many(begin, value, end string) string {
	return begin + strings.Repeat(value, schema.MaxValues) + end
}

func TestSchemaIsStrict(t *testing.T) {
	const object = `{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false`
	for text, want := range map[string]bool{
		object + `}`:                           true,
		object + `,"$schema":"x","title":"y"}`: true,
		object + `,"contains":{}}`:             false,
		`{"type":"object","properties":{"a":{}},"required":["a"]}`:             false,
		`{"type":"object","properties":{"a":{}},"additionalProperties":false}`: false,
		`{"type":"array","items":` + object + `}}`:                             true,
		`{"type":"array","items":{"type":"object","properties":{}}}`:           false,
		`{"anyOf":[` + object + `},{"type":"object"}]}`:                        false,
	} {
		document, err := schema.Decode([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := isStrict(document); got != want {
			t.Errorf("%s: strict is %v", text, got)
		}
	}
}

func TestLoadSchemaRefuses(t *testing.T) {
	for _, text := range []string{`{"type":7}`, `[]`, `{"$ref":"other.json"}`, `{"type": "array",`} {
		if _, err := loadSchema(t, text); err == nil {
			t.Errorf("%s was taken for a schema", text)
		} else {
			t.Log(err)
		}
	}
}
