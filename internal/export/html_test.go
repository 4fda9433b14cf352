package export

import (
	"encoding/json"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"oax/internal/chat"
	"oax/internal/session"
	"oax/internal/session/record"
)

func said(role chat.Role, text string, state chat.State) record.Message {
	return record.Message{Message: chat.Message{Role: role, Text: text, State: state}}
}

// A page parses as HTML, and holds no script and nothing that is loaded from elsewhere.
func TestPage(t *testing.T) {
	picture := said(chat.User, "# Hi <script>alert(1)</script> ![x](https://a.b/c.png) [y](javascript:z)", "")
	picture.Parts = []chat.Part{
		{Name: "a\"b.png", Type: "image/png", Data: []byte("png")},
		{Name: "c.svg", Type: "image/svg+xml", Data: []byte("<svg>")},
		{Type: "image_url", JSON: json.RawMessage(`{"type":"image_url","image_url":{"url":"data:image/jpeg;base64,anBn"}}`)},
		{Type: "image_url", JSON: json.RawMessage(`{"type":"image_url","image_url":{"url":"https://a.b/c.png"}}`)},
	}
	answer := said(chat.Assistant, "1. a\n2. b\n\n| c |\n|---|\n| d |\n\n```go\nfunc x() {}\n```", chat.Complete)
	s := &session.Session{Title: "A <b>", Messages: []record.Message{picture, answer}}
	page := Options{Form: HTML}.page()(s) + pageEnd
	tree, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	sources := map[string]bool{}
	for n := range tree.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		for _, a := range n.Attr {
			if a.Key == "src" {
				sources[a.Val] = true
			}
			if strings.HasPrefix(a.Key, "on") || a.Key == "href" && !strings.HasPrefix(a.Val, "https://") {
				t.Errorf("%s %s=%q", n.Data, a.Key, a.Val)
			}
		}
		if n.Data == "script" || n.Data == "link" || n.Data == "iframe" || n.Data == "b" {
			t.Errorf("there is a %s", n.Data)
		}
	}
	if len(sources) != 2 || !sources["data:image/png;base64,cG5n"] || !sources["data:image/jpeg;base64,anBn"] {
		t.Errorf("images %v", sources)
	}
	for _, part := range []string{"<h1 dir=\"auto\">A &lt;b&gt;</h1>", "<ol>", "<td dir=\"auto\">d</td>", `<span class="keyword">func</span> x`} {
		if !strings.Contains(page, part) {
			t.Errorf("%s is not in %s", part, page)
		}
	}
}

// A message in Japanese says so, and the page leaves its language open.
func TestPageLanguage(t *testing.T) {
	s := &session.Session{Messages: []record.Message{said(chat.User, "日本語で答えて", ""), said(chat.Assistant, "直线 is a line", ""), said(chat.Assistant, "ラーメン", "")}}
	page := Options{Form: HTML}.page()(s)
	for _, part := range []string{"<html>\n", `<section class="user" lang="ja">`, `<section>`, `<section lang="ja">`} {
		if strings.Count(page, part) != 1 {
			t.Errorf("%d times %s in %s", strings.Count(page, part), part, page)
		}
	}
}

func TestPageLeavesOutWhatFailed(t *testing.T) {
	s := &session.Session{Messages: []record.Message{
		said(chat.User, "one", ""), said(record.Error, "two", ""), said(chat.Assistant, "three", chat.Incomplete), said(chat.Assistant, "four", chat.Complete),
		said(chat.User, "five", ""), said(chat.Assistant, "six", chat.Incomplete), said(record.Error, "seven", ""),
	}}
	for all, want := range map[bool]string{false: "one four five six seven", true: "one two three four five six seven"} {
		page := Options{Form: HTML, All: all}.page()(s)
		var got []string
		for _, word := range strings.Fields("one two three four five six seven") {
			if strings.Contains(page, ">"+word+"<") {
				got = append(got, word)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("all %v: %q, want %q", all, got, want)
		}
	}
}
