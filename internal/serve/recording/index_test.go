package recording

import (
	"fmt"
	"maps"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"oax/internal/chat"
	"oax/internal/session"
)

// body returns a request with messages, of which user and assistant take turns.
func body(texts ...string) string {
	var messages []string
	for i, text := range texts {
		messages = append(messages, fmt.Sprintf(`{"role":%q,"content":%q}`, []string{"user", "assistant"}[i%2], text))
	}
	return `{"model":"m","messages":[` + strings.Join(messages, ",") + `]}`
}

// recordBody records a request whose answer is its last message in capitals; fails is whether there
// is none. It returns the session.
func recordBody(t *testing.T, x *Index, fails bool, body string, header ...string) string {
	t.Helper()
	r := httptest.NewRequest("POST", "/v1/chat/completions", nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	q, ok := Read(r, []byte(body))
	if !ok {
		t.Fatalf("nothing is recorded of %s", body)
	}
	turn, err := x.Slot().Begin(q, "p")
	if err != nil {
		t.Fatal(err)
	}
	var answer *chat.Message
	if fails {
		err = turn.Fail("500", "the endpoint answered 500")
	} else {
		answer = &chat.Message{Role: chat.Assistant, Text: strings.ToUpper(q.Messages[len(q.Messages)-1].Text), State: chat.Complete}
		err = turn.Finish(*answer)
	}
	if err != nil {
		t.Fatal(err)
	}
	turn.Close()
	turn.Ended(answer, "")
	return turn.ID()
}

// TestIndexIsThatOfTheFiles: what the index takes in of a turn that was recorded is what it
// would read in the session's file: the answers, the prompts without one, and the names.
func TestIndexIsThatOfTheFiles(t *testing.T) {
	store := session.New(session.Options{Dir: t.TempDir()})
	x := NewIndex(store, time.Now)
	x.Refresh() // there is nothing yet
	first := recordBody(t, x, false, body("one"))
	recordBody(t, x, false, body("one", "ONE", "two"))
	recordBody(t, x, false, body("one", "ONE", "two", "TWO", "three"))
	if again := recordBody(t, x, false, body("one", "ONE", "two", "TWO", "three")); again != first {
		t.Errorf("asked again it is in %s, not in %s", again, first)
	}
	if branch := recordBody(t, x, false, body("one", "ONE", "changed")); branch == first {
		t.Error("another history is in the same session")
	}
	recordBody(t, x, false, body("named"), "X-Session-Id", "a name")
	recordBody(t, x, false, `{"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"data:,x"}}]},
		{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"tool says"}]}`)
	recordBody(t, x, false, `{"model":"m","messages":[{"role":"user","content":"first"},{"role":"assistant","content":"FIRST"},{"role":"system","content":"within"},{"role":"user","content":"second"}]}`)
	recordBody(t, x, true, body("failed for good"))
	failed := recordBody(t, x, true, body("failed once"))
	recordBody(t, x, true, body("one", "ONE", "two", "TWO", "three", "THREE", "failed here"))
	if again := recordBody(t, x, false, body("failed once")); again != failed {
		t.Errorf("what failed is asked again in %s, not in %s", again, failed)
	}

	files := NewIndex(store, time.Now)
	files.Refresh()
	if len(files.places) != 8 || len(files.failed) != 2 || len(files.names) != 1 {
		t.Fatalf("the files have %d answers, %d failures, %d names", len(files.places), len(files.failed), len(files.names))
	}
	for _, tt := range []struct {
		name        string
		got, wanted map[digest]place
	}{{"answers", x.places, files.places}, {"failures", x.failed, files.failed}} {
		if !maps.EqualFunc(tt.got, tt.wanted, func(a, b place) bool { return a.entry.ID == b.entry.ID && a.turns == b.turns }) {
			t.Errorf("%s: the index has %v, the files %v", tt.name, slices.Collect(maps.Values(tt.got)), slices.Collect(maps.Values(tt.wanted)))
		}
	}
	if !maps.EqualFunc(x.names, files.names, func(a, b session.Entry) bool { return a.ID == b.ID }) {
		t.Errorf("names: the index has %v, the files %v", x.names, files.names)
	}
}

// TestHelperBesideAChat: a helper that repeats a chat under a system message of its own is no part
// of the chat, which goes on as if nothing had been asked; one request more with few tokens is.
func TestHelperBesideAChat(t *testing.T) {
	x := NewIndex(session.New(session.Options{Dir: t.TempDir()}), time.Now)
	said := func(system string, limit int, texts ...string) string {
		whole := body(texts...)
		system = fmt.Sprintf(`"messages":[{"role":"system","content":%q},`, system)
		return strings.Replace(whole, `"messages":[`, fmt.Sprintf(`"max_tokens":%d,`, limit)+system, 1)
	}
	const agent, memory = "You are an agent.", "You are the memory subagent of an agent."
	chat := recordBody(t, x, false, said(agent, 4000, "one"))
	helper := recordBody(t, x, false, said(memory, 4000, "one", "ONE", "what is to be kept?"))
	if helper == chat {
		t.Error("the helper is in the chat")
	}
	if again := recordBody(t, x, false, said(memory, 4000, "one", "ONE", "what is to be kept?", "WHAT IS TO BE KEPT?", "go on")); again != helper {
		t.Errorf("the helper goes on in %s, not in %s", again, helper)
	}
	for i, limit := range []int{4000, 50, 4000} {
		texts := []string{"one", "ONE", "two", "TWO", "three", "THREE", "four"}
		if got := recordBody(t, x, false, said(agent, limit, texts[:2*i+3]...)); got != chat {
			t.Errorf("turn %d of the chat is in %s, not in %s", i+2, got, chat)
		}
	}
}

// TestResponseIDs: the IDs of responses are bounded.
func TestResponseIDs(t *testing.T) {
	answer := chat.Message{Role: chat.Assistant, Text: "x"}
	for length, want := range map[int]int{maxResponseID: 1, maxResponseID + 1: 0} {
		x := NewIndex(session.New(session.Options{Dir: t.TempDir()}), time.Now)
		x.said(match{}, session.Entry{}, &answer, strings.Repeat("r", length))
		if len(x.responses) != want {
			t.Errorf("an ID of %d bytes: %d are kept", length, len(x.responses))
		}
	}
}

// TestRefreshOnce: of those who wait for the index to be refreshed one reads for all; who comes
// later reads again.
func TestRefreshOnce(t *testing.T) {
	var clock atomic.Int64 // looked at by each as it comes, and by who reads as it begins
	now := func() time.Time { return time.Unix(clock.Add(1), 0) }
	x := NewIndex(session.New(session.Options{Dir: t.TempDir()}), now)
	x.refreshing.Lock()
	var all sync.WaitGroup
	for range 5 {
		all.Go(x.Refresh)
	}
	for clock.Load() < 5 {
		runtime.Gosched()
	}
	x.refreshing.Unlock()
	all.Wait()
	if n := clock.Load() - 5; n != 1 {
		t.Errorf("%d of five read", n)
	}
	x.Refresh()
	if n := clock.Load() - 5; n != 3 {
		t.Errorf("who comes later does not read: %d", n)
	}
}
