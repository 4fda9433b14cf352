package openai_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/http2"

	. "oax/internal/openai"
)

// TestRequestIsNotSentForEver: net/http sends a request again, and again, to an HTTP/2
// endpoint that says that it has not worked on it. Here that ends after three times.
func TestRequestIsNotSentForEver(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]func(*http2.Framer, uint32){
		"REFUSED_STREAM": func(f *http2.Framer, stream uint32) { f.WriteRSTStream(stream, http2.ErrCodeRefusedStream) },
		"GOAWAY":         func(f *http2.Framer, _ uint32) { f.WriteGoAway(0, http2.ErrCodeNo, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			var connections, requests atomic.Int32
			server := httptest.NewUnstartedServer(nil)
			server.TLS = &tls.Config{NextProtos: []string{"h2"}}
			server.Config.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){"h2": func(_ *http.Server, conn *tls.Conn, _ http.Handler) {
				connections.Add(1)
				serveFrames(conn, &requests, refuse)
			}}
			server.StartTLS()
			defer server.Close()
			roots := x509.NewCertPool()
			roots.AddCert(server.Certificate())
			c := newClient(Config{BaseURL: server.URL, Limits: DefaultLimits(), Roots: roots})
			defer c.Close()
			_, err := askFor(t.Context(), c, "q")
			if kind := kindOf(err); kind != NetworkFailed || !strings.Contains(err.Error(), "without a reply") {
				t.Errorf("%v", err)
			}
			if requests.Load() == 0 || requests.Load() > 3 || connections.Load() > 3 {
				t.Errorf("%d requests on %d connections", requests.Load(), connections.Load())
			}
		})
	}
}

// serveFrames refuses each request of an HTTP/2 connection.
func serveFrames(conn *tls.Conn, requests *atomic.Int32, refuse func(*http2.Framer, uint32)) {
	defer conn.Close()
	if _, err := io.ReadFull(conn, make([]byte, len(http2.ClientPreface))); err != nil {
		return
	}
	framer := http2.NewFramer(conn, conn)
	framer.WriteSettings()
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return
		}
		switch f := frame.(type) {
		case *http2.SettingsFrame:
			if !f.IsAck() {
				framer.WriteSettingsAck()
			}
		case *http2.HeadersFrame:
			requests.Add(1)
			refuse(framer, f.StreamID)
		}
	}
}
