package serve

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
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

// TestTape: of a long reply the end is kept, of many replies those of the last minutes.
func TestTape(t *testing.T) {
	var ts tapes
	now := time.Unix(1e9, 0)
	a := ts.begin("a", now, func() {})
	piece := []byte(strings.Repeat("x", 1<<20))
	for range 20 {
		a.Write(piece)
	}
	if len(a.data) > 2*maxTape || a.dropped+len(a.data) != 20<<20 {
		t.Errorf("%d bytes are kept, %d dropped", len(a.data), a.dropped)
	}
	if _, _, _, ok := a.after(0); ok {
		t.Error("what was dropped is there")
	}
	if got, more, _, ok := a.after(20<<20 - 3); !ok || len(got) != 3 || more == nil {
		t.Errorf("the end is %q, %v", got, ok)
	}
	a.end(now, false)
	if ts.find("a", now.Add(tapeAge)) != a || ts.find("a", now.Add(tapeAge+1)) != nil {
		t.Error("it is kept for another time than 5 minutes")
	}
	for i := range 2 * maxTapes {
		ts.begin(itoa(i), now.Add(time.Duration(i)), func() {}).end(now, false)
	}
	if len(ts.known) > maxTapes || ts.known["511"] == nil || ts.known["0"] != nil {
		t.Errorf("%d are kept", len(ts.known))
	}
}

// TestTapesTogether: all tapes are bounded together. Those that ended go first, then the
// longest lose what came first; a reader of what is gone is not left waiting.
func TestTapesTogether(t *testing.T) {
	var ts tapes
	now := time.Unix(1e9, 0)
	piece := []byte(strings.Repeat("x", 1<<20))
	kept := func() (n int) {
		for _, tape := range ts.known {
			n += len(tape.data)
		}
		return n
	}
	for i := range 60 { // of 2 MiB each
		a := ts.begin(itoa(i), now.Add(time.Duration(i)), func() {})
		a.Write(piece)
		a.Write(piece)
		if i != 40 {
			a.end(now, false)
		}
		if kept() > maxTapesAll || kept() != ts.size {
			t.Fatalf("%d bytes are kept, %d counted", kept(), ts.size)
		}
	}
	if ts.known["40"] == nil || ts.known["59"] == nil || ts.known["0"] != nil || len(ts.known) != 32 {
		t.Errorf("%d replies are kept", len(ts.known))
	}
	running := ts.known["40"]
	_, more, _, _ := running.after(2 << 20)
	ts.begin("40", now, func() {})
	running.Write(piece)
	select {
	case <-more:
	default:
		t.Error("who reads a reply that another one replaced waits for ever")
	}
	if _, _, _, ok := running.after(2 << 20); ok {
		t.Error("what was replaced can be read")
	}
	for i := range 70 { // which all run
		a := ts.begin("r"+itoa(i), now, func() {})
		a.Write(piece)
		if _, _, _, ok := a.after(1 << 20); !ok {
			t.Fatalf("%d: what came last is not kept", i)
		}
	}
	if kept() > maxTapesAll || kept() != ts.size {
		t.Errorf("%d bytes are kept, %d counted", kept(), ts.size)
	}
}
