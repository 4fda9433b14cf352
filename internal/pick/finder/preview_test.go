package finder

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"oax/internal/term"
)

// styled replaces the escape sequences of styles: [ for what is found, u and a for the
// headings of user and assistant, ] for the end of each.
var styled = strings.NewReplacer("\x1b[7m", "[", "\x1b[1;36m", "u", "\x1b[1;32m", "a", "\x1b[0m", "]")

func TestView(t *testing.T) {
	filler := strings.Repeat("word ", 5000)
	talk := []Passage{{"user, today", "How are you?\n", true}, {"assistant", "I am well.\nAnd you?", false}}
	for name, c := range map[string]struct {
		sought   string
		passages []Passage
		columns  int
		rows     int
		want     []string
	}{
		"all of it": {"", talk, 20, 9, []string{"uuser, today]", "How are you?", "", "aassistant]", "I am well.", "And you?", ""}},
		"the start": {"", talk, 20, 2, []string{"uuser, today]", "How are you?"}},
		"cut":       {"", talk, 6, 3, []string{"uuser,…]", "How", "are"}},
		"in view already": {
			"AM well", talk, 20, 9,
			[]string{"uuser, today]", "How are you?", "", "aassistant]", "I [am well].", "And you?", ""},
		},
		"words apart": {"you AM", talk, 20, 5, []string{"uuser, today]", "How are [you]?", "", "aassistant]", "I [am] well."}},
		"over a line end": {
			"well. and", talk, 20, 9,
			[]string{"uuser, today]", "How are you?", "", "aassistant]", "I am [well.", "And] you?", ""},
		},
		"broken by the pane": {"are you", talk, 9, 3, []string{"How [are", "you]?", ""}},
		"not there":          {"nowhere", talk, 20, 2, []string{"uuser, today]", "How are you?"}},
		"nothing":            {"x", nil, 20, 2, []string{""}},
		"far down":           {"target", []Passage{{"a", filler + "target\nend", false}}, 10, 3, []string{"word", "[target]", "end"}},
		"far down, one row":  {"target", []Passage{{"a", filler + "target\nend", false}}, 10, 1, []string{"[target]"}},
		"far up":             {"target", []Passage{{"a", "target " + filler, false}}, 10, 3, []string{"aa]", "[target]", "word word"}},
		"in a later passage": {"target", []Passage{{"a", filler, false}, {"b", "x\ntarget\ny", true}}, 10, 6, []string{"ub]", "x", "[target]", "y", ""}},
		"the phrase before its words": {
			"b c", []Passage{{"a", "c b\n" + filler, false}, {"x", "b  C", false}}, 10, 1, []string{"[b  C]"},
		},
		"marks from elsewhere": {"", []Passage{{"\u2061\x1b[7m", "a\u2062b\x1b[7m", false}}, 10, 9, []string{"a^[[7m]", "ab^[[7m", ""}},
		"an expression":        {"a.c (", []Passage{{"", "abc a.c ( [", false}}, 20, 9, []string{"a]", "abc [a.c (] [", ""}},
		"not UTF-8":            {"\xff", []Passage{{"", "\xff", false}}, 20, 9, []string{"a]", "[\ufffd]", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			got := newSearch(c.sought).view(c.passages, c.columns, c.rows)
			for i := range got {
				got[i] = styled.Replace(got[i])
			}
			if name == "in a later passage" {
				got = got[len(got)-len(c.want):]
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

// Whatever is in a chat, the lines fit, and no control gets out except our styles.
func FuzzView(f *testing.F) {
	f.Add("target", "one\x1b[2J", strings.Repeat("並行 x", 3000)+"TARGET", uint8(20), uint8(5))
	f.Add("a b", "\u2061a\u2062 b", "\xff\u202e👨‍👩‍👧 🇯🇵", uint8(3), uint8(1))
	f.Fuzz(func(t *testing.T, sought, first, second string, columns, rows uint8) {
		width, height := max(int(columns), 2), max(int(rows), 1)
		s := newSearch(sought)
		lines := s.view([]Passage{{"user", first, true}, {"assistant", second, false}}, width, height)
		if len(lines) > height {
			t.Errorf("%d lines of %d", len(lines), height)
		}
		for _, line := range lines {
			bare := unstyled.Replace(line)
			if term.Width(bare) > width || strings.ContainsRune(bare, '\x1b') || !utf8.ValidString(bare) {
				t.Errorf("%q in %d columns", line, width)
			}
		}
	})
}
