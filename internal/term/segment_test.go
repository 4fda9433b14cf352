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
