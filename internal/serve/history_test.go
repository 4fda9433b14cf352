package serve

import (
	"encoding/json"
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

	"oax/internal/session"
)

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

// TestIndexIsThatOfTheFiles: what the index takes in of a turn that was recorded is what it
// would read in the session's file: the answers, the prompts without one, and the names.
func TestIndexIsThatOfTheFiles(t *testing.T) {
	var status atomic.Int32
	s, _ := start(t, echo(&status))
	s.turns.Wait() // for the first reading of the history, in which there is nothing
	relayed(t, s, body(true, "one"))
	relayed(t, s, body(false, "one", "ONE", "two"))
	relayed(t, s, body(true, "one", "ONE", "two", "TWO", "three"))
	relayed(t, s, body(true, "one", "ONE", "two", "TWO", "three")) // asked again
	relayed(t, s, body(true, "one", "ONE", "changed"))
	relayed(t, s, body(true, "named"), "X-Session-Id", "a name")
	relayed(t, s, `{"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"data:,x"}}]},
		{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"tool says"}]}`)
	relayed(t, s, `{"model":"m","messages":[{"role":"user","content":"first"},{"role":"assistant","content":"FIRST"},{"role":"system","content":"within"},{"role":"user","content":"second"}]}`)
	status.Store(500)
	relayed(t, s, body(true, "failed for good"))
	relayed(t, s, body(true, "failed once"))
	relayed(t, s, body(true, "one", "ONE", "two", "TWO", "three", "THREE", "failed here"))
	status.Store(0)
	relayed(t, s, body(true, "failed once"))

	if len(s.rooms) != 0 {
		t.Errorf("%d rooms are left of what nobody watched", len(s.rooms))
	}
	files := newIndex(s.config.Store, s.config.Now)
	files.refresh()
	s.index.mu.Lock()
	defer s.index.mu.Unlock()
	if len(files.places) != 8 || len(files.failed) != 2 || len(files.names) != 1 {
		t.Fatalf("the files have %d answers, %d failures, %d names", len(files.places), len(files.failed), len(files.names))
	}
	for _, tt := range []struct {
		name        string
		got, wanted map[digest]place
	}{{"answers", s.index.places, files.places}, {"failures", s.index.failed, files.failed}} {
		if !maps.EqualFunc(tt.got, tt.wanted, func(a, b place) bool { return a.entry.ID == b.entry.ID && a.turns == b.turns }) {
			t.Errorf("%s: the index has %v, the files %v", tt.name, slices.Collect(maps.Values(tt.got)), slices.Collect(maps.Values(tt.wanted)))
		}
	}
	if !maps.EqualFunc(s.index.names, files.names, func(a, b session.Entry) bool { return a.ID == b.ID }) {
		t.Errorf("names: the index has %v, the files %v", s.index.names, files.names)
	}
}

// TestSameHistory: programs send a history back in words of their own.
func TestSameHistory(t *testing.T) {
	call := func(arguments string) string {
		return fmt.Sprintf(`{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":%q}}]}`, arguments)
	}
	for name, test := range map[string]struct {
		one, other string
		same       bool
	}{
		"spaces of arguments": {call(`{"b": "x",  "a": 1.0}`), call(`{"b":"x","a":1}`), true},
		"order of arguments":  {call(`{"b":1,"a":2}`), call(`{"a":2,"b":1}`), true},
		"no arguments":        {call(``), call(`{}`), true},
		"other arguments":     {call(`{"a":1}`), call(`{"a":2}`), false},
		"broken arguments":    {call(`{"a":1`), call(`{"a":1}`), false},
		"no text":             {call(`{}`), strings.Replace(call(`{}`), "null", `""`, 1), true},
		"text in a part":      {`{"role":"user","content":"a"}`, `{"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]}`, true},
		"result in a part":    {`{"role":"tool","tool_call_id":"a","content":"a"}`, `{"role":"tool","tool_call_id":"a","name":"f","content":[{"type":"text","text":"a"}]}`, true},
		"white space":         {`{"role":"assistant","content":"a \n"}`, `{"role":"assistant","content":"a"}`, true},
		"reasoning":           {`{"role":"assistant","content":"a"}`, `{"role":"assistant","content":"a","reasoning_content":"b"}`, true},
		"another role":        {`{"role":"assistant","content":"a"}`, `{"role":"user","content":"a"}`, false},
	} {
		var digests []digest
		for _, m := range []string{test.one, test.other} {
			messages, ok := readMessages([]json.RawMessage{json.RawMessage(m)})
			if !ok {
				t.Fatal(m)
			}
			digests = append(digests, digestOf(messages))
		}
		if (digests[0] == digests[1]) != test.same {
			t.Errorf("%s: the same: %v", name, !test.same)
		}
	}
}

// TestRefreshOnce: of those who wait for the index to be refreshed one reads for all; who comes
// later reads again.
func TestRefreshOnce(t *testing.T) {
	var clock atomic.Int64 // looked at by each as it comes, and by who reads as it begins
	now := func() time.Time { return time.Unix(clock.Add(1), 0) }
	x := newIndex(session.New(session.Options{Dir: t.TempDir()}), now)
	x.refreshing.Lock()
	var all sync.WaitGroup
	for range 5 {
		all.Go(x.refresh)
	}
	for clock.Load() < 5 {
		runtime.Gosched()
	}
	x.refreshing.Unlock()
	all.Wait()
	if n := clock.Load() - 5; n != 1 {
		t.Errorf("%d of five read", n)
	}
	x.refresh()
	if n := clock.Load() - 5; n != 3 {
		t.Errorf("who comes later does not read: %d", n)
	}
}
