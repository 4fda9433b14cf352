package export

import (
	"regexp"
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/search"
	"oax/internal/term"
)

func TestHitsOnATerminal(t *testing.T) {
	hit := func(line, match string) search.Hit {
		at := strings.Index(line, match)
		return search.Hit{Turn: 7, Role: chat.User, Line: line, Start: at, End: at + len(match)}
	}
	for _, c := range []struct {
		line, match string
		columns     int
		want        string
	}{
		{"a needle in hay", "needle", 40, "  7: a <needle> in hay\n"},
		{"needle, needle", "needle", 40, "  7: <needle>, <needle>\n"},
		{"\tif needle {", "needle", 40, "  7:     if <needle> {\n"},
		{"ab\x1b[31mneedle\x00", "needle", 40, "  7: ab^[[31m<needle>^@\n"},
		{strings.Repeat("hay ", 30) + "needle" + strings.Repeat(" hay", 30), "needle", 40, "  7: …y hay hay <needle> hay hay hay hay …\n"},
		{strings.Repeat("hay ", 30) + "needle", "needle", 40, "  7: …hay hay hay hay hay hay hay <needle>\n"},
		{strings.Repeat("hay ", 30_000) + "needle" + strings.Repeat(" hay", 30_000), "needle", 30, "  7: …ay hay <needle> hay hay h…\n"},
		{strings.Repeat("針", 30) + "needle" + strings.Repeat("針", 30), "needle", 30, "  7: …針針針<needle>針針針針針…\n"},
		{strings.Repeat("needle", 30), strings.Repeat("needle", 20), 20, "  7: <needleneedlene…>\n"},
		{"a", "", 20, "  7: a\n"},
		{"needle", "needle", 8, "  7: <ne…>\n"},
		{"needle", "needle", 3, "  …\n"},
	} {
		var b strings.Builder
		g := &hitScreen{columns: c.columns, colour: true}
		g.line(&b, hit(c.line, c.match), regexp.MustCompile(regexp.QuoteMeta(c.match)))
		got := strings.NewReplacer("\x1b[2m", "", "\x1b[1;31m", "<").Replace(b.String())
		label, rest, _ := strings.Cut(got, "\x1b[0m")
		got = label + strings.ReplaceAll(rest, "\x1b[0m", ">")
		if got != c.want {
			t.Errorf("%.20q in %d columns:\n%q\n%q", c.line, c.columns, got, c.want)
		}
		plain := strings.NewReplacer("<", "", ">", "", "\n", "").Replace(got)
		if term.Width(plain) > c.columns {
			t.Errorf("%q is wider than %d", plain, c.columns)
		}
	}
}
