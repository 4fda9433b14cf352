package serve

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/session"
	"oax/internal/session/record"
)

// answers is an endpoint that answers each prompt with words, at the pace of its gate: one
// word for each value that is sent.
func answers(gate <-chan bool, words ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/models") {
			io.WriteString(w, `{"data":[{"id":"m"},{"id":"other"}]}`)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		w.(http.Flusher).Flush()
		for _, word := range words {
			if gate != nil {
				select {
				case <-gate:
				case <-r.Context().Done():
					return
				}
			}
			fmt.Fprintf(w, "data: {\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":%q}}]}\n\n", word)
			w.(http.Flusher).Flush()
		}
		io.WriteString(w, "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n")
	})
}

// call sends a request with the web token and reads the JSON of the reply.
func call(t *testing.T, s *Server, method, path, body string, want int, value any, header ...string) *http.Response {
	t.Helper()
	header = append([]string{"Authorization", "Bearer " + webToken(s), "Content-Type", "application/json"}, header...)
	reply := send(t, s, method, path, body, header...)
	data, _ := io.ReadAll(reply.Body)
	if reply.StatusCode != want {
		t.Fatalf("%s %s: %d, want %d: %s", method, path, reply.StatusCode, want, data)
	}
	if value != nil {
		if err := json.Unmarshal(data, value); err != nil {
			t.Fatalf("%s %s: %s: %s", method, path, err, data)
		}
	}
	return reply
}

// stream reads the events of a session.
type stream struct {
	t    *testing.T
	body io.ReadCloser
	in   *bufio.Scanner
}

type told struct {
	name, id string
	data     map[string]any
}

func watch(t *testing.T, s *Server, id, query string) *stream {
	t.Helper()
	reply := send(t, s, "GET", "/api/sessions/"+id+"/events"+query, "", "Authorization", "Bearer "+webToken(s))
	if reply.StatusCode != http.StatusOK {
		t.Fatalf("events: %d", reply.StatusCode)
	}
	return &stream{t, reply.Body, bufio.NewScanner(reply.Body)}
}

// next returns the next event that is not about presence.
func (s *stream) next() told {
	s.t.Helper()
	e := told{}
	for s.in.Scan() {
		line := s.in.Text()
		name, value, _ := strings.Cut(line, ": ")
		switch {
		case name == "event":
			e.name = value
		case name == "id":
			e.id = value
		case name == "data":
			_ = json.Unmarshal([]byte(value), &e.data)
		case line == "" && e.name != "" && e.name != "presence":
			return e
		case line == "":
			e = told{}
		}
	}
	s.t.Fatalf("the stream ended: %v", s.in.Err())
	return e
}

// text returns the text of an answer that arrives, and its end.
func (s *stream) text() (text string, end told) {
	for {
		switch e := s.next(); e.name {
		case "delta":
			piece, _ := e.data["text"].(string)
			text += piece
		case "end":
			return text, e
		case "reset":
			text = ""
		}
	}
}

