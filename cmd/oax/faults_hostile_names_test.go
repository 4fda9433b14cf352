package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"oax/internal/demo"
)

// hostileNames are hostile text in places other than an answer, and secrets (G).
var hostileNames = []fault{
	{row: "G12", what: "title in a list", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Stream(demo.Answer("yes")...))
		h.run(evilTitle)
		r := h.atTerminal("ls")
		for _, list := range []string{r.stdout, h.run("ls").stdout} {
			if strings.Count(list, "\n") != 1 || !strings.Contains(list, visibleTitle) || strings.ContainsAny(list, "\x1b\r\a\u202e") {
				t.Errorf("listed as %q", list)
			}
		}
		equal(t, "saved", h.only()[0].Text, evilTitle)
	}},
	{row: "G12", what: "title, text and model in the picker", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Stream(demo.Answer("yes\x1b]2;evil\a\x1b[2J")...))
		h.run("-m", "\x1b]2;evil\am", evilTitle)
		w := h.recall(80, 24, "")
		w.shows("1/1")
		w.shows("^[[2J")
		w.keys("Enter")
		w.asks(visibleTitle)
		w.keys("C-d")
		holdsAll(t, w.shows("code 0, sane"), visibleTitle)
		holdsNone(t, w.tmux("display-message", "-p", "#{pane_title}"), "evil")
	}},
	{row: "G13", what: "names of models", test: func(t *testing.T) {
		list, _ := json.Marshal(map[string]any{"data": []any{map[string]string{"id": "\x1b]0;x\am\nn\u009b\u202e"}}})
		h, _ := scripted(t, demo.Reply(200, "application/json", string(list)))
		h.check(h.run("models"), want{stdout: "^[]0;x^Gm n‹U+009B›‹U+202E›\n"})
	}},
	{row: "G13", what: "argument in an error", test: func(t *testing.T) {
		h := newHome(t)
		h.check(h.run("--\x1b]0;x\a", "hi"), want{code: 2})
		h.check(h.run("cat", "\x1b]0;x\a"), want{code: 2})
		h.check(h.run("-p", "\x1b]0;x\a", "hi"), want{code: 2})
	}},
	{row: "G13", what: "file name in an error", test: func(t *testing.T) {
		h := newHome(t)
		dir := filepath.Join(h.dir, "\x1b]0;x\a")
		write(t, dir, "a file")
		h.env["XDG_DATA_HOME"], h.env["OPENAI_BASE_URL"] = dir, "http://127.0.0.1:1/v1"
		h.checkRun(h.run("hi"), want{code: 7})
	}},
	{row: "G13", what: "headers and a message of the service", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Exchange{Status: 400, Header: http.Header{"Content-Type": {"application/json"}, "X-Request-Id": {"\u009b31m"}},
			Body: []demo.Step{demo.Send([]byte(`{"error":{"message":"no\u001b]0;x\u0007\nhint: rm","code":"\u001b[2J"}}`))}})
		h.check(h.run("hi"), want{code: 8, prompt: "hi", noAnswer: true, why: "400"})
	}},
	{row: "G15", what: "an image in the answer is not fetched", test: func(t *testing.T) {
		var asked atomic.Int64
		url := listens(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
		text := fmt.Sprintf("![x](%s/?q=secret)", url)
		h, _ := scripted(t, demo.Stream(demo.Answer(text)...))
		h.checkShown(text, fmt.Sprintf("x (%s/?q=secret)", url))
		h.run("cat")
		if n := asked.Load(); n > 0 {
			t.Errorf("%d requests", n)
		}
	}},
	{row: "G17", what: "such a session ID", test: hostileIDs},
	{row: "G17", what: "such a title", test: hostileTitles},
	{row: "G19", what: "a key from key_command", test: keptSecret},
}

const (
	evilTitle    = "\x1b]2;evil\aA \x1b[2J\u202etitle\nsecond line"
	visibleTitle = "^[]2;evil^GA ^[[2J‹U+202E›title"
)

func hostileIDs(t *testing.T) {
	h, _ := scripted(t, demo.Stream(demo.Answer("yes")...))
	h.run("hi")
	before := h.files()
	for _, id := range []string{"../../x", "/etc/passwd", "a/b", ".", "..", "", "a b", "a\nb", "🙂", "a*", "CON", "@0", "@-1", "@x", "@+1"} {
		for _, args := range [][]string{{"cat", "--", id}, {"--session", id, "more"}, {"retry", "--", id}} {
			h.checkRun(h.run(args...), want{code: 2})
		}
	}
	// What could be an ID by its characters is one that no session has.
	for _, id := range []string{"con", "zzzzzzzz", "@9", strings.Repeat("a", 300)} {
		h.checkRun(h.run("cat", id), want{code: 1})
	}
	if after := h.files(); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("files changed: %v", after)
	}
}

func hostileTitles(t *testing.T) {
	h, _ := scripted(t, demo.Stream(demo.Answer("yes")...))
	titles := []string{"../../x", "/etc/passwd", "a/b", ".", "a\nb", "🙂", "CON", strings.Repeat("長い", 3000)}
	for _, title := range titles {
		if r := h.run("--", title); r.code != 0 {
			t.Errorf("%q: %+v", title, r)
		}
	}
	equal(t, "sessions", len(h.sessions()), len(titles))
	for path := range h.files() {
		if !strings.HasPrefix(path, "data/oax/sessions/") {
			t.Errorf("%s was written", path)
		}
	}
}

// keptSecret uses a key that only the configuration knows how to get, in every place
// that could give it away, among them the environment of a child.
func keptSecret(t *testing.T) {
	h, script := scripted(t,
		demo.Stream(demo.Answer("yes")...),
		demo.Reply(401, "application/json", `{"error":{"message":"bad key `+canary+`"}}`),
		demo.Reply(500, "text/html", canary),
		demo.Stream(demo.Send([]byte(`data: {"error":{"message":"Bearer `+canary+`"}}`+"\n\n"))))
	delete(h.env, "OPENAI_API_KEY")
	base := h.env["OPENAI_BASE_URL"]
	delete(h.env, "OPENAI_BASE_URL")
	key := filepath.Join(t.TempDir(), "key")
	write(t, key, canary)
	h.config("profile = 'p'\n[profiles.p]\nbase_url = '" + base + "'\nkey_command = '''env >~/child; cat " + key + "'''\n")
	for _, args := range [][]string{{"one"}, {"two"}, {"--json", "three"}, {"four"}, {"--dry-run", "five"}, {"cat"}, {"ls", "--json"}, {"--help"}} {
		h.run(args...) // which looks for the key in what is printed
	}
	equal(t, "the key sent", script.Requests()[0].Header.Get("Authorization"), "Bearer "+canary)
	w := h.recall(80, 24, "")
	w.shows("/")
	found := processes(h.dir)
	if len(found) < 2 {
		t.Errorf("%d processes of the program, want the picker and its parent", len(found))
	}
	for _, p := range found {
		holdsNone(t, p.cmdline+p.environ, canary)
	}
	w.keyShows("Escape", "code 130, sane")
	if text(t, filepath.Join(h.dir, "child")) == "" { // searched for the key at the end of the test
		t.Error("key_command did not run")
	}
}
