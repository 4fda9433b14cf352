package cli

import (
	"encoding/json"
	"maps"
	"os"
	"strings"
	"testing"

	"oax/internal/config"
)

// Each flag gives its field of the body, as JSON, and wins over -o.
func TestParams(t *testing.T) {
	for line, want := range map[string]string{
		"":                             `{}`,
		"--temperature=0":              `{"temperature":0}`,
		"--top-p=0.9":                  `{"top_p":0.9}`,
		"--max-tokens=5":               `{"max_tokens":5}`,
		"--seed=0":                     `{"seed":0}`,
		"--seed=-9007199254740993":     `{"seed":-9007199254740993}`,
		"--stop=END":                   `{"stop":["END"]}`,
		"--stop=a,b --stop=\n --stop=": `{"stop":["a,b","\n",""]}`,
		"--effort=low":                 `{"reasoning_effort":"low"}`,
		`-o top_k=5 -o x={"a":[1,2]}`:  `{"top_k":5,"x":{"a":[1,2]}}`,
		"-o y=9007199254740993":        `{"y":9007199254740993}`,
		"-o top_p=1 --top-p=0.5":       `{"top_p":0.5}`,
		"--stop=a -o stop=null":        `{"stop":["a"]}`,
		`-o temperature=null`:          `{"temperature":null}`,
	} {
		env := &Env{LookupEnv: os.LookupEnv}
		if _, err := parse(env, append(strings.Split(line, " "), "hi")); err != nil {
			t.Errorf("%q: %v", line, err)
			continue
		}
		params, err := env.params()
		if err != nil {
			t.Errorf("%q: %v", line, err)
			continue
		}
		if got := asBody(t, params); got != want {
			t.Errorf("%q: %s, want %s", line, got, want)
		}
	}
}

func asBody(t *testing.T, params map[string]config.Param) string {
	t.Helper()
	body := map[string]any{}
	for name := range maps.Keys(params) {
		body[name] = params[name].Value
	}
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Params that make no sense are told with what to type.
func TestParamsRefused(t *testing.T) {
	for line, want := range map[string]string{
		"-o a=b":         `-o a: b is not JSON`,
		"-o a={":         `-o a: { is not JSON`,
		"-o a":           "-o",
		"--seed=1.5":     "--seed",
		"--top-p=much":   "--top-p",
		"--max-tokens=x": "--max-tokens",
	} {
		env := &Env{LookupEnv: os.LookupEnv}
		_, err := parse(env, append(strings.Split(line, " "), "--", "hi"))
		if err == nil {
			_, err = env.params()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", line, err, want)
		}
	}
}