func TestAsk(t *testing.T) {
	gate := make(chan bool)
	s, _ := start(t, answers(gate, "Hello", " *you*", "\n\n", "there"))
	var asked asked
	reply := call(t, s, "POST", "/api/sessions", `{"content":"why?"}`, 202, &asked)
	if asked.Session == "" || asked.Turn == "" || asked.Position != asked.Turn+":0.0.0" || reply.Header.Get("Location") != "/api/sessions/"+asked.Session {
		t.Fatalf("%+v %v", asked, reply.Header)
	}
	first := watch(t, s, asked.Session, "?after="+asked.Position+"&html=1")
	gate <- true
	if e := first.next(); e.name != "delta" || e.id != asked.Turn+":5.0.0" || fmt.Sprint(e.data["html"]) != "map[blocks:[<p dir=\"auto\">Hello</p>\n] from:0]" {
		t.Fatalf("%+v", e)
	}
	call(t, s, "POST", "/api/sessions/"+asked.Session+"/turns", `{"content":"again"}`, 409, nil)
	second := watch(t, s, asked.Session, "")
	if e := second.next(); e.name != "turn" || e.id != asked.Position || e.data["by"] != "page" {
		t.Fatalf("%+v", e)
	}
	for range 3 {
		gate <- true
	}
	for _, w := range []*stream{first, second} {
		text, end := w.text()
		if !strings.HasSuffix("Hello *you*\n\nthere", text) || end.id != asked.Turn+":end" || end.data["state"] != "complete" || end.data["finish_reason"] != "stop" {
			t.Errorf("%q, then %+v", text, end)
		}
	}
	var full fullView
	call(t, s, "GET", "/api/sessions/"+asked.Session+"?html=1", "", 200, &full)
	if len(full.Items) != 1 || full.Position != asked.Turn+":end" || full.State != "complete" || full.Title != "why?" {
		t.Fatalf("%+v", full)
	}
	if a := full.Items[0].Answer; a.Text != "Hello *you*\n\nthere" || len(a.HTML) != 2 || !strings.Contains(a.HTML[0], "Hello <em>you</em>") {
		t.Errorf("%+v", a)
	}
}

// TestNoBlockYet: a text of which nothing is shown yet has a list of blocks, too.
func TestNoBlockYet(t *testing.T) {
	gate := make(chan bool)
	s, _ := start(t, answers(gate, "\n", "Text."))
	var asked asked
	call(t, s, "POST", "/api/sessions", `{"content":"why?"}`, 202, &asked)
	w := watch(t, s, asked.Session, "?html=1&after="+asked.Position)
	gate <- true
	if e := w.next(); fmt.Sprint(e.data["html"]) != "map[blocks:[] from:0]" {
		t.Errorf("%+v", e)
	}
	close(gate)
	w.text()
}

// TestResume: whatever a client has, it gets the rest and nothing else.
func TestResume(t *testing.T) {
	s, _ := start(t, answers(nil, "日本", "語"))
	var asked asked
	call(t, s, "POST", "/api/sessions", `{"content":"why?"}`, 202, &asked)
	text, _ := watch(t, s, asked.Session, "").text()
	if text != "日本語" {
		t.Fatalf("%q", text)
	}
	for _, tt := range []struct {
		after string
		want  string
		first string
	}{
		{"0", "日本語", "turn"},
		{asked.Turn + ":0.0.0", "日本語", "delta"},
		{asked.Turn + ":6.0.0", "語", "delta"},
		{asked.Turn + ":9.0.0", "", "end"},
		{asked.Turn + ":10.0.0", "日本語", "reset"},
		{asked.Turn + ":1.0.0", "日本語", "reset"},
		{"other:0.0.0", "日本語", "reset"},
		{"nonsense", "日本語", "reset"},
	} {
		w := watch(t, s, asked.Session, "?until=end&after="+tt.after)
		first := w.next()
		got, _ := first.data["text"].(string)
		if first.name != "end" {
			rest, _ := w.text()
			got += rest
		}
		if first.name != tt.first || got != tt.want {
			t.Errorf("after %s: first %s, text %q, want %s, %q", tt.after, first.name, got, tt.first, tt.want)
		}
		if w.in.Scan(); w.in.Err() != nil || w.in.Text() != "" {
			t.Errorf("after %s: the stream goes on: %q %v", tt.after, w.in.Text(), w.in.Err())
		}
	}
	call(t, s, "GET", "/api/sessions/"+asked.Session+"/events?until=end&after="+asked.Turn+":end", "", 204, nil)
}

