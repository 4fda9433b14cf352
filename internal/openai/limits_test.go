package openai_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"oax/internal/chat"
	. "oax/internal/openai"
)

// patient returns limits of which one is short. What is behind them never comes, so that
// a busy machine makes no difference.
func patient(shorten func(*Limits)) Limits {
	l := DefaultLimits()
	shorten(&l)
	return l
}

// TestSendTimeout: a server that takes the connection and reads nothing of a long prompt.
func TestSendTimeout(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	limits := patient(func(l *Limits) { l.Send = 100 * time.Millisecond })
	c := newClient(Config{BaseURL: "http://" + listener.Addr().String(), Limits: limits})
	defer c.Close()
	_, err = c.Stream(t.Context(), Request{Messages: []chat.Message{{Role: chat.User, Text: strings.Repeat("x", 16<<20)}}})
	failure, ok := err.(*Error)
	if !ok || failure.Kind != SendTimeout || failure.Limit != limits.Send || failure.Tries != 1 {
		t.Errorf("%+v", err)
	}
}

// slowTransport takes a mebibyte of a request at a time, and waits after each.
type slowTransport struct{ wait time.Duration }

func (s slowTransport) RoundTrip(hr *http.Request) (*http.Response, error) {
	httptrace.ContextClientTrace(hr.Context()).GotConn(httptrace.GotConnInfo{})
	for buf := make([]byte, 1<<20); ; {
		_, err := io.ReadFull(hr.Body, buf)
		select {
		case <-time.After(s.wait):
		case <-hr.Context().Done():
			return nil, hr.Context().Err()
		}
		if err != nil {
			break
		}
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(finishEvent + doneEvent))}, nil
}

// TestSlowSending: as long as a server takes something of a long prompt now and then, that
// may take hours.
func TestSlowSending(t *testing.T) {
	for wait, want := range map[time.Duration]Kind{299 * time.Second: "", 301 * time.Second: SendTimeout} {
		synctest.Test(t, func(t *testing.T) {
			observe := func(http.RoundTripper) http.RoundTripper { return slowTransport{wait} }
			c := newClient(Config{BaseURL: "http://a.example", Limits: DefaultLimits(), Observe: observe})
			begun := time.Now()
			_, err := askFor(t.Context(), c, strings.Repeat("x", 14<<20))
			if took := time.Since(begun); kindOf(err) != want || want == "" && took < time.Hour || want != "" && took != 300*time.Second {
				t.Errorf("%v after %v", err, took)
			}
			time.Sleep(time.Minute) // by then nothing of the stream runs any more
		})
	}
}

// TestModelsStall: a list of models that stops in the middle.
func TestModelsStall(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"data":[{"id":"a"}`)
		w.(http.Flusher).Flush()
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer server.Close()
	defer close(release)
	limits := patient(func(l *Limits) { l.Silence = 50 * time.Millisecond })
	c := newClient(Config{BaseURL: server.URL, Limits: limits})
	defer c.Close()
	_, err := c.Models(t.Context())
	if failure, ok := err.(*Error); !ok || failure.Kind != ReplyTimeout || failure.Limit != limits.Silence {
		t.Errorf("%+v", err)
	}
}

// roundTrip is a transport that is one function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(hr *http.Request) (*http.Response, error) { return f(hr) }

// TestSlowModels: as long as something comes of a list of models, it may take an hour.
func TestSlowModels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		body := play(append(drip(`{"data":[{"id":"a-model-with-a-name"}]}`, 119*time.Second), end))
		reply := roundTrip(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: body}, nil
		})
		c := newClient(Config{BaseURL: "http://a.example", Limits: DefaultLimits(), Observe: func(http.RoundTripper) http.RoundTripper { return reply }})
		begun := time.Now()
		models, err := c.Models(t.Context())
		if took := time.Since(begun); err != nil || len(models) != 1 || took < time.Hour {
			t.Errorf("%v, %v after %v", models, err, took)
		}
	})
}
