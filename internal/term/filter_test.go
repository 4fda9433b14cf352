package term

import (
	"bytes"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

var rules = []struct{ name, in, want string }{
	{"plain", "Hello, world", "Hello, world"},
	{"tab and line feed", "a\tb\nc\n", "a\tb\nc\n"},
	{"carriage return and line feed", "a\r\nb\r\n", "a\nb\n"},
	{"lone carriage return", "safe\rEVIL", "safe^MEVIL"},
	{"two returns and a line feed", "\r\r\n", "^M\n"},
	{"return at the end", "a\r", "a^M"},
	{"other C0", "\x00\x07\x08\x0e\x0f\x1b\x1f", "^@^G^H^N^O^[^_"},
	{"delete", "a\x7fb", "a^?b"},
	{"clipboard, OSC 52", "\x1b]52;c;ZXZpbA==\x07", "^[]52;c;ZXZpbA==^G"},
	{"title, OSC 0", "\x1b]0;pwned\x1b\\", "^[]0;pwned^[\\"},
	{"link, OSC 8", "\x1b]8;;http://evil\x1b\\bank\x1b]8;;\x1b\\", "^[]8;;http://evil^[\\bank^[]8;;^[\\"},
	{"query and alternate screen", "\x1b[6n\x1b[c\x1b[?1049h\x1bc", "^[[6n^[[c^[[?1049h^[c"},
	{"unterminated string", "\x1bPq#0 text after", "^[Pq#0 text after"},
	{"C1 as runes", "\u0085\u009b31m\u009d0;x\u009c", "‹U+0085›‹U+009B›31m‹U+009D›0;x‹U+009C›"},
	{"C1 as bytes", "a\x9b31mb", "a\uFFFD31mb"},
	{"all invalid bytes", "\x80\xff\xc0\x9b", "\uFFFD\uFFFD\uFFFD\uFFFD"},
	{"unfinished rune", "a\xe2\x82b", "a\uFFFD\uFFFDb"},
	{"unfinished rune at the end", "a\xf0\x9f\x98", "a\uFFFD\uFFFD\uFFFD"},
	{"unfinished rune, then a whole one", "\xe2\x82é", "\uFFFD\uFFFDé"},
	{"surrogate", "\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD"},
	{"bidi", "\u202Eabc\u202C\u2066\u2069\u200e\u200f\u061c", "‹U+202E›abc‹U+202C›‹U+2066›‹U+2069›‹U+200E›‹U+200F›‹U+061C›"},
	{"separators", "a\u2028b\u2029", "a‹U+2028›b‹U+2029›"},
	{"neighbours of what is hidden", "\u00a0\u200d\u2027\u202f\u2065\u2070", "\u00a0\u200d\u2027\u202f\u2065\u2070"},
	{"emoji, joiners, marks", "👩‍👩‍👧 🇯🇵 e\u0301 か\u3099 👍🏽 🏴\U000e0067\U000e007f", "👩‍👩‍👧 🇯🇵 e\u0301 か\u3099 👍🏽 🏴\U000e0067\U000e007f"},
	{"tags without a flag", "a\U000e0041\U000e0042\U000e0001\U000e007fb", "ab"},
	{"a flag with its tags", "\U000e0067🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f\U000e0067!", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f!"},
	{"a flag that never ends", "🏴\U000e0067\U000e0062 🏴", "🏴 🏴"},
	{"a flag too long", "🏴" + strings.Repeat("\U000e0067", 9) + "\U000e007f", "🏴"},
	{"a flag of no tags", "🏴\U000e007f🏴\u200b\U000e0067\U000e007f", "🏴🏴"},
	{"a flag and half a character", "🏴\U000e0067\xf3\xa0", "🏴\uFFFD\uFFFD"},
	{"no width", "a\u200bb\u2060\u2061\u2062\u2063\u2064c\ufeffd\u3164e\uffa0f", "abcdef"},
	{"more of no width", "a\u115fb\u1160c\u206ad\u206fe\ufff9f\ufffah\ufffbi", "abcdefhi"},
	{"joiners, marks, soft hyphen", "\u200c\u200d\u00ad\u034f", "\u200c\u200d\u00ad\u034f"},
	{"one selector each", "❤\ufe0f 1\ufe0f\u20e3 葛\U000e0100城 👁\ufe0f\u200d🗨\ufe0f 🏴\ufe0f", "❤\ufe0f 1\ufe0f\u20e3 葛\U000e0100城 👁\ufe0f\u200d🗨\ufe0f 🏴\ufe0f"},
	{"more than one selector", "❤\ufe0f\ufe0e\U000e0170\U000e01ef!", "❤\ufe0f!"},
	{"selectors with nothing to select", "\ufe0fa \ufe0f\n\ufe0f\u200d\ufe0f\u034f\ufe0f\u200b\ufe0f\u202e\ufe0f\x1b\ufe0f", "a \n\u200d\u034f‹U+202E›^["},
	{"Mongolian selectors", "\u1820\u180b\u180c \u1828\u180e\u1820 a\u180b\u180c\u180d\u180e\u180f", "\u1820\u180b \u1828\u180e\u1820 a"},
	{"the replacement character itself", "\uFFFD", "\uFFFD"},
	{"long clean run around a control", strings.Repeat("x", 33) + "\x1b" + strings.Repeat("y", 31), strings.Repeat("x", 33) + "^[" + strings.Repeat("y", 31)},
}

func TestFilterRules(t *testing.T) {
	for _, c := range rules {
		t.Run(c.name, func(t *testing.T) {
			if got := Visible(c.in); got != c.want {
				t.Errorf("Visible(%q)\n got %q\nwant %q", c.in, got, c.want)
			}
			checkCuts(t, []byte(c.in), []byte(c.want))
		})
	}
}

// Every position in a word of eight bytes has its own carry to go wrong.
func TestFilterEveryByteEverywhere(t *testing.T) {
	for at := range 17 {
		for b := range 256 {
			in := bytes.Repeat([]byte("~"), 17)
			in[at] = byte(b)
			want := strings.Repeat("~", at) + Visible(string([]byte{byte(b)})) + strings.Repeat("~", 16-at)
			if got := Visible(string(in)); got != want {
				t.Fatalf("byte %#x at %d: got %q, want %q", b, at, got, want)
			}
		}
	}
}

func TestFilterCanBeUsedAgain(t *testing.T) {
	var f Filter
	if got := string(f.Flush(f.Append(nil, []byte("a\xe2\x82")))); got != "a\uFFFD\uFFFD" {
		t.Fatalf("first text: %q", got)
	}
	if got := string(f.Flush(f.Append(nil, []byte("\xacb")))); got != "\uFFFDb" {
		t.Fatalf("second text: %q", got)
	}
}

func TestFilterHoldsBackLittle(t *testing.T) {
	var f Filter
	for _, c := range []struct{ in, out string }{
		{"Hel", "Hel"}, {"é\xe3\x81", "é"}, {"\x82!", "あ!"}, {"\r", ""}, {"\n", "\n"}, {"\x1b", "^["},
	} {
		if got := string(f.Append(nil, []byte(c.in))); got != c.out {
			t.Errorf("after %q: got %q at once, want %q", c.in, got, c.out)
		}
	}
}

func TestLine(t *testing.T) {
	for in, want := range map[string]string{
		"":                              "",
		"  a \t b\r\n\n c ":             "a b c",
		"\x1b]0;x\x07\nsecond":          "^[]0;x^G second",
		"全角\u3000空白\u00a0and\u202edone": "全角 空白 and‹U+202E›done",
		"\n\n":                          "",
	} {
		if got := Line(in); got != want {
			t.Errorf("Line(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzFilter(f *testing.F) {
	for _, c := range rules {
		f.Add([]byte(c.in), uint64(1))
	}
	f.Fuzz(func(t *testing.T, in []byte, seed uint64) {
		out := []byte(Visible(string(in)))
		checkDead(t, out)
		if again := Visible(string(out)); again != string(out) {
			t.Fatalf("visible text changed: %q became %q", out, again)
		}
		if len(in) <= 64 {
			checkCuts(t, in, out)
		}
		var got []byte
		var filter Filter
		rng := rand.New(rand.NewPCG(seed, 0))
		for rest := in; len(rest) > 0; {
			n := min(rng.IntN(9), len(rest))
			got = filter.Append(got, rest[:n])
			rest = rest[n:]
		}
		if got = filter.Flush(got); !bytes.Equal(got, out) {
			t.Fatalf("in random pieces %q, whole %q", got, out)
		}
	})
}

// checkCuts wants the same output at every way to cut in into two.
func checkCuts(t *testing.T, in, want []byte) {
	t.Helper()
	for i := range len(in) + 1 {
		var f Filter
		got := f.Flush(f.Append(f.Append(nil, in[:i]), in[i:]))
		if !bytes.Equal(got, want) {
			t.Fatalf("%q cut at %d: got %q, want %q", in, i, got, want)
		}
	}
}

// checkDead restates the promise in another way than the filter computes it.
func checkDead(t *testing.T, out []byte) {
	t.Helper()
	if !utf8.Valid(out) {
		t.Fatalf("not UTF-8: %q", out)
	}
	const bidi = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
	for _, r := range string(out) {
		if r < 0x20 && r != '\t' && r != '\n' || r == 0x7f || 0x80 <= r && r <= 0x9f ||
			strings.ContainsRune(bidi+"\u2028\u2029", r) {
			t.Fatalf("live control %U in %q", r, out)
		}
		if strings.ContainsRune("\u200b\u2060\u2061\u2062\u2063\u2064\u206a\u206f\u115f\u1160\ufeff\u3164\uffa0\ufff9\ufffa\ufffb", r) {
			t.Fatalf("hidden %U in %q", r, out)
		}
	}
	if selectors.Match(out) {
		t.Fatalf("more than one selector in %q", out)
	}
	if flagless := flags.ReplaceAll(out, nil); bytes.ContainsFunc(flagless, func(r rune) bool { return 0xe0000 <= r && r <= 0xe00ff }) {
		t.Fatalf("tags in %q", out)
	}
}

var flags = regexp.MustCompile("🏴[\U000e0020-\U000e007e]{1,7}\U000e007f")

var selectors = regexp.MustCompile("(?:^|[\\s\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef])[\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")

func TestFilterCounts(t *testing.T) {
	for in, want := range map[string]Hidden{
		"plain\r\x1b\u009b\u2028": {},
		"\u202e\u2066\u200f":      {Turning: 3},
		"\u200b🏴\U000e0067\ufeff": {Removed: 3},
		"🏴\U000e0067\U000e007f":   {},
		"❤\ufe0f\ufe0f\u115f":     {Removed: 2},
	} {
		for i := range len(in) + 1 {
			var f Filter
			f.Flush(f.Append(f.Append(nil, []byte(in[:i])), []byte(in[i:])))
			if got := f.Hidden(); got != want {
				t.Errorf("%q cut at %d: %+v, want %+v", in, i, got, want)
			}
		}
	}
}

var texts = map[string]string{
	"prose":    strings.Repeat("The quick brown fox jumps over the lazy dog.\n", 100),
	"japanese": strings.Repeat("吾輩は猫である。名前はまだ無い。\n", 100),
	"token":    " token",
}

func BenchmarkFilter(b *testing.B) {
	for name, text := range texts {
		src, dst := []byte(text), make([]byte, 0, 2*len(text))
		b.Run(name, func(b *testing.B) {
			var f Filter
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				dst = f.Append(dst[:0], src)
			}
		})
		b.Run(name+"/copy", func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			for b.Loop() {
				dst = append(dst[:0], src...)
			}
		})
	}
}

func TestFilterDoesNotAllocate(t *testing.T) {
	src, dst := []byte("text \x1b[31m あ\r"), make([]byte, 0, 256)
	var f Filter
	if n := testing.AllocsPerRun(100, func() { dst = f.Append(dst[:0], src) }); n != 0 {
		t.Errorf("%v allocations for each piece", n)
	}
}