// TestViewers: two hundred who watch one answer all get it whole, those who come late too.
func TestViewers(t *testing.T) {
	gate := make(chan bool)
	s, _ := start(t, answers(gate, "one ", "two ", "three"))
	var a asked
	call(t, s, "POST", "/api/sessions", `{"content":"x"}`, 202, &a)
	gate <- true
	texts := make(chan string)
	watched := func(n int) {
		for range n {
			w := watch(t, s, a.Session, "?until=end")
			go func() {
				text, _ := w.text()
				texts <- text
			}()
		}
	}
	n := reduced(t, "viewers", 200, 50)
	watched(n / 2)
	gate <- true
	watched(n / 2)
	gate <- true
	for range n {
		if text := <-texts; text != "one two three" {
			t.Fatalf("one viewer gets %q", text)
		}
	}
}

// TestStop: a stop ends the answer, and what came of it is kept.
func TestStop(t *testing.T) {
	gate := make(chan bool)
	s, _ := start(t, answers(gate, "one", "two"))
	var asked asked
	call(t, s, "POST", "/api/sessions", `{"content":"why?"}`, 202, &asked)
	w := watch(t, s, asked.Session, "")
	gate <- true
	w.next()
	w.next()
	for range 2 {
		call(t, s, "DELETE", "/api/sessions/"+asked.Session+"/turns/"+asked.Turn, "", 204, nil)
	}
	if _, end := w.text(); end.data["state"] != "incomplete" || end.data["why"] != "stopped" {
		t.Errorf("%+v", end)
	}
	call(t, s, "DELETE", "/api/sessions/"+asked.Session+"/turns/other", "", 404, nil)
}

// TestIdempotency: a repeated request asks once, after a restart too.
func TestIdempotency(t *testing.T) {
	dir := t.TempDir()
	_, upstream := start(t, answers(nil, "x"))
	s := startIn(t, dir, upstream.URL)
	var first, again asked
	call(t, s, "POST", "/api/sessions", `{"content":"why?"}`, 202, &first, "Idempotency-Key", "k1")
	watch(t, s, first.Session, "").text()
	for range 2 {
		reply := call(t, s, "POST", "/api/sessions", `{"content":"why?"}`, 202, &again, "Idempotency-Key", "k1")
		if again != first || reply.Header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("%+v, want %+v", again, first)
		}
		call(t, s, "POST", "/api/sessions", `{"content":"how?"}`, 422, nil, "Idempotency-Key", "k1")
		s.Stop(t.Context())
		s = startIn(t, dir, upstream.URL)
	}
	var list struct{ Sessions []sessionView }
	call(t, s, "GET", "/api/sessions", "", 200, &list)
	if len(list.Sessions) != 1 || list.Sessions[0].Turns != 1 {
		t.Errorf("%+v", list)
	}
}

// TestBranch: an earlier prompt that is edited, or asked again, makes a branch; the last
// one is asked again in place.
func TestBranch(t *testing.T) {
	s, _ := start(t, answers(nil, "x"))
	ask := func(id, body string) asked {
		t.Helper()
		path := "/api/sessions"
		if id != "" {
			path += "/" + id + "/turns"
		}
		var a asked
		call(t, s, "POST", path, body, 202, &a)
		watch(t, s, a.Session, "?after="+a.Position).text()
		return a
	}
	one := ask("", `{"content":"one"}`)
	two := ask(one.Session, `{"content":"two"}`)
	if two.Session != one.Session {
		t.Fatal("the second turn is elsewhere")
	}
	edited := ask(one.Session, `{"content":"other","after":"`+one.Turn+`"}`)
	fromStart := ask(one.Session, `{"content":"first","after":"0"}`)
	again := ask(one.Session, `{"retry":"`+two.Turn+`"}`)
	older := ask(one.Session, `{"retry":"`+one.Turn+`"}`)
	for name, a := range map[string]asked{"edited": edited, "from the start": fromStart, "older": older} {
		if a.Session == one.Session {
			t.Errorf("%s: it is no branch", name)
		}
	}
	var full fullView
	call(t, s, "GET", "/api/sessions/"+edited.Session, "", 200, &full)
	if full.BranchOf == nil || full.BranchOf.Session != one.Session || len(full.Items) != 2 || full.Items[1].Messages[0].Content != "other" {
		t.Errorf("edited: %+v", full)
	}
	if full.BranchOf.Turn == nil || *full.BranchOf.Turn != one.Turn {
		t.Errorf("edited: a branch of %+v", full.BranchOf)
	}
	call(t, s, "GET", "/api/sessions/"+fromStart.Session, "", 200, &full)
	if full.BranchOf == nil || full.BranchOf.Turn != nil {
		t.Errorf("from the start: a branch of %+v", full.BranchOf)
	}
	call(t, s, "GET", "/api/sessions/"+one.Session, "", 200, &full)
	if again.Session != one.Session || len(full.Items) != 3 || full.Items[2].RetryOf == nil || *full.Items[2].RetryOf != two.Turn || full.Items[2].Turn != again.Turn {
		t.Errorf("again: %+v", full.Items)
	}
	call(t, s, "POST", "/api/sessions/"+one.Session+"/turns", `{"retry":"x"}`, 404, nil)
}

