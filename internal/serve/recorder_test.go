package serve

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/coder/websocket"
	"github.com/klauspost/compress/zstd"

	"oax/internal/chat"
	"oax/internal/openai/completions"
	"oax/internal/serve/live"
	"oax/internal/serve/recording"
	"oax/internal/session"
	"oax/internal/session/record"
)

// echo is an endpoint that answers with the last message in capitals, as a stream or whole.
func echo(status *atomic.Int32) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q struct {
			Stream   bool
			Messages []json.RawMessage
		}
		_ = json.NewDecoder(r.Body).Decode(&q)
		if code := status.Load(); code != 0 {
			w.WriteHeader(int(code))
			io.WriteString(w, `{"error":{"message":"no"}}`)
			return
		}
		messages, _ := completions.Messages(q.Messages)
		text := strings.ToUpper(messages[len(messages)-1].Text)
		if !q.Stream {
			fmt.Fprintf(w, `{"model":"m","choices":[{"message":{"role":"assistant","content":%q},"finish_reason":"stop"}]}`, text)
			return
		}
		fmt.Fprintf(w, "data: {\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":%q}}]}\n\n", text)
		io.WriteString(w, "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n")
	})
}

// body returns a request with messages, of which user and assistant take turns.
func body(stream bool, texts ...string) string {
	var messages []string
	for i, text := range texts {
		messages = append(messages, fmt.Sprintf(`{"role":%q,"content":%q}`, []string{"user", "assistant"}[i%2], text))
	}
	return fmt.Sprintf(`{"model":"m","stream":%v,"messages":[%s]}`, stream, strings.Join(messages, ","))
}

// relayed sends a request through the relay and returns the session it is recorded in.
func relayed(t *testing.T, s *Server, body string, header ...string) string {
	t.Helper()
	reply := send(t, s, "POST", "/v1/chat/completions", body, append([]string{"Content-Type", "application/json", "User-Agent", "Test/1.0 (x)"}, header...)...)
	if data, err := io.ReadAll(reply.Body); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	return reply.Header.Get("X-Oax-Session")
}

