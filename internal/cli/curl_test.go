package cli

import "testing"

func TestEscapedJSON(t *testing.T) {
	for body, want := range map[string]string{
		`{"a":"日本 \u202e 👍"}`:      `{"a":"日本 \u202e 👍"}`,
		"{\"a\":\"\u202e\u009b\"}": `{"a":"\u202e\u009b"}`,
		"\"\U000e0041\x7f\u200b\"": `"\udb40\udc41\u007f\u200b"`,
	} {
		if got := escapedJSON(body); got != want {
			t.Errorf("%q: %q, want %q", body, got, want)
		}
	}
}

func TestQuoted(t *testing.T) {
	if got := quoted("it's $HOME\n"); got != `'it'\''s $HOME`+"\n'" {
		t.Error(got)
	}
	for name, want := range map[string]string{"LAB_KEY": "LAB_KEY", "2X": "", "a-b": "", "A B": "", "": ""} {
		if got := shellName(name); got != want {
			t.Errorf("%q: %q", name, got)
		}
	}
}