// TestManage: titles, trash, export.
func TestManage(t *testing.T) {
	s, _ := start(t, answers(nil, "x"))
	var a asked
	call(t, s, "POST", "/api/sessions", `{"content":"why is the sky blue?"}`, 202, &a)
	watch(t, s, a.Session, "").text()
	path := "/api/sessions/" + a.Session
	var v sessionView
	call(t, s, "PATCH", path, `{"title":"Sky"}`, 200, &v)
	if v.Title != "Sky" {
		t.Errorf("%+v", v)
	}
	reply := call(t, s, "GET", path, "", 200, nil)
	call(t, s, "GET", path, "", 304, nil, "If-None-Match", reply.Header.Get("ETag"))
	call(t, s, "PATCH", path, `{"title":null}`, 200, &v)
	if v.Title != "why is the sky blue?" {
		t.Errorf("%+v", v)
	}
	for _, format := range []string{"markdown", "html", "json"} {
		reply := call(t, s, "GET", path+"/export?format="+format, "", 200, nil)
		if !strings.HasPrefix(reply.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("%s: %v", format, reply.Header)
		}
	}
	for q, want := range map[string]int{"sky": 1, "sky+blue": 1, "green": 0} {
		var list struct{ Sessions []sessionView }
		call(t, s, "GET", "/api/sessions?q="+q, "", 200, &list)
		if len(list.Sessions) != want {
			t.Errorf("%s: %+v", q, list)
		}
	}
	w := watch(t, s, a.Session, "?after="+a.Turn+":end")
	call(t, s, "DELETE", path, "", 204, nil)
	for w.next().name != "gone" {
	}
	call(t, s, "GET", path, "", 404, nil)
	call(t, s, "POST", path+"/restore", "{}", 200, &v)
	call(t, s, "GET", path, "", 200, nil)
	call(t, s, "POST", path+"/restore", "{}", 404, nil)
}

// TestPages: a long chat is read from its end, in pages that hold each turn once and cost
// what is in them.
func TestPages(t *testing.T) {
	s, _ := start(t, answers(nil, "x"))
	const n = 1000
	e := longSession(t, s, n)
	var seen []string
	before, largest := "", 0
	for {
		var full fullView
		reply := call(t, s, "GET", "/api/sessions/"+e.ID+"?html=1&limit=70"+before, "", 200, &full)
		largest = max(largest, int(reply.ContentLength))
		for i := len(full.Items) - 1; i >= 0; i-- {
			seen = append(seen, full.Items[i].Turn)
			if a := full.Items[i].Answer; len(full.Items) > 70 || a == nil || len(a.HTML) == 0 {
				t.Fatalf("%d items, %+v", len(full.Items), a)
			}
		}
		if full.Turns != n || full.Position != full.Items[len(full.Items)-1].Turn+":end" && before == "" {
			t.Fatalf("%d turns, %s", full.Turns, full.Position)
		}
		if full.Earlier == nil {
			break
		}
		before = "&before=" + *full.Earlier
	}
	slices.Reverse(seen)
	if len(seen) != n || !slices.IsSorted(seen) || len(slices.Compact(seen)) != n {
		t.Errorf("%d turns in pages", len(seen))
	}
	if largest < 70*1000 || largest > 70*5000 {
		t.Errorf("a page of 70 turns has %d bytes", largest)
	}
	var full fullView
	if call(t, s, "GET", "/api/sessions/"+e.ID+"?html=1", "", 200, &full); len(full.Items) != usualLimit || full.Earlier == nil {
		t.Errorf("as HTML without a limit there are %d turns", len(full.Items))
	}
	full = fullView{}
	if call(t, s, "GET", "/api/sessions/"+e.ID, "", 200, &full); len(full.Items) != n || full.Earlier != nil {
		t.Errorf("without a limit there are %d turns", len(full.Items))
	}
	call(t, s, "GET", "/api/sessions/"+e.ID+"?before=none", "", 404, nil)
	call(t, s, "GET", "/api/sessions/"+e.ID+"?limit=0", "", 400, nil)
}

