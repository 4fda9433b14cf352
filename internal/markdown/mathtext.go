package markdown

import (
	"cmp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// readMath returns a formula in TeX as a line of Unicode. It reports false, and returns
// the formula as it is, if it has something that a line cannot show.
func readMath(tex string) (string, bool) {
	m := mathReader{rest: tex}
	text, ok := m.read("")
	if !ok || m.rest != "" {
		return tex, false
	}
	return strings.TrimSpace(text), true
}

// mathReader reads TeX.
type mathReader struct {
	rest  string
	depth int
}

// symbols are what commands stand for.
var symbols = sync.OnceValue(func() map[string]string {
	const table = "alpha α beta β gamma γ delta δ epsilon ε varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ mu μ nu ν xi ξ pi π rho ρ sigma σ varsigma ς tau τ upsilon υ phi φ varphi φ chi χ psi ψ omega ω " +
		"Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω " +
		"times × cdot · div ÷ pm ± mp ∓ ast ∗ star ⋆ circ ∘ bullet • oplus ⊕ otimes ⊗ le ≤ leq ≤ leqslant ≤ ge ≥ geq ≥ geqslant ≥ ne ≠ neq ≠ ll ≪ gg ≫ approx ≈ equiv ≡ sim ∼ simeq ≃ cong ≅ propto ∝ " +
		"in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ supset ⊃ supseteq ⊇ cup ∪ cap ∩ setminus ∖ emptyset ∅ varnothing ∅ forall ∀ exists ∃ nexists ∄ neg ¬ lnot ¬ land ∧ wedge ∧ lor ∨ vee ∨ " +
		"to → rightarrow → leftarrow ← leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ implies ⇒ iff ⇔ mapsto ↦ longrightarrow ⟶ uparrow ↑ downarrow ↓ " +
		"infty ∞ partial ∂ nabla ∇ sum ∑ prod ∏ int ∫ iint ∬ oint ∮ angle ∠ perp ⊥ parallel ∥ mid ∣ vert | Vert ‖ hbar ℏ ell ℓ Re ℜ Im ℑ aleph ℵ prime ′ degree ° dagger † " +
		"ldots … dots … cdots ⋯ vdots ⋮ ddots ⋱ langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ lbrace { rbrace } therefore ∴ because ∵ square □ triangle △ checkmark ✓ models ⊨ vdash ⊢ top ⊤ bot ⊥"
	words := strings.Fields(table)
	m := map[string]string{}
	for i := 0; i < len(words); i += 2 {
		m[words[i]] = words[i+1]
	}
	for name := range strings.FieldsSeq("sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln lg exp lim limsup liminf max min sup inf det dim ker gcd arg deg Pr mod bmod") {
		m[name] = name
	}
	for name := range strings.FieldsSeq("left right big Big bigg Bigg bigl bigr Bigl Bigr displaystyle textstyle limits nolimits !") {
		m[name] = ""
	}
	for name := range strings.FieldsSeq(", ; : quad qquad > space") {
		m[name] = " "
	}
	for name := range strings.FieldsSeq("{ } $ % & # _ |") {
		m[name] = name
	}
	m[" "] = " "
	return m
})

// scripts are the characters that super- and subscripts are made of.
var scripts = sync.OnceValue(func() map[string]map[rune]rune {
	const (
		normal  = "0123456789+-=()aehijklmnoprstuvxβγρφχ"
		lowered = "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ"
		powers  = "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW′βγδθφ"
		raised  = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ′ᵝᵞᵟᶿᵠ"
	)
	pairs := func(from, to string) map[rune]rune {
		m, small := map[rune]rune{}, []rune(to)
		for i, r := range []rune(from) {
			m[r] = small[i]
		}
		return m
	}
	return map[string]map[rune]rune{"_": pairs(normal, lowered), "^": pairs(powers, raised)}
})

// fractions are those that have a character of their own.
var fractions = map[string]string{
	"1/2": "½", "1/3": "⅓", "2/3": "⅔", "1/4": "¼", "3/4": "¾", "1/5": "⅕", "2/5": "⅖", "3/5": "⅗", "4/5": "⅘", "1/6": "⅙", "5/6": "⅚", "1/8": "⅛", "3/8": "⅜", "5/8": "⅝", "7/8": "⅞",
}

// read reads until end, which it takes.
func (m *mathReader) read(end string) (string, bool) {
	var b strings.Builder
	for m.rest != "" {
		if end != "" && strings.HasPrefix(m.rest, end) {
			m.rest = m.rest[len(end):]
			return b.String(), true
		}
		text, ok := m.one()
		if !ok {
			return "", false
		}
		b.WriteString(text)
	}
	return b.String(), end == ""
}

// one reads one thing: a character, a command with what it needs, or a group.
func (m *mathReader) one() (string, bool) {
	_, size := utf8.DecodeRuneInString(m.rest)
	c := m.rest[:size]
	m.rest = m.rest[size:]
	switch c {
	case "\\":
		return m.command()
	case "{":
		if m.depth++; m.depth > 20 {
			return "", false
		}
		text, ok := m.read("}")
		m.depth--
		return text, ok
	case "^", "_":
		return m.script(c)
	case "}", "&", "#":
		return "", false
	case "'":
		return "′", true
	case "~", "\n":
		return " ", true
	}
	return c, true
}

// argument reads what a command is applied to.
func (m *mathReader) argument() (string, bool) {
	m.rest = strings.TrimLeft(m.rest, " ")
	if m.rest == "" {
		return "", false
	}
	return m.one()
}

func (m *mathReader) command() (string, bool) {
	n := 0
	for n < len(m.rest) && isLetter(m.rest[n]) {
		n++
	}
	if n == 0 && m.rest != "" {
		n = 1
	}
	name := m.rest[:n]
	m.rest = m.rest[n:]
	switch name {
	case "frac", "dfrac", "tfrac":
		return m.fraction()
	case "sqrt":
		return m.root()
	case "text", "mathrm", "textrm", "mathbf", "textbf", "mathit", "textit", "operatorname", "boldsymbol", "mathsf", "mathtt", "boxed":
		m.rest = strings.TrimLeft(m.rest, " ")
		return m.argument()
	case "mathbb":
		text, ok := m.argument()
		if letter, known := map[string]string{"R": "ℝ", "N": "ℕ", "Z": "ℤ", "Q": "ℚ", "C": "ℂ", "P": "ℙ", "E": "𝔼"}[text]; known {
			return letter, ok
		}
		return text, ok
	}
	if mark := accents[name]; mark != "" {
		text, ok := m.argument()
		return text + mark, ok && utf8.RuneCountInString(text) == 1
	}
	text, ok := symbols()[name]
	return text, ok
}

// accents are the combining characters of what stands above a letter.
var accents = map[string]string{"vec": "\u20d7", "hat": "\u0302", "bar": "\u0304", "overline": "\u0305", "dot": "\u0307", "ddot": "\u0308", "tilde": "\u0303"}

func (m *mathReader) fraction() (string, bool) {
	above, ok := m.argument()
	if !ok {
		return "", false
	}
	below, ok := m.argument()
	if short, known := fractions[above+"/"+below]; known {
		return short, ok
	}
	return inBrackets(above) + "/" + oneFactor(below), ok
}

func (m *mathReader) root() (string, bool) {
	sign := "√"
	if strings.HasPrefix(m.rest, "[") {
		m.rest = m.rest[1:]
		index, ok := m.read("]")
		known := map[string]string{"2": "√", "3": "∛", "4": "∜"}[index]
		if !ok || known == "" {
			return "", false
		}
		sign = known
	}
	text, ok := m.argument()
	return sign + oneFactor(text), ok
}

// inBrackets returns text in brackets unless it is one number or name.
func inBrackets(text string) string {
	for _, r := range text {
		if !isAlnum(r) && r != '.' && (r < utf8.RuneSelf || strings.ContainsRune("×·÷±−", r)) {
			return "(" + text + ")"
		}
	}
	return text
}

// oneFactor returns text in brackets unless it is one number, letter or word: 2a behind a
// line of division is all below it. Four letters are a word.
func oneFactor(text string) string {
	numbers, letters, inNumber := 0, 0, false
	for _, r := range text {
		digit := '0' <= r && r <= '9' || r == '.'
		if digit && !inNumber {
			numbers++
		}
		inNumber = digit
		if unicode.IsLetter(r) && !unicode.Is(unicode.Lm, r) { // Lm: raised or lowered
			letters++
		}
	}
	if isWord := letters > 3 && letters == utf8.RuneCountInString(text); numbers+letters <= 1 || isWord {
		return inBrackets(text)
	}
	return "(" + text + ")"
}

// script reads a super- or subscript.
func (m *mathReader) script(c string) (string, bool) {
	text, ok := m.argument()
	if !ok || text == "" {
		return "", false
	}
	small := strings.Map(func(r rune) rune { return cmp.Or(scripts()[c][r], utf8.RuneError) }, text)
	switch {
	case c == "^" && (text == "∘" || text == "°"):
		return "°", true
	case !strings.ContainsRune(small, utf8.RuneError):
		return small, true
	}
	if c == "^" {
		text = oneFactor(text)
	} else {
		text = inBrackets(text)
	}
	if text = c + text; m.rest != "" && isLetter(m.rest[0]) {
		text += " "
	}
	return text, true
}