func TestRecorder(t *testing.T) {
	var status atomic.Int32
	s, _ := start(t, echo(&status))
	turns := func(id string) []live.Turn {
		t.Helper()
		e, failure := s.entry(id)
		if failure != nil {
			t.Fatal(failure)
		}
		x, err := s.config.Store.Load(e)
		if err != nil {
			t.Fatal(err)
		}
		list, _ := live.Turns(x)
		return list
	}
	first := relayed(t, s, body(true, "one"))
	if got := relayed(t, s, body(false, "one", "ONE", "two")); got != first {
		t.Error("the second request of a chat is recorded elsewhere")
	}
	if got := relayed(t, s, body(true, "one", " ONE\n", "two", "TWO", "three")); got != first {
		t.Error("the third request is recorded elsewhere")
	}
	if s.rooms.Has(first) {
		t.Error("there is a room of what nobody watched")
	}
	list := turns(first)
	if len(list) != 3 || list[2].Answer.Text != "THREE" || list[2].Messages[0].Content != "three" || list[2].By != "relay" ||
		*list[2].Client != "Test/1.0" || list[1].Answer.State != "complete" || len(list[2].Messages) != 1 {
		t.Fatalf("%+v", list)
	}
	if other := relayed(t, s, body(true, "one")); other == first || other == "" {
		t.Error("another chat with the same first message is not apart")
	}
	edited := relayed(t, s, body(true, "one", "ONE", "else"))
	if list := turns(edited); edited == first || len(list) != 2 || list[1].Answer.Text != "ELSE" {
		t.Errorf("an edited history: %s, %+v", edited, list)
	}
	again := relayed(t, s, body(true, "one", "ONE", "two", "TWO", "three"))
	if list := turns(first); again != first || len(list) != 4 || list[3].RetryOf == nil {
		t.Errorf("asked again: %s, %+v", again, list)
	}

	changed := relayed(t, s, body(true, "one", "ONE", "two", "TWO", "changed"))
	var branch fullView
	call(t, s, "GET", "/api/sessions/"+changed, "", 200, &branch)
	if of := branch.BranchOf; of == nil || of.Session != first || of.Turn == nil || *of.Turn != turns(first)[1].Turn {
		t.Errorf("it is a branch of %+v", of)
	}

	status.Store(503)
	failing := relayed(t, s, body(true, "failing"))
	before := sessions(t, s, "")
	if i := slices.IndexFunc(before, func(v sessionView) bool { return v.ID == failing }); i < 0 || before[i].State != "failed" {
		t.Errorf("a failed request is listed as %+v", before)
	}
	relayed(t, s, body(true, "failing"))
	status.Store(0)
	id := relayed(t, s, body(true, "failing"))
	list = turns(id)
	if len(sessions(t, s, "")) != len(before) || list[len(list)-1].Answer.Text != "FAILING" {
		t.Errorf("a failed request that is sent again: %+v", list)
	}

	named := relayed(t, s, body(true, "x"), "X-Session-Id", "mine")
	if got := relayed(t, s, body(true, "x", "X", "y"), "X-Session-Id", "mine"); got != named {
		t.Error("a named session is not found")
	}
	n := len(sessions(t, s, ""))
	relayed(t, s, strings.Replace(body(true, "make a title"), `"stream"`, `"max_tokens":20,"stream"`, 1))
	if got := len(sessions(t, s, "")); got != n {
		t.Errorf("a helper is listed: %d, then %d", n, got)
	}
	if got := len(sessions(t, s, "?helpers=1")); got != n+1 {
		t.Errorf("a helper is not listed: %d, then %d", n, got)
	}
	// An agent has a title made, under the name of the chat that begins.
	titling := `{"stream":true,"messages":[{"role":"system","content":"You are a title generator.\nOne line."},{"role":"user","content":"Make one for this:"},{"role":"user","content":"mend it"}]}`
	title := relayed(t, s, titling, "X-Session-Id", "agent")
	agent := relayed(t, s, body(true, "mend it"), "X-Session-Id", "agent")
	if title == agent || len(turns(agent)) != 1 || len(sessions(t, s, "")) != n+1 {
		t.Errorf("a title of a chat with a name: %s, the chat: %s, %+v", title, agent, turns(agent))
	}
	branch = fullView{}
	if call(t, s, "GET", "/api/sessions/"+agent, "", 200, &branch); branch.BranchOf != nil {
		t.Errorf("the chat is a branch of %+v", branch.BranchOf)
	}
	if got := relayed(t, s, body(true, "x"), "User-Agent", "oax/1.0"); got != "" {
		t.Error("what oax asks is recorded twice")
	}
}

func sessions(t *testing.T, s *Server, query string) []sessionView {
	t.Helper()
	var list struct{ Sessions []sessionView }
	call(t, s, "GET", "/api/sessions"+query, "", 200, &list)
	return list.Sessions
}

// TestRecorderCut: what a client got before a cut is in the session.
func TestRecorderCut(t *testing.T) {
	s, _ := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "data: {\"choices\":[{\"delta\":{\"content\":\"half\"}}]}\n\n")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}))
	reply := send(t, s, "POST", "/v1/chat/completions", body(true, "x"), "Content-Type", "application/json")
	if _, err := io.ReadAll(reply.Body); err == nil {
		t.Error("a cut looks like an end")
	}
	var full fullView
	call(t, s, "GET", "/api/sessions/"+reply.Header.Get("X-Oax-Session"), "", 200, &full)
	if a := full.Items[0].Answer; a.Text != "half" || a.State != "incomplete" || *a.Why != "reset" {
		t.Errorf("%+v", a)
	}
}

// TestRecorderClientLeaves: without a client the endpoint's answer ends, unless the client
// asked to keep it.
func TestRecorderClientLeaves(t *testing.T) {
	for _, keep := range []bool{false, true} {
		gate := make(chan bool)
		s, _ := start(t, answers(gate, "one", " two"))
		header := []string{"Content-Type", "application/json"}
		if keep {
			header = append(header, "X-Conversation-Id", "c")
		}
		reply := send(t, s, "POST", "/v1/chat/completions", body(true, "x"), header...)
		id := reply.Header.Get("X-Oax-Session")
		w := watch(t, s, id, "")
		gate <- true
		w.next()
		w.next()
		reply.Body.Close()
		want, state := "", "incomplete"
		if keep {
			gate <- true
			want, state = " two", "complete"
		}
		if text, end := w.text(); text != want || end.data["state"] != state {
			t.Errorf("keep %v: %q, %+v", keep, text, end)
		}
	}
}