// TestLastTurns: the last turns of a session are the same whether the file was read whole or
// from its end.
func TestLastTurns(t *testing.T) {
	dir := t.TempDir()
	s, other := startIn(t, dir, "http://127.0.0.1:1"), startIn(t, dir, "http://127.0.0.1:1")
	store, random := s.config.Store, rand.New(rand.NewPCG(1, 2))
	message := func(role chat.Role, text string) record.Message {
		return record.Message{Message: chat.Message{Role: role, Text: text}, From: record.From{By: "relay", Client: "Test"}}
	}
	finish := func(w *session.Writer, err error) {
		t.Helper()
		if err == nil && random.IntN(5) == 0 {
			err = w.Fail("500", "no")
		} else if err == nil {
			state := []chat.State{chat.Complete, chat.Incomplete}[random.IntN(2)]
			calls := []chat.ToolCall{{ID: "c", Name: "f", Arguments: "{}"}}[random.IntN(2):]
			err = w.Finish(chat.Message{Role: chat.Assistant, Text: fmt.Sprint("answer ", random.Int()), State: state, ToolCalls: calls})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	fromTheEnd := 0
	for range reduced(t, "sessions", 8, 3) {
		w, err := store.Create(message(chat.System, "be brief"), message(chat.User, "title"))
		finish(w, err)
		for turn := range 30 {
			text := strings.Repeat(fmt.Sprint("prompt ", turn, " "), 1+random.IntN(2)*2000)
			switch random.IntN(6) {
			case 0:
				w, err = store.Continue(w.Entry()) // the last prompt again
			case 1:
				w, err = store.Continue(w.Entry(), message(chat.System, "else"), message(chat.User, text), message(chat.User, "more"))
			case 2:
				m := message(chat.Tool, "result")
				m.ToolCallID = "c"
				w, err = store.Continue(w.Entry(), m)
			case 3:
				old, loadErr := store.Load(w.Entry())
				if loadErr != nil {
					t.Fatal(loadErr)
				}
				w, err = store.Fork(old, old.Turns(), message(chat.User, text))
			default:
				w, err = store.Continue(w.Entry(), message(chat.User, text))
			}
			finish(w, err)
		}
		all, err := other.full(w.Entry())
		if err != nil {
			t.Fatal(err)
		}
		for limit := 1; limit < 50; limit++ {
			got, ok := s.lastOf(w.Entry(), limit)
			if !ok {
				continue
			}
			fromTheEnd++
			got.cut("", limit)
			want := all
			want.cut("", limit)
			a, _ := json.Marshal(got)
			b, _ := json.Marshal(want)
			if !bytes.Equal(a, b) {
				t.Fatalf("the last %d turns from the end:\n%s\nof all:\n%s", limit, a, b)
			}
		}
	}
	if fromTheEnd < 30 {
		t.Errorf("only %d were read from the end", fromTheEnd)
	}
}
