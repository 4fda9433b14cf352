package endpoint

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"oax/internal/chat"
	"oax/internal/config"
	"oax/internal/report"
	"oax/internal/term"
)

// The debug log: what travels between the program and an endpoint, in a file.

// maxDebugLog is the largest log, in bytes.
const maxDebugLog = 10 << 20

// DebugLog is a file that records each request and its reply in lines that begin with the
// seconds since the run began. Neither prompts and answers are in it nor keys, so that it
// can be shown to somebody else. A nil DebugLog records nothing.
type DebugLog struct {
	mu     sync.Mutex
	to     io.Writer
	size   int64
	begun  time.Time
	redact []func(string) string
}

// OpenDebug opens a log to add to it, readable only by its owner, and notes its path in
// notes. An empty path means the log in the state directory. The error is a *report.Error
// for a file that cannot be written or is full. The file stays open until the program ends.
func OpenDebug(path string, dirs config.Dirs, version string, notes *report.Writer) (*DebugLog, error) {
	var err error
	if path == "" {
		path = dirs.DebugLog()
		err = os.MkdirAll(filepath.Dir(path), 0o700)
	}
	var l *DebugLog
	if err == nil {
		l, err = openDebug(path)
	}
	if err != nil {
		return nil, report.Disk(fmt.Sprintf("cannot write %s: %s", path, report.Cause(err)), "--debug=FILE writes to another file")
	}
	notes.Note("debug log: " + path)
	l.printf("oax %s %s/%s, %s", version, runtime.GOOS, runtime.GOARCH, l.begun.UTC().Format(time.RFC3339))
	return l, nil
}

func openDebug(path string) (*DebugLog, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.Mode().IsRegular() {
		err = f.Chmod(0o600)
	}
	if err == nil && info.Size() >= maxDebugLog {
		err = errors.New("it is full (10 MiB)")
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return &DebugLog{to: f, size: info.Size(), begun: time.Now()}, nil
}

// Ended records how a turn ended, in which session it is saved (empty: in none), and how
// the run ends (nil: well).
func (l *DebugLog) Ended(m chat.Message, session string, e *report.Error) {
	how := string(m.State)
	switch {
	case m.FinishReason == "" && m.ShownLen()+len(m.Reasoning) == 0:
		how = "none"
	case m.Why != "":
		how += " (" + string(m.Why) + ")"
	}
	if m.FinishReason != "" {
		how += ", finish reason " + m.FinishReason
	}
	if m.Usage != nil {
		how += ", usage " + string(m.Usage)
	}
	l.printf("answer: %s, %d bytes of text, %d of reasoning", how, m.ShownLen(), len(m.Reasoning))
	saved := "nothing"
	if session != "" {
		saved = "session " + session
	}
	l.printf("saved: %s", saved)
	if e == nil {
		e = report.Silent(0, "success")
	}
	l.printf("exit %d, %s", e.Code, e.Kind)
}

// hide keeps the secrets of an endpoint out of the log from now on.
func (l *DebugLog) hide(redact func(string) string) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.redact = append(l.redact, redact)
}

// printf adds a line. What a terminal would obey or not show is escaped.
func (l *DebugLog) printf(format string, args ...any) {
	if l == nil {
		return
	}
	text := fmt.Sprintf(format, args...)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, redact := range l.redact {
		text = redact(text)
	}
	text = strings.ReplaceAll(term.EscapeJSON(text), "\n", `\n`)
	line := fmt.Sprintf("%+.3f %s\n", time.Since(l.begun).Seconds(), text)
	const full = "the log is full (10 MiB); what follows is not in it\n"
	switch room := maxDebugLog - l.size - int64(len(full)); {
	case room < 0:
		return
	case int64(len(line)) > room:
		line = full
		l.size = maxDebugLog
	}
	n, _ := io.WriteString(l.to, line) // a log that cannot be written is no reason to stop
	l.size += int64(n)
}

// Write records lines of another program, as what an MCP server writes to standard error.
// It never fails.
func (l *DebugLog) Write(text []byte) (int, error) {
	for line := range strings.Lines(string(text)) {
		l.printf("%s", strings.TrimRight(line, "\r\n"))
	}
	return len(text), nil
}

// trace records how the network carried a request.
func (l *DebugLog) trace(t Trace) {
	if t.Host != "" {
		l.printf("lookup of %s in %s: %s", t.Host, term.Duration(t.Lookup), cmp.Or(strings.Join(t.Addresses, ", "), "nothing"))
	}
	if t.Connected != "" {
		l.printf("connected to %s in %s", t.Connected, term.Duration(t.Connect))
	}
	if t.TLS != nil {
		l.printf("TLS handshake in %s: %s, %s", term.Duration(t.Handshake), tls.VersionName(t.TLS.Version), cmp.Or(t.TLS.NegotiatedProtocol, "http/1.1"))
	}
	if t.Sent > 0 { // it is not known when a reply comes at once
		l.printf("sent after %s", term.Duration(t.Sent))
	}
	if t.FirstByte > 0 {
		l.printf("first byte of the reply after %s", term.Duration(t.FirstByte))
	}
}

// debugTransport records requests and replies.
type debugTransport struct {
	next http.RoundTripper
	log  *DebugLog
}

// RoundTrip sends a request on.
func (d debugTransport) RoundTrip(hr *http.Request) (*http.Response, error) {
	d.log.printf("> %s %s", hr.Method, hr.URL.Redacted())
	d.headers(">", hr.Header)
	if hr.ContentLength > 0 {
		d.log.printf("> body of %d bytes", hr.ContentLength)
	}
	reply, err := d.next.RoundTrip(hr)
	if err != nil {
		d.log.printf("no reply: %v", err)
		return reply, err
	}
	d.log.printf("< %s %s", reply.Proto, reply.Status)
	d.headers("<", reply.Header)
	hasEvents := strings.HasPrefix(reply.Header.Get("Content-Type"), "text/event-stream")
	reply.Body = &debugBody{ReadCloser: reply.Body, log: d.log, hasEvents: hasEvents}
	return reply, nil
}

func (d debugTransport) headers(sign string, header http.Header) {
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			if config.SecretHeader(name) {
				value = "[key]"
			}
			d.log.printf("%s %s: %s", sign, name, value)
		}
	}
}

// debugBody records the size of each event of a reply as it is read, or that of a whole
// body without events.
type debugBody struct {
	io.ReadCloser
	log       *DebugLog
	hasEvents bool
	events    int
	size      int  // of the event, as far as it is read
	lineEnd   bool // a line has just ended
}

// Read reads on.
func (b *debugBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	for _, c := range p[:n] {
		b.size++
		switch {
		case c == '\n' && b.lineEnd && b.hasEvents:
			b.record()
		case c != '\r':
			b.lineEnd = c == '\n'
		}
	}
	if err != nil {
		b.record()
		b.log.printf("end of the reply: %v", err)
	}
	return n, err
}

func (b *debugBody) record() {
	if b.size == 0 {
		return
	}
	if b.events++; b.hasEvents {
		b.log.printf("event %d of %d bytes", b.events, b.size)
	} else {
		b.log.printf("body of %d bytes", b.size)
	}
	b.size, b.lineEnd = 0, false
}

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