// TestTerminal: what another process writes to a session is seen, and a stop interrupts that
// process.
func TestTerminal(t *testing.T) {
	s, _ := start(t, answers(nil, "x"))
	other := session.New(session.Options{Dir: filepath.Join(filepath.Dir(s.config.StateDir), "sessions")})
	prompt := record.Message{}
	prompt.Role, prompt.Text = "user", "typed elsewhere"
	writer, err := other.Create(prompt)
	if err != nil {
		t.Fatal(err)
	}
	if list := sessions(t, s, ""); len(list) != 1 || list[0].State != "answering" || list[0].By != "terminal" {
		t.Fatalf("%+v", list)
	}
	w := watch(t, s, writer.ID(), "")
	if e := w.next(); e.name != "turn" || e.data["turn"] != writer.Turn() {
		t.Fatalf("%+v", e)
	}
	for _, text := range []string{"日本", "語"} {
		if err := writer.Journal(delta(text)); err != nil {
			t.Fatal(err)
		}
		if e := w.next(); e.name != "delta" || e.data["text"] != text {
			t.Fatalf("%+v", e)
		}
	}
	interrupts := make(chan os.Signal, 1) // the other process is this one here
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	call(t, s, "DELETE", "/api/sessions/"+writer.ID()+"/turns/"+writer.Turn(), "", 204, nil)
	<-interrupts
	m := prompt.Message
	m.Role, m.Text, m.State = "assistant", "日本語", "complete"
	if err := writer.Finish(m); err != nil {
		t.Fatal(err)
	}
	writer.Close()
	if e := w.next(); e.name != "end" || e.data["state"] != "complete" {
		t.Fatalf("%+v", e)
	}
	if writer, err = other.Continue(writer.Entry()); err != nil { // the last prompt again
		t.Fatal(err)
	}
	if e := w.next(); e.name != "turn" || e.data["turn"] != writer.Turn() || e.data["retry_of"] == nil {
		t.Fatalf("%+v", e)
	}
	var full fullView
	if call(t, s, "GET", "/api/sessions/"+writer.ID(), "", 200, &full); full.State != "answering" || len(full.Items) != 2 {
		t.Errorf("%+v", full)
	}
	if err := writer.Finish(m); err != nil {
		t.Fatal(err)
	}
	writer.Close()
	if text, end := w.text(); text != "日本語" || end.data["state"] != "complete" {
		t.Fatalf("%q, %+v", text, end)
	}
}

// TestTerminalRunsTools: who comes while another process runs tools sees its turn go on, and its
// stream does not end before.
func TestTerminalRunsTools(t *testing.T) {
	s, _ := start(t, answers(nil, "x"))
	other := session.New(session.Options{Dir: filepath.Join(filepath.Dir(s.config.StateDir), "sessions")})
	message := func(role chat.Role, text string) record.Message {
		return record.Message{Message: chat.Message{Role: role, Text: text, ToolCallID: "c", Name: "f"}}
	}
	writer, err := other.Create(message(chat.User, "q"))
	if err != nil {
		t.Fatal(err)
	}
	called, result := message(record.Called, "{}"), message(chat.Tool, "seen")
	called.Start, result.Result = &record.Start{}, &record.Result{Status: record.Ran}
	record := func(m record.Message) {
		t.Helper()
		if _, err := writer.Record(m); err != nil {
			t.Fatal(err)
		}
	}
	asks := chat.Message{Role: chat.Assistant, Text: "let me see", State: chat.Complete, ToolCalls: []chat.ToolCall{{ID: "c", Name: "f", Arguments: "{}"}}}
	if err := writer.FinishCalls(asks); err != nil {
		t.Fatal(err)
	}
	record(called)
	w := watch(t, s, writer.ID(), "?until=end")
	if text, end := w.text(); text != "let me see" || end.data["tool_calls"] == nil {
		t.Fatalf("%q, %+v", text, end)
	}
	var full fullView
	if call(t, s, "GET", "/api/sessions/"+writer.ID(), "", 200, &full); full.State != "answering" || len(full.Items) != 1 {
		t.Errorf("while a tool runs: %+v", full)
	}
	record(result)
	if err := writer.Next(); err != nil {
		t.Fatal(err)
	}
	e := w.next()
	if e.name == "title" {
		e = w.next()
	}
	if messages, _ := e.data["messages"].([]any); e.name != "turn" || e.data["turn"] != writer.Turn() || len(messages) != 2 {
		t.Fatalf("%+v", e)
	}
	if err := writer.Finish(chat.Message{Role: chat.Assistant, Text: "it is so", State: chat.Complete}); err != nil {
		t.Fatal(err)
	}
	writer.Close()
	if text, end := w.text(); text != "it is so" || end.data["state"] != "complete" {
		t.Fatalf("%q, %+v", text, end)
	}
	if w.in.Scan() && w.in.Text() != "" {
		t.Errorf("after the end comes %q", w.in.Text())
	}
}

