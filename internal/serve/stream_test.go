package serve

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"
)

// TestStreamResume: a client that named its conversation gets the same bytes again from any
// offset on, while they arrive and after, and stops the answer.
func TestStreamResume(t *testing.T) {
	gate := make(chan bool)
	s, _ := start(t, answers(gate, "one", "two"))
	ask := func() *http.Response {
		return send(t, s, "POST", "/v1/chat/completions", body(true, "x"), "Content-Type", "application/json", "X-Conversation-Id", "c1")
	}
	first := ask()
	gate <- true
	seen := make([]byte, 20)
	if _, err := io.ReadFull(first.Body, seen); err != nil {
		t.Fatal(err)
	}
	second := send(t, s, "GET", "/v1/stream?conv_id=c1&from=20", "")
	if second.StatusCode != 200 || second.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%d %v", second.StatusCode, second.Header)
	}
	lookUp := func() (found []map[string]any) {
		reply := send(t, s, "POST", "/v1/streams/lookup", `{"conversation_ids":["none","c1"]}`, "Content-Type", "application/json")
		if err := json.NewDecoder(reply.Body).Decode(&found); err != nil {
			t.Fatal(err)
		}
		return found
	}
	if found := lookUp(); len(found) != 1 || found[0]["conversation_id"] != "c1" || found[0]["is_done"] != false {
		t.Errorf("%v", found)
	}
	gate <- true
	rest, err := io.ReadAll(first.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(second.Body); err != nil || string(got) != string(rest) {
		t.Errorf("%q, %v, want %q", got, err, rest)
	}
	whole := string(seen) + string(rest)
	for _, from := range []int{0, 1, len(whole) - 1, len(whole)} {
		reply := send(t, s, "GET", "/v1/stream?conv_id=c1&from="+itoa(from), "")
		if got, err := io.ReadAll(reply.Body); err != nil || string(got) != whole[from:] {
			t.Errorf("from %d: %q, %v", from, got, err)
		}
	}
	if found := lookUp(); len(found) != 1 || found[0]["is_done"] != true || found[0]["total_bytes"] != float64(len(whole)) {
		t.Errorf("%v", found)
	}
	for path, want := range map[string]int{"?conv_id=c1&from=" + itoa(len(whole)+1): 400, "?conv_id=c1&from=x": 400, "?conv_id=c1&from=-1": 400, "?conv_id=c2": 404, "": 404} {
		if reply := send(t, s, "GET", "/v1/stream"+path, ""); reply.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, reply.StatusCode, want)
		}
	}
	again := ask()
	gate <- true
	if _, err := io.ReadFull(again.Body, seen); err != nil { // so "one" has come
		t.Fatal(err)
	}
	for range 2 {
		if reply := send(t, s, "DELETE", "/v1/stream?conv_id=c1", ""); reply.StatusCode != 204 {
			t.Errorf("a stop: %d", reply.StatusCode)
		}
	}
	if _, err := io.ReadAll(again.Body); err == nil {
		t.Error("a stopped answer looks whole")
	}
	var full fullView
	call(t, s, "GET", "/api/sessions/"+again.Header.Get("X-Oax-Session"), "", 200, &full)
	if a := full.Items[len(full.Items)-1].Answer; a.Text != "one" || a.State != "incomplete" || *a.Why != "stopped" {
		t.Errorf("%+v", a)
	}
}

func itoa(n int) string {
	data, _ := json.Marshal(n)
	return string(data)
}
