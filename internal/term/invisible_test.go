package term

import "testing"

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