// TestSocket: a WebSocket has the same events, and takes what a person does.
func TestSocket(t *testing.T) {
	s, _ := start(t, answers(nil, "Hello"))
	ctx := t.Context()
	dial := func(origin string) (*websocket.Conn, error) {
		conn, _, err := websocket.Dial(ctx, s.URL()+"api/live", &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer " + webToken(s)}, "Origin": {origin}}})
		return conn, err
	}
	if _, err := dial("https://evil.example"); err == nil {
		t.Fatal("a foreign origin is let in")
	}
	own := strings.TrimSuffix(s.URL(), "/")
	a, err := dial(own)
	if err != nil {
		t.Fatal(err)
	}
	b, err := dial(own)
	if err != nil {
		t.Fatal(err)
	}
	defer a.CloseNow()
	defer b.CloseNow()
	say := func(c *websocket.Conn, text string) {
		if err := c.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	await := func(c *websocket.Conn, name string, fits func(map[string]any) bool) map[string]any {
		t.Helper()
		for {
			_, data, err := c.Read(ctx)
			if err != nil {
				t.Fatal(err)
			}
			var message map[string]any
			_ = json.Unmarshal(data, &message)
			inner, _ := message["data"].(map[string]any)
			if message["event"] == name && (fits == nil || fits(inner)) {
				return inner
			}
		}
	}
	say(a, `{"op":"say","ref":"r1","session":null,"content":"why?"}`)
	reply := await(a, "ok", nil)
	id := fmt.Sprint(reply["session"])
	sub := `{"op":"sub","session":"` + id + `","after":"0"}`
	say(a, sub)
	await(a, "end", nil)
	say(b, sub)
	await(b, "end", nil)
	await(a, "presence", func(d map[string]any) bool { return d["viewers"] == 2.0 })
	say(b, `{"op":"typing","session":"`+id+`","on":true}`)
	await(a, "presence", func(d map[string]any) bool { return d["typing"] == 1.0 })
	say(b, `{"op":"say","ref":"r2","session":"`+id+`","content":"and?"}`)
	await(a, "presence", func(d map[string]any) bool { return d["typing"] == 0.0 })
	turn := await(a, "turn", nil)
	if fmt.Sprint(turn["messages"]) != "[map[content:and? role:user]]" {
		t.Errorf("%+v", turn)
	}
	await(b, "end", nil)
	say(b, `{"op":"stop","ref":"r3","session":"`+id+`","turn":"none"}`)
	if e := await(b, "error", nil); e["status"] != 404.0 || e["code"] != "no_turn" {
		t.Errorf("%+v", e)
	}
	say(b, `{"op":"what","ref":"r4"}`)
	await(b, "error", nil)
	say(b, "not JSON")
	for {
		if _, _, err := b.Read(ctx); err != nil {
			if websocket.CloseStatus(err) != websocket.StatusInvalidFramePayloadData {
				t.Errorf("%v", err)
			}
			break
		}
	}
	await(a, "presence", func(d map[string]any) bool { return d["viewers"] == 1.0 })
	go s.Stop(context.Background()) // which waits for a to close its side, in Read
	for {
		if _, _, err := a.Read(ctx); err != nil {
			if websocket.CloseStatus(err) != websocket.StatusGoingAway {
				t.Errorf("%v", err)
			}
			break
		}
	}
}

func delta(text string) *chat.Delta { return &chat.Delta{Text: []byte(text)} }

// TestRecorderDecodes: compressed requests go on as they are and are recorded; what cannot
// be decoded, or comes to more than 64 MiB, goes on all the same.
func TestRecorderDecodes(t *testing.T) {
	var sent []byte
	s, _ := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, _ = io.ReadAll(r.Body)
		answers(nil, "yes").ServeHTTP(w, r)
	}))
	gzipped := func(text string) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte(text))
		_ = z.Close()
		return b.Bytes()
	}
	zstandard, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	zipped := func(text string) []byte { return zstandard.EncodeAll([]byte(text), nil) }
	question := body(true, "compressed")
	var wide bytes.Buffer
	z, err := zstd.NewWriter(&wide, zstd.WithWindowSize(128<<20))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = z.Write([]byte(question))
	_ = z.Flush() // so that its size is not known at the head of the frame
	_ = z.Close()
	// In frames of 1 MiB, since to compress all of it takes long.
	bomb := func(compress func(string) []byte) []byte {
		const head, frame = `{"model":"`, 1 << 20
		spaces := bytes.Repeat(compress(strings.Repeat(" ", frame)), (64<<20)/frame)
		return slices.Concat(compress(head), spaces, compress(question[len(head):]))
	}
	fits := strings.Replace(question, "compressed", strings.Repeat("x", 1<<20), 1)
	for _, tt := range []struct {
		name, encoding string
		body           []byte
		recorded       bool
	}{
		{"gzip", "gzip", gzipped(question), true},
		{"zstd", "zstd", zipped(question), true},
		{"zstd in two frames", "zstd", append(zipped(question[:20]), zipped(question[20:])...), true},
		{"1 MiB", "zstd", zipped(fits), true},
		{"a bomb, gzip", "gzip", bomb(gzipped), false},
		{"a bomb, zstd", "zstd", bomb(zipped), false},
		{"a window of 128 MiB", "zstd", wide.Bytes(), false},
		{"half of it", "zstd", zipped(question)[:30], false},
		{"no zstd", "zstd", []byte(question), false},
		{"another encoding", "br", []byte(question), false},
	} {
		reply := send(t, s, "POST", "/v1/chat/completions", string(tt.body), "Content-Type", "application/json", "Content-Encoding", tt.encoding)
		data, err := io.ReadAll(reply.Body)
		if err != nil || reply.StatusCode != 200 || !strings.HasSuffix(string(data), "[DONE]\n\n") {
			t.Errorf("%s: %d, %v", tt.name, reply.StatusCode, err)
		}
		if !bytes.Equal(sent, tt.body) {
			t.Errorf("%s: %d bytes went up, want %d", tt.name, len(sent), len(tt.body))
		}
		if id := reply.Header.Get("X-Oax-Session"); (id != "") != tt.recorded {
			t.Errorf("%s: recorded in %q", tt.name, id)
		}
	}
}

