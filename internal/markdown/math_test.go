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

// A formula in one line means what it means in two dimensions.
func TestReadMath(t *testing.T) {
	for tex, want := range map[string]string{
		`e^{i\pi} + 1`:                              "e^(iπ) + 1",
		`2^{10} A^{AB} x_{AB}`:                      "2¹⁰ Aᴬᴮ x_AB",
		`\frac{-b \pm \sqrt{D}}{2a}`:                "(-b ± √D)/(2a)",
		`\frac{1}{2\pi} \frac{x}{y^2}`:              "1/(2π) x/y²",
		`\frac{\text{distance}}{\text{time}}`:       "distance/time",
		`\frac{1}{12} \frac{a}{x_1} \frac{2a}{3.5}`: "1/12 a/x₁ 2a/3.5",
		`\sqrt{4ac} \sqrt{16} \sqrt{x}`:             "√(4ac) √16 √x",
		`\vec{v} \hat n \bar{x} \dot{x}`:            "v\u20d7 n\u0302 x\u0304 x\u0307",
		`\overline{AB}`:                             `\overline{AB}`,
		`\binom{n}{k}`:                              `\binom{n}{k}`,
	} {
		if got, _ := readMath(tex); got != want {
			t.Errorf("%q is %q, want %q", tex, got, want)
		}
	}
}
