package export

import (
	"html"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

func TestWriteHTML(t *testing.T) {
	for _, c := range []struct{ what, text, want string }{
		{"nothing", "", ""},
		{"paragraphs", "a\nb\n\n\nc", "<p dir=\"auto\">a\nb</p>\n<p dir=\"auto\">c</p>\n"},
		{"heading", "# A `b`\ntext", "<h3 dir=\"auto\">A <code>b</code></h3>\n<p dir=\"auto\">text</p>\n"},
		{"no heading", "#hash\n####### seven", "<p dir=\"auto\">#hash\n####### seven</p>\n"},
		{"table", "| a | **b** |\n|---|---|\nx", "<pre dir=\"auto\">| a | <strong>b</strong> |\n|---|---|</pre>\n<p dir=\"auto\">x</p>\n"},
		{"code", "a\n```go x\nif a < b && c {\n```\nb", "<p dir=\"auto\">a</p>\n<pre data-language=\"go\"><code>if a &lt; b &amp;&amp; c {\n</code></pre>\n<p dir=\"auto\">b</p>\n"},
		{"code in a list", "- a\n  ```\n  x\n  ```\n", "<p dir=\"auto\">- a</p>\n<pre><code>x\n</code></pre>\n"},
		{"hostile language", "```\"><script>\nx", "<pre data-language=\"&#34;&gt;&lt;script&gt;\"><code>x</code></pre>\n"},
		{"markup", "<script>alert(1)</script> &amp;", "<p dir=\"auto\">&lt;script&gt;alert(1)&lt;/script&gt; &amp;amp;</p>\n"},
		{"link", "see https://a.b/?q=1&r=2.", "<p dir=\"auto\">see <a rel=\"noreferrer noopener nofollow\" href=\"https://a.b/?q=1&amp;r=2\">https://a.b/?q=1&amp;r=2</a>.</p>\n"},
		{"no link", "javascript:alert(1) [x](javascript:y) ftp://h", "<p dir=\"auto\">javascript:alert(1) [x](javascript:y) ftp://h</p>\n"},
		{"link that would break out", "http://a\"onclick=b", "<p dir=\"auto\"><a rel=\"noreferrer noopener nofollow\" href=\"http://a\">http://a</a>&#34;onclick=b</p>\n"},
		{"code spans", "``a`b`` `c <i>` `d", "<p dir=\"auto\"><code>a`b</code> <code>c &lt;i&gt;</code> `d</p>\n"},
		{"strong", "**a b** ** c ** 2**3 **d", "<p dir=\"auto\"><strong>a b</strong> ** c ** 2**3 **d</p>\n"},
	} {
		var b strings.Builder
		writeHTML(&b, c.text)
		if b.String() != c.want {
			t.Errorf("%s: %q\ngives %q\nwant  %q", c.what, c.text, b.String(), c.want)
		}
	}
}

// No part of a text becomes a tag, and no part of it is lost.
func FuzzWriteHTML(f *testing.F) {
	for _, text := range []string{"# a\n**b** `c` <d>", "| a |\nhttp://x/\"<y>", "```\"'>\n</code>\n```", "- ~~~\n  <p>"} {
		f.Add(text)
	}
	ours := regexp.MustCompile(`</?(?:p|h3|pre|code|strong)>|<(?:p|h3|pre) dir="auto">|<pre data-language="[^"<>]*">|<a rel="noreferrer noopener nofollow" href="https?:[^"<>]*">|</a>`)
	visible := func(text string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) || strings.ContainsRune("`*~#>", r) {
				return -1
			}
			return r
		}, text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "\ufffd") // as it is after the control filter
		if strings.ContainsRune(text, '\r') || strings.Contains(text, "```") || strings.Contains(text, "~~~") {
			text = "" // the info of a fence becomes an attribute
		}
		var b strings.Builder
		writeHTML(&b, text)
		rest := ours.ReplaceAllString(b.String(), "")
		if strings.ContainsAny(rest, `<>"`) {
			t.Fatalf("%q: %q", text, b.String())
		}
		kept, want := visible(html.UnescapeString(rest)), visible(text)
		if kept != want {
			t.Fatalf("%q: %q is left of %q", text, kept, want)
		}
	})
}
