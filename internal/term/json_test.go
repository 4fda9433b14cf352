package term

import (
	"encoding/json"
	"testing"
)

func TestEscapeJSON(t *testing.T) {
	for in, want := range map[string]string{
		"{\"text\": \"日本語 ❤\ufe0f\"}\n\t":            "{\"text\": \"日本語 ❤\ufe0f\"}\n\t",
		"\"a\u009b31m\x7f\u202e\u200b\u115f\ufe0f\"": `"a\u009b31m\u007f\u202e\u200b\u115f\ufe0f"`,
		"\"\U000e0041\"": `"\udb40\udc41"`,
		"\"\u2028\u2029\ufeff\u206a\ufff9 a\ufe0f\ufe0e\"": "\"" + `\u2028\u2029\ufeff\u206a\ufff9` + " a\ufe0f" + `\ufe0e"`,
	} {
		got := EscapeJSON(in)
		if got != want {
			t.Errorf("%q: %s", in, got)
		}
		var before, after any
		if json.Unmarshal([]byte(in), &before) != nil || json.Unmarshal([]byte(got), &after) != nil {
			t.Fatalf("%q is not JSON", in)
		}
		if text, ok := before.(string); ok && text != after {
			t.Errorf("%q became %q", before, after)
		}
	}
}
