package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestShow checks that the list has every source, runs nothing and shows no secret.
func TestShow(t *testing.T) {
	f := load(t, `profile = "work"
[display]
time = "%R"
notify = "90s"
[profiles.work]
base_url = "https://work.example"
key_command = "exit 9; echo CANARY"
proxy = "http://me:CANARY@p.example:8080"
headers = { X-Team = "blue", X-Token = "CANARY" }
[profiles.work.params]
temperature = 0.5
[profiles.key]
base_url = "https://key.example"
key = "CANARY-0123456789-0123456789"
`)
	values := map[string]string{"OAX_MODEL": "m-env"}
	run := Settings{Params: map[string]Param{"seed": {7, "-o seed"}}, Env: env(values)}
	list, err := f.Show(run)
	text := settings(f, list)
	for _, want := range []string{
		"profile=work file 1", "base_url=https://work.example file 6", "model=m-env environment 0", "key=from key_command file 7",
		"proxy=http://p.example:8080 file 8", "headers.X-Team=blue file 9", "headers.X-Token=[key] file 9",
		"params.temperature=0.5 file 11", "params.seed=7 flag 0", "display.time=%R file 3", "display.notify=1m30s file 4",
	} {
		if !slices.Contains(text, want) {
			t.Errorf("%q is not in %q", want, text)
		}
	}
	if err != nil || strings.Contains(strings.Join(text, " "), "CANARY") {
		t.Errorf("%q, %v", text, err)
	}
	run.Profile = "key"
	list, err = f.Show(run)
	if text := settings(f, list); err != nil || !slices.Contains(text, "key=[key] file 14") {
		t.Errorf("%q, %v", text, err)
	}
	run.Profile = "wrok"
	if list, err := f.Show(run); err == nil || list[0].Value != "wrok" {
		t.Errorf("%v, %v", list, err)
	}
}

func settings(f *File, list []Setting) []string {
	var text []string
	for _, s := range list {
		text = append(text, fmt.Sprintf("%s=%v %s %d", s.Name, s.Value, s.Source.From, f.Position(s.Source.Name).Line))
	}
	return text
}

func TestKeyVariables(t *testing.T) {
	list := load(t, "[profiles.a]\nkey_env = 'MINE'").KeyVariables()
	for _, name := range []string{"MINE", "OPENAI_API_KEY", "GITHUB_TOKEN", "AZURE_OPENAI_API_KEY"} {
		if !slices.Contains(list, name) {
			t.Errorf("%s is not in %v", name, list)
		}
	}
}

func TestDistance(t *testing.T) {
	for pair, want := range map[[2]string]int{
		{"", ""}: 0, {"", "abc"}: 3, {"abc", ""}: 3, {"model", "model"}: 0, {"modle", "model"}: 1, {"wrok", "work"}: 1,
		{"wrok", "groq"}: 2, {"ab", "ba"}: 1, {"ca", "abc"}: 3, {"kitten", "sitting"}: 3,
	} {
		if got := Distance(pair[0], pair[1]); got != want {
			t.Errorf("%q: %d, want %d", pair, got, want)
		}
	}
}
