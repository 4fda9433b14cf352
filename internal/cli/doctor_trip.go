package cli

import (
	"crypto/tls"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"
)

// trip is how far one request came, and how long each part of the way took. What never
// happened is zero.
type trip struct {
	begun     time.Time
	host      string   // whose addresses were looked up
	addresses []string // that it has
	reached   string   // the address that a connection stands to: the proxy's if there is one
	tls       *tls.ConnectionState

	lookup, connect, handshake time.Duration
	sent, replied              time.Duration // since it began: all is sent, the first byte is back
}

// observer is a transport that tells of each request once its reply has begun, or once
// it has failed.
type observer struct {
	next http.RoundTripper
	see  func(trip)
}

// RoundTrip sends a request on.
func (o observer) RoundTrip(hr *http.Request) (*http.Response, error) {
	w := &watcher{trip: trip{begun: time.Now()}}
	reply, err := o.next.RoundTrip(hr.WithContext(httptrace.WithClientTrace(hr.Context(), w.trace())))
	w.mu.Lock() // a dial that lost the race may still go on
	defer w.mu.Unlock()
	o.see(w.trip)
	return reply, err
}

// watcher notes what net/http tells of a request, from several goroutines.
type watcher struct {
	mu                         sync.Mutex
	trip                       trip
	looking, dialling, shaking time.Time
}

func (w *watcher) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart: func(i httptrace.DNSStartInfo) { w.note(func(t *trip) { t.host, w.looking = i.Host, time.Now() }) },
		DNSDone: func(i httptrace.DNSDoneInfo) {
			w.note(func(t *trip) {
				t.lookup, t.addresses = time.Since(w.looking), nil
				for _, a := range i.Addrs {
					t.addresses = append(t.addresses, a.String())
				}
			})
		},
		ConnectStart: func(string, string) {
			w.note(func(*trip) {
				if w.dialling.IsZero() {
					w.dialling = time.Now()
				}
			})
		},
		ConnectDone: func(_, address string, err error) {
			w.note(func(t *trip) {
				if err == nil && t.reached == "" {
					t.reached, t.connect = address, time.Since(w.dialling)
				}
			})
		},
		TLSHandshakeStart: func() { w.note(func(*trip) { w.shaking = time.Now() }) },
		TLSHandshakeDone: func(state tls.ConnectionState, err error) {
			w.note(func(t *trip) {
				if err == nil {
					t.tls, t.handshake = &state, time.Since(w.shaking)
				}
			})
		},
		WroteRequest:         func(httptrace.WroteRequestInfo) { w.note(func(t *trip) { t.sent = time.Since(t.begun) }) },
		GotFirstResponseByte: func() { w.note(func(t *trip) { t.replied = time.Since(t.begun) }) },
	}
}

func (w *watcher) note(what func(*trip)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	what(&w.trip)
}
