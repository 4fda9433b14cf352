package term

import (
	"slices"
	"strings"
	"testing"

	"github.com/rivo/uniseg"
)

func clustersOf(s string) (all []string) {
	for at, cluster := range Clusters(s) {
		if s[at:at+len(cluster)] != cluster {
			panic("the offset is wrong")
		}
		all = append(all, cluster)
	}
	return all
}

func TestClusters(t *testing.T) {
	for s, want := range map[string]string{
		"":                    "",
		"abc":                 "a|b|c",
		"e\u0301x":            "e\u0301|x",
		"今日a":                 "今|日|a",
		"한국":                  "한|국",
		"\u1112\u1161\u11abx": "\u1112\u1161\u11ab|x",
		"👨‍👩‍👧👍🏽🇯🇵🇰🇷": "👨‍👩‍👧|👍🏽|🇯🇵|🇰🇷",
		"1️⃣a":     "1️⃣|a",
		"a\u200db": "a\u200d|b",
		"\u0301a":  "\u0301|a",
		"a\x1bb":   "a|\x1b|b",
	} {
		if got := strings.Join(clustersOf(s), "|"); got != want {
			t.Errorf("clusters of %q: %q, want %q", s, got, want)
		}
	}
	if got := clustersOf("a\xff\xfeb"); len(got) != 4 {
		t.Errorf("clusters of bytes: %q", got)
	}
}

// FuzzClusters: taking one cluster at a time gives what taking all gives.
func FuzzClusters(f *testing.F) {
	f.Add("ab e\u0301 今日 👨‍👩‍👧 \r\n\x1b[0m 🇯🇵🇰🇷1️⃣")
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ReplaceAll(s, "\r\n", "") // not in a line
		var want []string
		for state := -1; s != ""; {
			var cluster string
			cluster, s, _, state = uniseg.FirstGraphemeClusterInString(s, state)
			want = append(want, cluster)
		}
		s = strings.Join(want, "")
		if got := clustersOf(s); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	})
}

func TestWords(t *testing.T) {
	for s, want := range map[string]string{
		"":                  "",
		"  two words, here": "two|words|here",
		"don't x_y 3.14":    "don't|x_y|3.14",
		"今日は天気です":           "今日|は|天気|です",
		"東京 の 週末カレンダー":      "東京|の|週末|カレンダー",
		"らーめん屋":             "らーめん|屋",
		"한국어입니다 네":          "한국어입니다|네",
		"abc👍 d":            "abc|👍|d",
		"สวัสดีครับ x":      "สวัสดีครับ|x",
		"cafe\u0301!":       "cafe\u0301",
	} {
		var got []string
		for from, to := range Words(s) {
			got = append(got, s[from:to])
		}
		if joined := strings.Join(got, "|"); joined != want {
			t.Errorf("words of %q: %q, want %q", s, joined, want)
		}
	}
}

// What is known of Chinese, Japanese and Korean characters without asking uniseg is what
// it says.
func TestKnownSegments(t *testing.T) {
	ranges := [][2]rune{{1, 0x7f}, {0x3000, 0x3110}, {0x4e00, 0x4e02}, {0x9ffe, 0xa000}, {0xabff, 0xac1d}, {0xd7a2, 0xd7b1}, {0xff00, 0xff62}}
	var all []rune
	for _, r := range ranges {
		for c := r[0]; c <= r[1]; c++ {
			all = append(all, c)
		}
	}
	known, breaks := 0, 0
	for _, first := range all {
		for _, next := range all {
			both := string(first) + string(next)
			if n := oneRune(both); n > 0 {
				known++
				if cluster, _, _, _ := uniseg.FirstGraphemeClusterInString(both, -1); len(cluster) != n {
					t.Errorf("%q: a cluster of %d bytes, want %d", both, n, len(cluster))
				}
			}
			from, to := japaneseOf(first), japaneseOf(next)
			if from == noJapanese || to == noJapanese {
				continue
			}
			breaks++
			segment, _, _, _ := uniseg.FirstLineSegmentInString(both, -1)
			if got, want := MayBreak(string(first), next), len(segment) == len(string(first)); got != want {
				t.Errorf("%q: a line may break: %v, want %v", both, got, want)
			}
		}
	}
	if known < 100_000 || breaks < 30_000 {
		t.Errorf("only %d and %d are known", known, breaks)
	}
}
