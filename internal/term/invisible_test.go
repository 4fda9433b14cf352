package term

import (
	"encoding/json"
	"testing"
)

func TestInvisible(t *testing.T) {
	const scotland = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
	for _, test := range []struct {
		text, kept string
		n          int
		first      rune
	}{
		{"plain\ttext\n", "plain\ttext\n", 0, 0},
		{"日本語 🙂", "日本語 🙂", 0, 0},
		{"a\U000e0041\U000e0042b", "ab", 2, 0xe0041},
		{"a\u202eb\u200bc", "abc", 2, 0x202e},
		{scotland + "x\U000e0067", scotland + "x", 1, 0xe0067},
		{"👨\u200d👩\u200d👧 می\u200cخواهم", "👨\u200d👩\u200d👧 می\u200cخواهم", 0, 0},
		{"❤\ufe0f 1\ufe0f\u20e3 葛\U000e0100", "❤\ufe0f 1\ufe0f\u20e3 葛\U000e0100", 0, 0},
		{"😀\U000e0158\U000e0155\U000e015c", "😀\U000e0158", 2, 0xe0155}, // "hel" in selectors
		{"a\u115f\u1160\u3164\uffa0b", "ab", 4, 0x115f},
		{"a\u180b\u180c\u180d\u180e\u180fb", "ab", 5, 0x180b},
		{"a\u206a\u206fb\ufff9c\ufffbd", "abcd", 4, 0x206a},
		{"\ufe0fa", "a", 1, 0xfe0f},
		{"\xff\xfe", "\xff\xfe", 0, 0},
	} {
		n, first := Invisible(test.text)
		if kept := WithoutInvisible(test.text); n != test.n || first != test.first || kept != test.kept {
			t.Errorf("%q: %d from %U, without them %q", test.text, n, first, kept)
		}
	}
}

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
