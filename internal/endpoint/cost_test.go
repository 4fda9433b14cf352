package endpoint

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"oax/internal/config"
)

func TestCost(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.toml")
	text := "[profiles.work.prices.m]\ninput = 2\ncached_input = 0.5\noutput = 10\n[profiles.work.prices.free]\ninput = 0\noutput = 0\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	file, _, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		model, usage string
		want         float64
		known        bool
	}{
		{"m", `{"prompt_tokens":1000000,"completion_tokens":100000}`, 3, true},
		{"m", `{"prompt_tokens":1000000,"completion_tokens":0,"prompt_tokens_details":{"cached_tokens":600000}}`, 0.8 + 0.3, true},
		{"m", `{"prompt_tokens":10,"completion_tokens":0,"prompt_tokens_details":{"cached_tokens":99}}`, 5e-6, true},
		{"m-2026-01-01", `{"prompt_tokens":1000000,"completion_tokens":0}`, 2, true}, // requested as m
		{"free", `{"prompt_tokens":5,"completion_tokens":5}`, 0, true},
		{"m", ``, 0, false},
		{"m", `{}`, 0, false},
		{"m", `"tokens"`, 0, false},
		{"other", `{"prompt_tokens":1000000,"completion_tokens":0}`, 0, false},
		{"other", `{"prompt_tokens":7,"completion_tokens":1,"cost":0.0025}`, 0.0025, true},
		{"other", `{"prompt_tokens":7,"completion_tokens":1,"cost":{"total_cost":0.5}}`, 0, false},
		{"other", `{"prompt_tokens":7,"completion_tokens":1,"cost":-1}`, 0, false},
	} {
		requested := test.model
		if requested == "m-2026-01-01" {
			requested = "m"
		}
		got, known := Cost(file, "work", json.RawMessage(test.usage), requested, test.model)
		if math.Abs(got-test.want) > 1e-12 && known || known != test.known {
			t.Errorf("%s %s: %v, %v", test.model, test.usage, got, known)
		}
	}
}

func TestMoney(t *testing.T) {
	for amount, want := range map[float64]string{0: "$0", 0.0000123: "$0.000012", 0.01234: "$0.0123", 1.5: "$1.5000", 1234.5: "$1234.50"} {
		if got := Money(amount); got != want {
			t.Errorf("%v: %s, want %s", amount, got, want)
		}
	}
}
