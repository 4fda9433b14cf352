package cli

import (
	"cmp"
	"crypto/tls"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"oax/internal/config"
)

// around lets the log see each request that a transport sends.
func (l *debugLog) around(next http.RoundTripper) http.RoundTripper { return debugTransport{next, l} }

// debugTransport writes down requests and replies.
type debugTransport struct {
	next http.RoundTripper
	log  *debugLog
}

// RoundTrip sends a request on.
func (d debugTransport) RoundTrip(hr *http.Request) (*http.Response, error) {
	d.log.say("> %s %s", hr.Method, hr.URL.Redacted())
	d.log.headers(">", hr.Header)
	if hr.ContentLength > 0 {
		d.log.say("> body of %d bytes", hr.ContentLength)
		d.log.body(hr)
	}
	reply, err := observer{d.next, d.log.way}.RoundTrip(hr)
	if err != nil {
		d.log.say("no reply: %v", err)
		return reply, err
	}
	d.log.say("< %s %s", reply.Proto, reply.Status)
	d.log.headers("<", reply.Header)
	reply.Body = &debugBody{ReadCloser: reply.Body, log: d.log, events: strings.HasPrefix(reply.Header.Get("Content-Type"), "text/event-stream")}
	return reply, nil
}

// headers are written with the secrets in them masked.
func (l *debugLog) headers(sign string, header http.Header) {
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			if config.SecretHeader(name) {
				value = "[key]"
			}
			l.say("%s %s: %s", sign, name, value)
		}
	}
}

func (l *debugLog) body(hr *http.Request) {
	if !l.withAll || hr.GetBody == nil {
		return
	}
	if copied, err := hr.GetBody(); err == nil {
		text, _ := io.ReadAll(copied)
		l.text(string(text))
	}
}

// way writes down the parts of the way that a request took.
func (l *debugLog) way(t trip) {
	if t.host != "" {
		l.say("lookup of %s in %s: %s", t.host, millis(t.lookup), cmp.Or(strings.Join(t.addresses, ", "), "nothing"))
	}
	if t.reached != "" {
		l.say("connected to %s in %s", t.reached, millis(t.connect))
	}
	if t.tls != nil {
		l.say("TLS handshake in %s: %s, %s", millis(t.handshake), tls.VersionName(t.tls.Version), cmp.Or(t.tls.NegotiatedProtocol, "http/1.1"))
	}
	if t.sent > 0 {
		l.say("sent after %s, first byte of the reply after %s", millis(t.sent), millis(t.replied))
	}
}

// debugBody writes down each event of a reply as it is read, or how large a reply was
// that has none.
type debugBody struct {
	io.ReadCloser
	log    *debugLog
	events bool
	size   int    // of the event, so far
	text   []byte // its beginning
	blank  bool   // a line has just ended
	nth    int
}

// Read reads on.
func (b *debugBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.see(p[:n])
	if err != nil {
		b.end()
		b.log.say("end of the reply: %v", err)
	}
	return n, err
}

// see parts events where a blank line is.
func (b *debugBody) see(data []byte) {
	const longest = 64 << 10 // of the text of an event
	for _, c := range data {
		b.size++
		if len(b.text) < longest && b.log.withAll {
			b.text = append(b.text, c)
		}
		switch {
		case c == '\n' && b.blank && b.events:
			b.end()
		case c != '\r':
			b.blank = c == '\n'
		}
	}
}

func (b *debugBody) end() {
	if b.size == 0 {
		return
	}
	b.nth++
	if b.events {
		b.log.say("event %d of %d bytes", b.nth, b.size)
	} else {
		b.log.say("body of %d bytes", b.size)
	}
	b.log.text(string(b.text))
	b.size, b.text, b.blank = 0, b.text[:0], false
}
