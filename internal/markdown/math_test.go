package markdown

import "testing"

// TestMathHTML: in HTML a formula is what a terminal shows of it, with the TeX as its title,
// or the TeX where a line of Unicode cannot show it.
func TestMathHTML(t *testing.T) {
	for text, want := range map[string]string{
		"$x^2$":                      "<p dir=\"auto\"><span class=\"math\" title=\"x^2\">x²</span></p>\n",
		"a \\(\\alpha < \\beta\\) b": "<p dir=\"auto\">a <span class=\"math\" title=\"\\alpha &lt; \\beta\">α &lt; β</span> b</p>\n",
		"$$\na_1\nb_2\n$$":           "<p class=\"math display\" title=\"a_1\nb_2\">a₁\nb₂</p>\n",
		"$$\n\\begin{pmatrix} a & b \\end{pmatrix}\n$$": "<p class=\"math display\">\\begin{pmatrix} a &amp; b \\end{pmatrix}</p>\n",
		`$"><b>^2$`: "<p dir=\"auto\"><span class=\"math\" title=\"&#34;&gt;&lt;b&gt;^2\">&#34;&gt;&lt;b&gt;²</span></p>\n",
	} {
		if got := ToHTML(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}
