package serve

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/session"
	"oax/internal/session/record"
)

// longSession saves a chat of n turns in the store of a server, each with 1 KB of Markdown.
func longSession(t testing.TB, s *Server, n int) session.Entry {
	t.Helper()
	answer := strings.Repeat("A *paragraph* with `code` and [a link](https://example.com/) in it, as answers have them.\n\n", 11)
	var records []record.Message
	for i := range n {
		turn := fmt.Sprintf("%06d", i)
		records = append(records,
			record.Message{Message: chat.Message{Role: chat.User, Text: fmt.Sprint("question ", i)}, Turn: turn},
			record.Message{Message: chat.Message{Role: chat.Assistant, Text: fmt.Sprint("answer ", i, "\n\n", answer), State: chat.Complete}, Turn: turn})
	}
	other := session.New(session.Options{Dir: filepath.Join(filepath.Dir(s.config.StateDir), "sessions")})
	w, err := other.Create(records...)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Finish(chat.Message{Role: chat.Assistant, Text: "the end", State: chat.Complete}); err != nil {
		t.Fatal(err)
	}
	w.Close()
	return w.Entry()
}

// BenchmarkOpen opens a chat of 10,000 turns, whole and its last 50 turns.
func BenchmarkOpen(b *testing.B) {
	s := startIn(b, b.TempDir(), "http://127.0.0.1:1")
	e := longSession(b, s, 10_000)
	for _, query := range []string{"", "?html=1", "?limit=50", "?html=1&limit=50"} {
		b.Run(query, func(b *testing.B) {
			for b.Loop() {
				r, _ := http.NewRequest("GET", s.URL()+"api/sessions/"+e.ID+query, nil)
				r.Header.Set("Authorization", "Bearer "+webToken(s))
				reply, err := http.DefaultClient.Do(r)
				if err != nil {
					b.Fatal(err)
				}
				n, _ := io.Copy(io.Discard, reply.Body)
				reply.Body.Close()
				b.SetBytes(n)
			}
		})
	}
}

// BenchmarkRelay relays answers of 100 tokens that come one by one; ns/op is of an answer.
func BenchmarkRelay(b *testing.B) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		for range 100 {
			_, _ = io.WriteString(w, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"token \"}}]}\n\n")
			w.(http.Flusher).Flush()
			runtime.Gosched()
		}
		_, _ = io.WriteString(w, "data: [DONE]\n\n")
	}))
	defer upstream.Close()
	s := startIn(b, b.TempDir(), upstream.URL)
	n := 0
	for b.Loop() {
		n++
		r, _ := http.NewRequest("POST", s.URL()+"v1/chat/completions", strings.NewReader(body(true, fmt.Sprint("question ", n))))
		r.Header.Set("Authorization", "Bearer "+apiToken(s))
		r.Header.Set("Content-Type", "application/json")
		reply, err := http.DefaultClient.Do(r)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, reply.Body)
		reply.Body.Close()
	}
}
