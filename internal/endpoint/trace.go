package endpoint

// How the network carried one request: lookup, connection, handshake, first byte.

import (
	"cmp"
	"crypto/tls"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"
)

// Trace says which steps one request got through, and how long each took. What did not
// happen is zero.
type Trace struct {
	Host      string   // whose addresses were looked up
	Addresses []string // that it has
	Connected string   // the address of the connection: the proxy's if there is one
	TLS       *tls.ConnectionState

	Lookup, Connect, Handshake time.Duration
	Sent, FirstByte            time.Duration // from the beginning until all is sent, until the reply begins
}

// tracer is a transport that traces each request.
type tracer struct {
	next http.RoundTripper
	see  func(Trace)
}

// RoundTrip sends a request on. net/http calls the hooks from several goroutines.
func (t tracer) RoundTrip(hr *http.Request) (*http.Response, error) {
	var mu sync.Mutex
	var trace Trace
	var lookup, connect, handshake time.Time // when they began
	begun := time.Now()
	record := func(change func()) {
		mu.Lock()
		defer mu.Unlock()
		change()
	}
	hooks := &httptrace.ClientTrace{
		DNSStart: func(i httptrace.DNSStartInfo) {
			record(func() { trace.Host, lookup = i.Host, time.Now() })
		},
		DNSDone: func(i httptrace.DNSDoneInfo) {
			record(func() {
				trace.Lookup, trace.Addresses = time.Since(lookup), nil
				for _, a := range i.Addrs {
					trace.Addresses = append(trace.Addresses, a.String())
				}
			})
		},
		ConnectStart: func(string, string) {
			record(func() { connect = cmp.Or(connect, time.Now()) })
		},
		ConnectDone: func(_, address string, err error) {
			record(func() {
				if err == nil && trace.Connected == "" {
					trace.Connected, trace.Connect = address, time.Since(connect)
				}
			})
		},
		TLSHandshakeStart: func() { record(func() { handshake = time.Now() }) },
		TLSHandshakeDone: func(state tls.ConnectionState, err error) {
			record(func() {
				if err == nil {
					trace.TLS, trace.Handshake = &state, time.Since(handshake)
				}
			})
		},
		WroteRequest:         func(httptrace.WroteRequestInfo) { record(func() { trace.Sent = time.Since(begun) }) },
		GotFirstResponseByte: func() { record(func() { trace.FirstByte = time.Since(begun) }) },
	}
	reply, err := t.next.RoundTrip(hr.WithContext(httptrace.WithClientTrace(hr.Context(), hooks)))
	record(func() { t.see(trace) }) // a dial that lost the race may still go on
	return reply, err
}
