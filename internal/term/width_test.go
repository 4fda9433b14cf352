package term

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWidth(t *testing.T) {
	t.Setenv("LANG", "ja_JP.UTF-8")
	for in, want := range map[string]int{
		"": 0, "abc": 3, "日本": 4, "e\u0301": 1, "👩‍👩‍👧": 2, "🇯🇵": 2, "│…‹›": 4, "ｱ": 1,
	} {
		if got := Width(in); got != want {
			t.Errorf("Width(%q) = %d, want %d", in, got, want)
		}
	}
}

// The characters that are measured without runewidth have the width that it tells, next to
// each other and next to any other.
func TestColumnsOf(t *testing.T) {
	known := 0
	for r := rune(0); r <= utf8.MaxRune; r++ {
		columns := columnsOf(r)
		if columns == 0 {
			continue
		}
		known++
		if want := narrow.RuneWidth(r); columns != want {
			t.Errorf("columnsOf(%U) = %d, want %d", r, columns, want)
		}
		for _, next := range []rune{r, 'a', '–', 'あ', '한'} {
			s := string([]rune{next, r, next})
			if got, want := Width(s), narrow.StringWidth(s); got != want {
				t.Errorf("Width(%q) = %d, want %d", s, got, want)
			}
		}
	}
	if known < 30_000 {
		t.Errorf("%d characters", known)
	}
}

// So have emoji of several characters, in whatever order these come.
func TestPartOfEmoji(t *testing.T) {
	parts := []rune("a®あ한☑⚠❤👍👩🎉\u200d\ufe0f\U0001f1e6\U0001f1ff\U0001f3fb\U0001f3ff")
	for _, r := range parts {
		if columns, ok := partOfEmoji(r); ok && columns != narrow.RuneWidth(r) {
			t.Errorf("partOfEmoji(%U) = %d", r, columns)
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		var text []rune
		for range 1 + rng.IntN(8) {
			text = append(text, parts[rng.IntN(len(parts))])
		}
		if s := string(text); Width(s) != narrow.StringWidth(s) {
			t.Errorf("Width(%+q) = %d, want %d", s, Width(s), narrow.StringWidth(s))
		}
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		in      string
		columns int
		want    string
	}{
		{"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"abc", 1, "…"}, {"abc", 0, ""}, {"abc", -1, ""}, {"", 0, ""},
		{"日本語", 6, "日本語"}, {"日本語", 5, "日本…"}, {"日本語", 4, "日…"}, {"日本語", 2, "…"},
		{"e\u0301e\u0301e\u0301", 2, "e\u0301…"}, {"か\u3099く\u3099", 3, "か\u3099…"}, {"👩‍👩‍👧👩‍👩‍👧", 3, "👩‍👩‍👧…"},
	} {
		got := Cut(c.in, c.columns)
		if got != c.want || Width(got) > max(c.columns, 0) {
			t.Errorf("Cut(%q, %d) = %q, want %q", c.in, c.columns, got, c.want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		name, in string
		columns  int
		want     []string
	}{
		{"empty", "", 5, []string{""}},
		{"fits", "abc de", 6, []string{"abc de"}},
		{"at a space", "abc de fgh", 6, []string{"abc de", "fgh"}},
		{"before a word that would end outside", "abc defg", 6, []string{"abc", "defg"}},
		{"line ends and empty lines", "a\n\nb\n", 5, []string{"a", "", "b", ""}},
		{"spaces hang", "abc   def", 4, []string{"abc", "def"}},
		{"long word", "abcdefgh", 3, []string{"abc", "def", "gh"}},
		{"long word after a short one", "a bcdefgh", 3, []string{"a", "bcd", "efg", "h"}},
		{"indent stays", "    x y", 6, []string{"    x", "y"}},
		{"indent and long word", "    abcdef", 6, []string{"    ab", "cdef"}},
		{"tab", "\tx", 6, []string{"    x"}},
		{"wide", "日本語です", 5, []string{"日本", "語で", "す"}},
		{"wide and narrow", "Goの並行処理", 7, []string{"Goの並", "行処理"}},
		{"word after wide", "並行goroutine", 10, []string{"並行", "goroutine"}},
		{"marks stay with their base", "か\u3099き\u3099く\u3099", 4, []string{"か\u3099き\u3099", "く\u3099"}},
		{"a mark after the last wide character", "か\u3099abc", 4, []string{"か\u3099", "abc"}},
		{"a mark at the start", "\u3099abcd", 3, []string{"\u3099abc", "d"}},
		{"joined emoji", "👩‍👩‍👧👩‍👩‍👧", 6, []string{"👩‍👩‍👧", "👩‍👩‍👧"}},
		{"skin tone", "👍🏽👍🏽", 4, []string{"👍🏽", "👍🏽"}},
		{"too narrow", "日a", 0, []string{"日", "a"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Wrap(c.in, c.columns); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func FuzzWrap(f *testing.F) {
	f.Add("a bcd  日本語 か\u3099\nx", 4)
	f.Add(strings.Repeat("👩‍👧 ", 9), 3)
	f.Fuzz(func(t *testing.T, in string, columns int) {
		in, columns = Visible(in), 2+columns&63
		lines := Wrap(in, columns)
		for _, line := range lines {
			if w := Width(line); w > columns {
				t.Fatalf("%q takes %d of %d columns", line, w, columns)
			}
		}
		bare := strings.NewReplacer(" ", "", "\t", "", "\n", "").Replace
		if got, want := bare(strings.Join(lines, "")), bare(in); got != want {
			t.Fatalf("text changed: %q, was %q", got, want)
		}
		if c := Cut(Line(in), columns); Width(c) > columns {
			t.Fatalf("Cut gave %q", c)
		}
	})
}

func TestColumn(t *testing.T) {
	for _, c := range []struct {
		line    string
		columns int
		want    int
	}{
		{"", 10, 0}, {"abc", 10, 3}, {"日本", 10, 4}, {"0123456789", 10, 10}, {"0123456789a", 10, 1},
		{"012345678日", 10, 2}, {"\ta", 80, 9}, {"abc\t", 80, 8}, {"abc\t", 6, 5}, {"e\u0301👩‍👩‍👧", 10, 3},
		{"\x1b[1;31mab\x1b[0m", 10, 2}, {"a\x1b]8;;https://example.com/x\\y\x1b\\link\x1b]8;;\x1b\\", 10, 5}, {"a\x1b[", 10, 1},
	} {
		if got := Column(c.line, c.columns); got != c.want {
			t.Errorf("Column(%q, %d) = %d, want %d", c.line, c.columns, got, c.want)
		}
	}
}

func TestWidths(t *testing.T) {
	for s, want := range map[string]int{"a": 1, "今": 2, "e\u0301": 1, "👍🏽": 4, "👨\u200d👩\u200d👧": 6, "🇩🇪": 2, "❤\ufe0f": 2} {
		if _, got := Widths(s); got != want {
			t.Errorf("%q: %d, want %d", s, got, want)
		}
	}
}

func TestWrapWords(t *testing.T) {
	for _, c := range []struct {
		in      string
		columns int
		want    []string
	}{
		{"see /a/long/path.toml:1:2: it is wrong", 12, []string{"see", "/a/long/path.toml:1:2:", "it is wrong"}},
		{"/a/long/path", 5, []string{"/a/long/path"}},
		{"今日は天気", 6, []string{"今日は", "天気"}},
		{"one two", 7, []string{"one two"}},
	} {
		if got := WrapWords(c.in, c.columns); !slices.Equal(got, c.want) {
			t.Errorf("%q in %d columns: %q, want %q", c.in, c.columns, got, c.want)
		}
	}
}
