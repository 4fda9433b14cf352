package jsontext

import (
	"slices"
	"strings"
	"testing"
)

// TestRepair tears text at every byte, and into single bytes. It comes out the same.
func TestRepair(t *testing.T) {
	// A half of a pair as appendUnquote leaves it for Repair.
	const high, low = "\xed\xa0\xbd", "\xed\xb8\x80"
	for _, tt := range []struct{ text, want string }{
		{"", ""},
		{"plain", "plain"},
		{"é日😀", "é日😀"},
		{"a\xffb", "a\ufffdb"},
		{"a\xc3", "a\ufffd"},
		{"a\xc3(", "a\ufffd("},
		{"\xe6\x97", "\ufffd"},
		{"\xe6\x97a", "\ufffda"},
		{"\xf0\x9f\x98", "\ufffd"},
		{"\xf0\x9f\x98\xf0\x9f\x98\x80", "\ufffd😀"},
		{"\x80\x80", "\ufffd\ufffd"},
		{"\xc0\xaf", "\ufffd\ufffd"},
		{"\xf5\x80", "\ufffd\ufffd"},
		{"\xe0\x80\x80", "\ufffd\ufffd\ufffd"},
		{"\xf4\x90\x80\x80", "\ufffd\ufffd\ufffd\ufffd"},
		{high + low, "😀"},
		{"a" + high + low + "b", "a😀b"},
		{high, "\ufffd"},
		{low, "\ufffd"},
		{high + "a", "\ufffda"},
		{low + high, "\ufffd\ufffd"},
		{high + high + low, "\ufffd😀"},
		{high + low + low, "😀\ufffd"},
		{high + "\xed\xb8", "\ufffd\ufffd\ufffd"},
		{high + "é", "\ufffdé"},
		{"\ufffd", "\ufffd"},
		{"\x00\x1b", "\x00\x1b"},
	} {
		for at := range len(tt.text) + 1 {
			checkRepair(t, tt.want, tt.text[:at], tt.text[at:])
			checkRepair(t, tt.want, tt.text[:at], "", tt.text[at:])
		}
		checkRepair(t, tt.want, bytewise(tt.text)...)
	}
}

func checkRepair(t *testing.T, want string, pieces ...string) {
	t.Helper()
	var r Repair
	got := ""
	for _, p := range pieces {
		got += string(r.Piece([]byte(p), false))
	}
	if got += string(r.Piece(nil, true)); got != want {
		t.Errorf("%q: %q, want %q", pieces, got, want)
	}
}

// TestRepairIsPrompt: nothing is held back that no further byte can change.
func TestRepairIsPrompt(t *testing.T) {
	for piece, want := range map[string]string{
		"abc": "abc", "é": "é", "a\xe6": "a", "a\xe6\x97": "a", "a\xff": "a\ufffd",
		"a\xf0\x9f\x98": "a", "😀": "😀", "a\xed\xa0\xbd": "a", "a\xed\xb8\x80": "a\ufffd",
	} {
		if got := string(new(Repair).Piece([]byte(piece), false)); got != want {
			t.Errorf("%q: %q at once, want %q", piece, got, want)
		}
	}
}

func TestAppendUnquote(t *testing.T) {
	for inside, want := range map[string]string{
		``:                    "",
		`plain é`:             "plain é",
		`\"\\\/`:              `"\/`,
		`\b\f\n\r\t`:          "\b\f\n\r\t",
		`\u0041\u00e9\u65E5`:  "Aé日",
		`\u0000`:              "\x00",
		`\ud83d\ude00`:        "😀",
		`\ud83d`:              "\xed\xa0\xbd",
		`\ude00\ud83d`:        "\xed\xb8\x80\xed\xa0\xbd",
		`\ud83d\u0041`:        "\xed\xa0\xbdA",
		`\ud83d\n`:            "\xed\xa0\xbd\n",
		`\ud83d\ud83d\ude00x`: "\xed\xa0\xbd😀x",
		"\xff":                "\xff",
	} {
		if got := string(AppendUnquote(nil, []byte(`"`+inside+`"`))); got != want {
			t.Errorf("%s: %q, want %q", inside, got, want)
		}
	}
}

func TestAppendUnquoteOfOthers(t *testing.T) {
	for raw, want := range map[string]string{
		`"b"`: "ab", `""`: "a", `null`: "a", `7`: "a", ``: "a", `"`: "a", `["b"]`: "a", `{"x":"b"}`: "a",
	} {
		if got := string(AppendUnquote([]byte("a"), []byte(raw))); got != want {
			t.Errorf("%s: %q, want %q", raw, got, want)
		}
	}
}

// TestRepairLeavesNoTrace: a piece that is handed out is not changed by the next.
func TestRepairLeavesNoTrace(t *testing.T) {
	var r Repair
	first := r.Piece([]byte("a\xf0\x9f"), false)
	kept := slices.Clone(first)
	r.Piece([]byte("\x98\x80"+strings.Repeat("x", 100)), false)
	if string(first) != string(kept) {
		t.Errorf("%q became %q", kept, first)
	}
}

// FuzzRepair: where the text is torn makes no difference.
func FuzzRepair(f *testing.F) {
	f.Add([]byte("a\xf0\x9f\x98\x80\xed\xa0\xbd\xed\xb8\x80\xff"), uint8(3))
	f.Fuzz(func(t *testing.T, text []byte, at uint8) {
		whole := string(new(Repair).Piece(text, true))
		cut := min(int(at), len(text))
		var r Repair
		pieces := string(r.Piece(text[:cut], false)) + string(r.Piece(text[cut:], true))
		if whole != pieces {
			t.Errorf("%q cut at %d: %q, want %q", text, cut, pieces, whole)
		}
	})
}

// bytewise returns text in pieces of one byte.
func bytewise(text string) (list []string) {
	for i := range len(text) {
		list = append(list, text[i:i+1])
	}
	return list
}

// TestTextIsCopiedOnce: the arguments of a call can have megabytes.
func TestTextIsCopiedOnce(t *testing.T) {
	const size = 1 << 20
	for what, test := range map[string]struct {
		raw    string
		copies int
	}{
		"plain":        {strings.Repeat("x", size), 1},
		"with escapes": {`\"` + strings.Repeat("x", size), 2}, // one of them at once garbage
	} {
		raw := []byte(`"` + test.raw + `"`)
		if n := testing.AllocsPerRun(10, func() { Text(raw) }); int(n) > test.copies {
			t.Errorf("%s: %v copies, want %d", what, n, test.copies)
		}
	}
}