// TestRecorderModel: the model is kept as its endpoint knows it, so that the page can go on.
func TestRecorderModel(t *testing.T) {
	s, _ := start(t, answers(nil, "yes"))
	id := relayed(t, s, strings.Replace(body(true, "x"), `"model":"m"`, `"model":"team/gpt"`, 1))
	var full fullView
	call(t, s, "GET", "/api/sessions/"+id, "", 200, &full)
	if m := full.Items[0].Messages; full.Profile == nil || *full.Profile != "team" || len(m) != 1 {
		t.Fatalf("%+v", full)
	}
	e, _ := s.entry(id)
	x, err := s.config.Store.Load(e)
	if err != nil {
		t.Fatal(err)
	}
	if profile, model := x.LastAsked(); profile != "team" || model != "gpt" {
		t.Errorf("asked %s of %s", model, profile)
	}
}

// FuzzReadRequest: any body is read or refused. What was read says the same again when it is
// written as the page gets it, and the part of the model that is cut out leaves JSON.
func FuzzReadRequest(f *testing.F) {
	f.Add([]byte(body(true, "one", "two", "three")))
	f.Add([]byte(`{"model":"team/m","messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:"}}]}]}`))
	f.Add([]byte(`{"model":"m","model":"team/\u002f","messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":"x"}]}`))
	f.Add([]byte(`{"messages":[{"role":"user","content":[{"type":"<text","text":"a"},{"type":"image_url","image_url":{"url":"data:"}}]}]}`)) // encoded anew it is \u003ctext
	f.Add([]byte(`{"messages":[{"role":"developer","content":"be brief","name":"n"},{"role":"user","content":""}],"max_tokens":3}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		from, to := modelValue(body)
		if from < 0 || to < from || to > len(body) {
			t.Fatalf("the model lies from %d to %d of %d", from, to, len(body))
		}
		if name, _, found := bytes.Cut(body[from:to], []byte("/")); found && json.Valid(body) && !bytes.Contains(name, []byte(`\`)) {
			if cut := slices.Concat(body[:from], body[from+len(name)+1:]); !json.Valid(cut) {
				t.Errorf("without its profile it is %q", cut)
			}
		}
		r := httptest.NewRequest("POST", "/v1/chat/completions", nil)
		q, ok := recording.Read(r, body)
		if !ok {
			return
		}
		again, data := asSent(t, q.Messages)
		other, ok := completions.Messages(again)
		if _, want := asSent(t, other); !ok || !reflect.DeepEqual(data, want) {
			t.Errorf("%s is read as something else", again)
		}
	})
}

// asSent returns messages as the page gets them, and what that says.
func asSent(t *testing.T, messages []chat.Message) (sent []json.RawMessage, said []any) {
	for _, m := range messages {
		data, err := json.Marshal(live.MessageOf(m))
		var decoded any
		if err == nil {
			err = json.Unmarshal(data, &decoded)
		}
		if err != nil {
			t.Fatal(err)
		}
		sent, said = append(sent, data), append(said, decoded)
	}
	return sent, said
}

// TestRecorderResponses: chats of the Responses API are recorded, whichever API the profile
// has, and a client that repeats its history goes on with its session.
func TestRecorderResponses(t *testing.T) {
	s, _ := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "data: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\",\"output\":["+
			"{\"type\":\"reasoning\",\"encrypted_content\":\"e\"},{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"yes\"}]}]}}\n\n")
	}))
	ask := func(body string) (id string) {
		t.Helper()
		reply := send(t, s, "POST", "/v1/responses", body, "Content-Type", "application/json")
		if text, err := io.ReadAll(reply.Body); err != nil || !strings.Contains(string(text), "response.completed") {
			t.Errorf("%s, %v", text, err)
		}
		return reply.Header.Get("X-Oax-Session")
	}
	first := ask(`{"model":"m","instructions":"be brief","input":"one"}`)
	next := ask(`{"model":"m","instructions":"be brief","input":[{"role":"user","content":"one"},{"type":"reasoning","encrypted_content":"e"},` +
		`{"type":"message","role":"assistant","content":[{"type":"output_text","text":"yes"}]},{"role":"user","content":[{"type":"input_text","text":"two"}]}]}`)
	var full fullView
	call(t, s, "GET", "/api/sessions/"+first, "", 200, &full)
	if first == "" || next != first || len(full.Items) != 2 || full.Items[1].Answer.Text != "yes" || full.Items[1].Answer.State != "complete" || full.Items[1].Messages[0].Content != "two" {
		t.Errorf("%q, then %q: %+v", first, next, full)
	}
	if id := ask(`{"model":"m","input":"three","conversation":"c"}`); id != "" {
		t.Errorf("a chat that the service keeps is in the session %s", id)
	}
}

// TestRecorderPreviousResponse: a request that names the response before it, in place of the
// history, goes on with the session of that response, or makes a branch; one of a response
// that nobody knows is a session of its own.
func TestRecorderPreviousResponse(t *testing.T) {
	n := 0
	s, _ := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q struct {
			Stream   bool
			Messages []json.RawMessage
		}
		_ = json.NewDecoder(r.Body).Decode(&q)
		n++
		response := fmt.Sprintf(`{"id":"resp_%d","object":"response","status":"completed","output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"answer %d"}]}]}`, n, n)
		if !q.Stream {
			io.WriteString(w, response)
			return
		}
		fmt.Fprintf(w, "data: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_%d\"}}\n\ndata: {\"type\":\"response.completed\",\"response\":%s}\n\n", n, response)
	}))
	ask := func(body string, header ...string) (id string) {
		t.Helper()
		reply := send(t, s, "POST", "/v1/responses", body, append([]string{"Content-Type", "application/json"}, header...)...)
		if _, err := io.ReadAll(reply.Body); err != nil {
			t.Error(err)
		}
		return reply.Header.Get("X-Oax-Session")
	}
	prompts := func(id string) (all []string) {
		var full fullView
		call(t, s, "GET", "/api/sessions/"+id, "", 200, &full)
		for _, turn := range full.Items {
			for _, m := range turn.Messages {
				all = append(all, fmt.Sprint(m.Content))
			}
			all = append(all, turn.Answer.Text)
		}
		return all
	}
	first := ask(`{"model":"m","stream":true,"input":"one"}`)
	second := ask(`{"model":"m","input":"two","previous_response_id":"resp_1"}`)
	third := ask(`{"model":"m","stream":true,"input":[{"role":"user","content":"three"}],"previous_response_id":"resp_2"}`)
	if want := []string{"one", "answer 1", "two", "answer 2", "three", "answer 3"}; second != first || third != first || !slices.Equal(prompts(first), want) {
		t.Errorf("sessions %s, %s, %s; %q", first, second, third, prompts(first))
	}
	branch := ask(`{"model":"m","stream":true,"input":"else","previous_response_id":"resp_1"}`)
	if want := []string{"one", "answer 1", "else", "answer 4"}; branch == first || !slices.Equal(prompts(branch), want) {
		t.Errorf("a branch is in %s: %q", branch, prompts(branch))
	}
	if id := ask(`{"model":"m","stream":true,"input":"more","previous_response_id":"resp_4"}`); id != branch {
		t.Errorf("what goes on with the branch is in %s", id)
	}
	if id := ask(`{"model":"m","stream":true,"input":[{"role":"user","content":"one"},{"role":"assistant","content":"answer 1"},{"role":"user","content":"two"},{"role":"assistant","content":"answer 2"},{"role":"user","content":"three"},{"role":"assistant","content":"answer 3"},{"role":"user","content":"four"}]}`); id != first {
		t.Errorf("the whole history is in %s", id)
	}
	unknown := ask(`{"model":"m","stream":true,"input":"one","previous_response_id":"resp_of_another"}`)
	if want := []string{"one", "answer 7"}; unknown == first || !slices.Equal(prompts(unknown), want) {
		t.Errorf("after an unknown response: %s, %q", unknown, prompts(unknown))
	}
	if id := ask(`{"model":"m","stream":true,"input":"two","previous_response_id":"resp_7"}`); id != unknown {
		t.Errorf("what goes on with it is in %s", id)
	}
	named := ask(`{"model":"m","input":"mine"}`, "X-Session-Id", "a name")
	for i, response := range []string{"resp_3", "resp_1"} { // the end of a turn that the named session lacks, and of one that it has
		prompt := fmt.Sprint("other ", i)
		id := ask(fmt.Sprintf(`{"model":"m","input":%q,"previous_response_id":%q}`, prompt, response), "X-Session-Id", "a name")
		if want := []string{prompt, fmt.Sprint("answer ", 10+i)}; !slices.Equal(prompts(id), want) {
			t.Errorf("after a response of another session than the named one: %s, %q", id, prompts(id))
		}
	}
	if want := []string{"mine", "answer 9"}; !slices.Equal(prompts(named), want) {
		t.Errorf("the named session has %q", prompts(named))
	}
}

