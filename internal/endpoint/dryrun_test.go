package endpoint

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"oax/internal/chat"
	"oax/internal/openai"
)

func request(texts ...string) openai.Request {
	return openai.Request{Model: "m", Messages: []chat.Message{{Role: chat.User, Text: strings.Join(texts, "")}}}
}

const labWithSecrets = `profile = "lab"
[profiles.lab]
base_url = "URL"
key = "secret-secret-secret"
headers = { X-Token = "secret", X-Team = "physics" }
proxy = "socks5://me:secret@127.0.0.1:1080"
`

// What is printed to a terminal has no character that it would obey or not show, and is
// the same JSON.
func TestDryRun(t *testing.T) {
	const hidden = "it's \u009b31m \x7f \u202e \u200b \U000e0041 \x1b[2J 日本\n"
	l := newLab(t, labWithSecrets)
	l.options.DryRun = true
	e := l.resolve()
	const head = "POST URL/chat/completions\nAccept: text/event-stream\nAuthorization: Bearer [key]\n" +
		"Content-Type: application/json\nUser-Agent: oax/test\nX-Team: physics\nX-Token: [key]\n\n"
	const body = `{"messages":[{"role":"user","content":"it's `
	for tty, text := range map[bool]string{
		false: "\u009b31m \x7f \u202e \u200b \U000e0041 \\u001b[2J 日本\\n",
		true:  `\u009b31m \u007f \u202e \u200b \udb40\udc41 \u001b[2J 日本\n`,
	} {
		got, err := e.DryRun(request(hidden), tty)
		if err != nil {
			t.Fatal(err)
		}
		want := strings.ReplaceAll(head, "URL", l.url) + body + text
		if !strings.HasPrefix(strings.Replace(got, `"model":"m",`, "", 1), want) {
			t.Errorf("terminal %t:\n%s\nwant\n%s", tty, got, want)
		}
	}
}

func TestCurl(t *testing.T) {
	l := newLab(t, labWithSecrets+"key_env = \"LAB_KEY\"\nca_file = \"it's.pem\"\n")
	l.options.DryRun = true
	e := &Endpoint{}
	e.Endpoint, _ = l.options.File.Endpoint(t.Context(), l.options.Settings)
	e.options = l.options
	e.CAFile = "" // there is no such file
	if err := e.connect(); err != nil {
		t.Fatal(err)
	}
	e.CAFile = "/tmp/it's.pem"
	command, err := e.Curl(request("it's\u009b"), true)
	if err != nil {
		t.Fatal(err)
	}
	want := "curl -sSN " + l.url + `/chat/completions \
  --proxy socks5://127.0.0.1:1080 \
  --cacert '/tmp/it'\''s.pem' \
  --header 'Accept: text/event-stream' \
  --header "Authorization: Bearer $LAB_KEY" \
  --header 'Content-Type: application/json' \
  --header 'User-Agent: oax/test' \
  --header 'X-Team: physics' \
  --header "X-Token: $X_TOKEN" \
  --data-raw '{"messages":[{"role":"user","content":"it'\''s\u009b"}],"model":"m","stream":true,"stream_options":{"include_usage":true}}'
`
	if diff := cmp.Diff(want, command); diff != "" {
		t.Error(diff)
	}
	wantNotes := `oax: the proxy's password is left out; --proxy-user NAME:PASSWORD adds it
oax: the command needs $LAB_KEY: set it to the value from the configuration
oax: the command needs $X_TOKEN: set it to the value from the configuration
`
	if diff := cmp.Diff(wantNotes, l.printed()); diff != "" {
		t.Error(diff)
	}
}

// A body that is too long for an argument goes through a pipe.
func TestCurlLong(t *testing.T) {
	l := newLab(t, "")
	l.options.Settings.Profile = "demo"
	command, err := l.resolve().Curl(request(strings.Repeat("x", 200<<10)), false)
	if err != nil || !strings.HasPrefix(command, "printf %s '{") || !strings.HasSuffix(command, "  --data-binary @-\n") {
		t.Error(err, command[:100])
	}
	if diff := cmp.Diff("oax: nothing will answer this command: the demo stops when oax exits\n", l.printed()); diff != "" {
		t.Error(diff)
	}
}
