package markdown

import (
	"strings"
	"testing"
	"time"

	nethtml "golang.org/x/net/html"

	"oax/internal/term"
)

// hostile are texts on which a careless reader takes quadratic time.
var hostile = []string{
	"[", "]", "![", "[[]", "[a](", "[a](<b", "[a](b \"", "[a](b '", "[a][b", "[^", "*a **a ", "a**b", "_a __b ", "~a ~~b ", "`", "`a``b", "\\", "<", "<!--", "<?", "<![CDATA[", "<a b='", "</",
	"&", "&#", "$a ", "$$", "\\(", "\\[ ", "http://", "www.", "a@b.", "a@", "a*", "> ", "- ", "1. ", "- - ", "#", "# ", "-", "=", "* ", "|", "|a", "| \\|", "\t", " ", "a\n", "\n", "- a\n", "> a\n\n", "-\n",
	"1. ```\n", "```\n", "    a\n\n", "[a]: b\n", "[a]: b '\n", "[a]\n\n", "[^a]: b\n", "a\n=\n", "|a|\n|-|\n", "|a|b|\n|-|-|\n|c|d|\n", "a|b\n", "<div>\n", "<script>\n", "$$\na\n", "\\[\na\n", "a  \n", "*", "**", "_", "\\\n", "h", "w", "あ", "👍\u200d",
}

// each hostile text is repeated until it is so long.
const hostileSize = 15_000

func hostileTexts(f func(name, text string)) {
	for _, s := range hostile {
		f(s, strings.Repeat(s, hostileSize/len(s)))
		f("nested "+s, strings.Repeat("> ", 40)+strings.Repeat(s, hostileSize/len(s)))
	}
	f("table", "|"+strings.Repeat("a|", 1000)+"\n|"+strings.Repeat("-|", 1000)+"\n"+strings.Repeat("|b\n", 1000))
	f("emphasis", strings.Repeat("*a ", 50000)+strings.Repeat("b* ", 50000))
	f("links", strings.Repeat("[", 50000)+"a"+strings.Repeat("](b)", 50000))
	f("definitions", strings.Repeat("[a", 40000)+strings.Repeat("]: b\n", 40000))
	f("quotes", strings.Repeat("> ", 2000)+strings.Repeat("\n"+strings.Repeat("> ", 100), 1000))
}

// A text takes time in proportion to its length: of these, each would take minutes if it
// took the square of it.
func TestHostileTexts(t *testing.T) {
	hostileTexts(func(name, text string) {
		start := time.Now()
		ToHTML(text)
		codeBlocks(text)
		if took := time.Since(start); took > 500*time.Millisecond {
			t.Logf("%q: %v", name, took)
		}
	})
}

// tags are what the HTML may hold, with the attributes that each may have.
var tags = map[string]string{
	"p": " dir class title ", "h1": " dir ", "h2": " dir ", "h3": " dir ", "h4": " dir ", "h5": " dir ", "h6": " dir ", "a": " href rel title ",
	"em": "", "strong": "", "del": "", "code": " class ", "pre": "", "br": "", "hr": "", "ul": "", "ol": " start ", "li": " dir class ",
	"input": " type disabled checked ", "blockquote": "", "table": "", "thead": "", "tbody": "", "tr": "", "td": " dir class ", "th": " dir class ",
	"sup": " class ", "span": " class title ",
}

// checkSafe wants of HTML that it has no tags but these and no links but to the web.
func checkSafe(t *testing.T, text, page string) {
	t.Helper()
	z := nethtml.NewTokenizer(strings.NewReader(page))
	for {
		kind := z.Next()
		if kind == nethtml.ErrorToken {
			return
		}
		token := z.Token()
		switch kind {
		case nethtml.StartTagToken, nethtml.SelfClosingTagToken:
			allowed, known := tags[token.Data]
			if !known {
				t.Fatalf("%q: tag %s in %s", text, token.Data, page)
			}
			for _, a := range token.Attr {
				if !strings.Contains(allowed, " "+a.Key+" ") || a.Key == "href" && !isAllowed(a.Val) {
					t.Fatalf("%q: attribute %s=%q in %s", text, a.Key, a.Val, page)
				}
			}
		case nethtml.CommentToken, nethtml.DoctypeToken:
			t.Fatalf("%q: %s in %s", text, token, page)
		}
	}
}

func FuzzHTML(f *testing.F) {
	for _, e := range examples(f) {
		f.Add(e.markdown, uint64(len(e.markdown)))
	}
	for i, s := range hostile {
		f.Add(strings.Repeat(s, 5), uint64(i))
	}
	f.Add("<script>alert(1)</script> [a](javascript:b) ![c](data:d) <javascript:e> [f]\n\n[f]: vbscript:g", uint64(1))
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		events, source := record(text)
		if source != text {
			t.Fatalf("%q is read as %q", text, source)
		}
		page := ToHTML(text)
		checkSafe(t, text, page)
		pieces := cut(text, seed)
		if got, _ := record(pieces...); got != events {
			t.Fatalf("%q in pieces %q:\n%s\nwant\n%s", text, pieces, got, events)
		}
		h := NewHTML()
		for _, piece := range pieces {
			h.Write([]byte(piece))
			checkSafe(t, text, h.Open())
		}
		h.Close()
		if got := strings.Join(h.Final(), ""); got != page {
			t.Fatalf("%q in pieces %q:\n%s\nwant\n%s", text, pieces, got, page)
		}
	})
}

// What a terminal shows has no controls but ours, does not depend on the cuts, and with
// its marks it is the text.
func FuzzTerminal(f *testing.F) {
	for _, e := range examples(f) {
		f.Add(e.markdown, uint64(len(e.markdown)))
	}
	for i, s := range hostile {
		f.Add(strings.Repeat(s, 5), uint64(i))
	}
	for _, c := range looks {
		f.Add(c.in, uint64(3))
	}
	for _, c := range sourceLooks {
		f.Add("> "+c.in, uint64(4))
	}
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		pieces := cut(text, seed)
		for mode, o := range modes {
			want := shown(o, text)
			if got := shown(o, pieces...); got != want {
				t.Fatalf("%s: %q in pieces %q:\n%q\nwant\n%q", mode, text, pieces, got, want)
			}
		}
		checkShown(t, text[:min(len(text), 40)])
	})
}

// The same for source in every language.
func FuzzHighlight(f *testing.F) {
	languages := strings.Fields("go python js bash json c++ rust java sql yaml toml html css ruby php lua dockerfile r diff text")
	for i, c := range sources {
		f.Add(c.want, uint8(i), uint64(i))
	}
	f.Fuzz(func(t *testing.T, in string, language uint8, seed uint64) {
		in = "```" + languages[int(language)%len(languages)] + "\n" + in
		styled := shown(modes["source"], in)
		if plain := plainOf(styled); plain != term.Visible(in) {
			t.Fatalf("without styles %q, want %q", plain, term.Visible(in))
		}
		if got := shown(modes["source"], cut(in, seed)...); got != styled {
			t.Fatalf("in pieces %q\nwhole %q", got, styled)
		}
		if page := ToHTML(in); page != "" {
			checkSafe(t, in, page)
		}
	})
}
