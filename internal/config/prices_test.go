package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func priced(t *testing.T, text string) (*File, []Warning, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(path)
}

func TestPrice(t *testing.T) {
	file, warnings, err := priced(t, `
[profiles.work.prices."gpt-5.1"]
input = 1.25
cached_input = 0.125
output = 10
[profiles.work.prices.plain]
input = 1
output = 2.5
[profiles.work.prices.half]
input = 1
[profiles.work.prices.free]
input = 0
output = 0
`)
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	for _, test := range []struct {
		profile, model string
		want           Price
		known          bool
	}{
		{"work", "gpt-5.1", Price{1.25, 0.125, 10}, true},
		{"work", "plain", Price{1, 1, 2.5}, true},
		{"work", "free", Price{}, true},
		{"work", "half", Price{}, false},
		{"work", "other", Price{}, false},
		{"openai", "plain", Price{}, false},
	} {
		if got, known := file.Price(test.profile, test.model); got != test.want || known != test.known {
			t.Errorf("%s %s: %v, %v", test.profile, test.model, got, known)
		}
	}
}

func TestPriceMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"[profiles.work.prices.m]\ninput = -1\n":    ":2:1: profiles.work.prices.m.input: must be a number that is not negative",
		"[profiles.work.prices.m]\noutput = nan\n":  ":2:1: profiles.work.prices.m.output: must be a number that is not negative",
		"[profiles.work.prices.m]\ninput = \"1\"\n": ":2:9: profiles.work.prices.m.input: must be a number",
		"[profiles.work.prices]\nm = 1\n":           ":2:5: profiles.work.prices.m: must be a table",
	} {
		if _, _, err := priced(t, text); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	_, warnings, err := priced(t, "[profiles.work.prices.m]\ninptu = 1\n")
	if err != nil || len(warnings) != 1 || warnings[0].Hint != "did you mean input?" {
		t.Errorf("%v, %v", err, warnings)
	}
}