// heardWriter tells heard of each piece of a reply.
type heardWriter struct {
	*httptest.ResponseRecorder
	heard func(piece string)
}

func (w heardWriter) Write(p []byte) (int, error) {
	w.heard(string(p))
	return w.ResponseRecorder.Write(p)
}

// TestRecorderSavesBeforeTheEnd: a client gets the mark of an answer's end once the answer is
// saved, and need not wait for that to get what comes before it in the same piece.
func TestRecorderSavesBeforeTheEnd(t *testing.T) {
	for _, tt := range []struct{ name, text, reply string }{
		{"in one piece", "all of it", "data: {\"choices\":[{\"delta\":{\"content\":\"all of it\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"},
		{"the mark is in the text", "[DONE]", "data: {\"choices\":[{\"delta\":{\"content\":\"[DONE]\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"},
		{"followed by a comment", "x", "data: {\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}\r\n\r\ndata: [DONE]\r\n\r\n: bye\r\n\r\n"},
		{"not streamed", "whole", `{"choices":[{"message":{"role":"assistant","content":"whole"},"finish_reason":"stop"}]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			arrived := make(chan bool)
			s, _ := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.WriteString(w, tt.reply)
				if tt.reply[0] != '{' { // the mark ends the answer, and not the end of the body
					w.(http.Flusher).Flush()
					select {
					case <-arrived:
					case <-r.Context().Done():
					}
				}
			}))
			r := httptest.NewRequest("POST", s.URL()+"v1/chat/completions", strings.NewReader(body(true, "x")))
			r.Header.Set("Authorization", "Bearer "+apiToken(s))
			r.Header.Set("Content-Type", "application/json")
			w := heardWriter{ResponseRecorder: httptest.NewRecorder()}
			got, saved := "", []bool{}
			w.heard = func(piece string) {
				e, failure := s.entry(w.Header().Get("X-Oax-Session"))
				if failure != nil {
					t.Fatal(failure)
				}
				x, err := s.config.Store.Load(e)
				if err != nil {
					t.Fatal(err)
				}
				last := x.Messages[len(x.Messages)-1]
				saved = append(saved, last.State == chat.Complete && last.Text == tt.text)
				if got += piece; got == tt.reply {
					close(arrived)
				}
			}
			s.http.Handler.ServeHTTP(w, r)
			if got != tt.reply {
				t.Errorf("the client gets %q", got)
			}
			wanted := []bool{false, true} // after each piece
			if tt.text == "[DONE]" || tt.reply[0] == '{' {
				wanted = []bool{true}
			}
			if !slices.Equal(saved, wanted) {
				t.Errorf("it is saved before each piece: %v, want %v", saved, wanted)
			}
		})
	}
}

// TestSystemWithin: a system message behind others counts in a history, for a server that
// begins later too; those that a request begins with do not.
func TestSystemWithin(t *testing.T) {
	var status atomic.Int32
	endpoint := httptest.NewServer(echo(&status))
	defer endpoint.Close()
	dir := t.TempDir()
	said := func(s *Server, messages ...string) string {
		for i, m := range messages {
			role, text, _ := strings.Cut(m, ":")
			messages[i] = fmt.Sprintf(`{"role":%q,"content":%q}`, role, text)
		}
		return relayed(t, s, `{"model":"m","messages":[`+strings.Join(messages, ",")+`]}`)
	}
	s := startIn(t, dir, endpoint.URL)
	chat := said(s, "system:be brief", "user:one")
	if got := said(s, "system:be kind", "user:one", "assistant:ONE", "system:remember", "user:two"); got != chat {
		t.Errorf("the second request is recorded in %s, not in %s", got, chat)
	}
	s.Stop(t.Context())
	s = startIn(t, dir, endpoint.URL)
	if got := said(s, "user:one", "assistant:ONE", "system:remember", "user:two", "assistant:TWO", "user:three"); got != chat {
		t.Errorf("after a restart the third request is recorded in %s, not in %s", got, chat)
	}
	branch := said(s, "user:one", "assistant:ONE", "system:forget", "user:two", "assistant:TWO", "user:three")
	e, failure := s.entry(branch)
	if failure != nil || branch == chat {
		t.Fatalf("with another system message within it is recorded in %s, of %s", branch, chat)
	}
	x, err := s.config.Store.Load(e)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range x.Messages {
		if m.Text == "remember" {
			t.Error("the branch has the system message of a turn that is not in it")
		}
	}
}
