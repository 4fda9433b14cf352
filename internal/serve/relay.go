package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync"
	"time"

	"oax/internal/chat"
	"oax/internal/endpoint"
	"oax/internal/serve/tape"
)

// The relay hands a request on to an endpoint, and its reply back, byte for byte. Nothing
// is injected into a stream: many clients fail on a comment or an event that their service
// does not send. Nothing is sent twice, since clients have retries of their own.

// pieceSize is how much of a reply is read at once: there may be a thousand replies.
const pieceSize = 4 << 10

// sendTime is how long the saving of a request waits until the request is sent. The two would
// be in each other's way; then the endpoint thinks while the request is saved.
const sendTime = 2 * time.Millisecond

// relay answers any request to /v1/ and /models.
func (s *Server) relay(w http.ResponseWriter, r *http.Request) *apiError {
	body, failure := readBody(w, r)
	if failure != nil {
		return failure
	}
	profile, up := s.splitModel(r, body)
	e, err := s.upstream.of(s, r.Context(), profile)
	if err != nil {
		return noKey(err)
	}
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(r.Context()))
	defer cancel(nil)
	defer context.AfterFunc(s.context, func() { cancel(errServerStops) })()
	s.turns.Add(1)
	defer s.turns.Done()
	f := forwarding{server: s, w: w, r: r}
	q, isRecorded := readRecorded(r, up)
	saved := make(chan *recorder, 1)
	save := func() { saved <- nil }
	if isRecorded {
		f.keep = s.config.Keep || r.Header.Get("X-Conversation-Id") != ""
		slot := s.index.Slot() // before the request is sent: its answer would have to wait for that
		save = sync.OnceFunc(func() { go func() { saved <- s.record(q, slot, e, cancel) }() })
		ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { save() }})
		defer time.AfterFunc(sendTime, save).Stop()
	}
	clientLeaves := func() func() bool {
		return context.AfterFunc(r.Context(), func() { cancel(errClientLeft) })
	}
	if !f.keep {
		defer clientLeaves()()
	}
	if id := r.Header.Get("X-Conversation-Id"); id != "" && isRecorded {
		f.tape = s.tapes.Begin(id, s.config.Now(), func() { cancel(errStopped) })
		defer func() { f.tape.End(s.config.Now(), true) }() // unless it has ended in order
	}
	answered, err := s.ask(ctx, r, e, up)
	save()
	if f.recorder = <-saved; f.recorder == nil && f.keep { // it could not be saved
		f.keep = false
		defer clientLeaves()()
	}
	f.run(ctx, e, reply{answered, err})
	if f.recorder != nil && !s.index.IsFresh() {
		s.turns.Go(s.index.Refresh) // now, so that the next request need not wait for it
	}
	return nil
}

// errClientLeft ends a request whose client went away.
var errClientLeft = errors.New("the client went away")

// forwarding is a request on its way to an endpoint, and the reply on its way back.
type forwarding struct {
	server   *Server
	w        http.ResponseWriter
	r        *http.Request
	recorder *recorder  // nil: nothing is recorded
	keep     bool       // the answer goes on without the client
	tape     *tape.Tape // nil: the reply cannot be resumed
}

// reply is what an endpoint replied, or why it did not.
type reply struct {
	*http.Response
	err error
}

func (f *forwarding) run(ctx context.Context, e *endpoint.Endpoint, reply reply) {
	if err := reply.err; err != nil {
		if context.Cause(ctx) != nil {
			f.recorder.fail(chat.Stopped, "stopped before an answer came")
		} else {
			f.recorder.fail("net", "the endpoint cannot be reached")
		}
		networkError(err, e.Client.Redact).write(f.w)
		return
	}
	defer reply.Body.Close()
	if isRedirect(reply.Response) {
		f.recorder.failStatus(reply.StatusCode)
		(&apiError{status: http.StatusBadGateway, code: "upstream_redirect",
			message: "the endpoint answers with a redirect, which is not followed; check base_url"}).write(f.w)
		return
	}
	copyHeader(f.w.Header(), reply.Header)
	f.w.Header().Set("X-Content-Type-Options", "nosniff")
	f.w.Header().Set("Content-Security-Policy", "sandbox")
	if id := f.recorder.id(); id != "" {
		f.w.Header().Set("X-Oax-Session", id)
	}
	f.server.allowOrigin(f.w, f.r)
	if reply.StatusCode != http.StatusOK {
		f.recorder.failStatus(reply.StatusCode)
		f.recorder, f.keep = nil, false
	}
	for name := range reply.Trailer {
		if goesDown(name) {
			f.w.Header().Add("Trailer", name)
		}
	}
	f.w.WriteHeader(reply.StatusCode)
	if err := f.copy(ctx, reply.Body); err != nil {
		// The client must see that the reply is not whole: it ends broken, not in order.
		panic(http.ErrAbortHandler)
	}
	for name, values := range reply.Trailer { // which the body's end has filled in
		if goesDown(name) {
			f.w.Header()[name] = values
		}
	}
}

// copy hands the reply on, piece by piece. What is promised of it, and when:
//   - The prompt is on the disk, synced, before the first byte of an answer is handed on.
//   - A piece is in the journal before it is handed on.
//   - The answer is in the session, synced, before the mark of its end or the end of the body is
//     handed on: the client's next request finds it. What comes before the mark does not wait.
func (f *forwarding) copy(ctx context.Context, body io.Reader) error {
	out := newReplyWriter(f.w)
	left := out.flush()
	handOn := func(piece []byte) {
		f.tape.Write(piece)
		if left == nil && len(piece) > 0 {
			_, left = out.Write(piece)
		}
	}
	buf := make([]byte, pieceSize)
	for {
		n, err := body.Read(buf)
		piece := buf[:n]
		if f.recorder.Write(piece) {
			at := endMark(piece)
			handOn(piece[:at])
			piece = piece[at:]
			f.recorder.end("", nil)
		}
		if err != nil {
			f.recorder.end(whyEnded(ctx, err), err)
		}
		handOn(piece)
		switch {
		case err == io.EOF:
			f.tape.End(f.server.config.Now(), false)
			return left
		case err != nil:
			return err
		case left != nil && !f.keep:
			f.recorder.end(chat.Stopped, errClientLeft)
			return left
		}
	}
}

// endMark returns where the line with the mark of an answer's end begins in the piece with
// which the answer ended, or 0 if it is not known.
func endMark(piece []byte) int {
	mark := max(bytes.Index(piece, []byte("[DONE]")), 0)
	return bytes.LastIndexByte(piece[:mark], '\n') + 1
}

// whyEnded returns what ended an answer early, as the session keeps it.
func whyEnded(ctx context.Context, err error) chat.Why {
	switch {
	case err == io.EOF:
		return ""
	case context.Cause(ctx) != nil:
		return chat.Stopped
	}
	return ""
}

// ask sends a request to an endpoint and returns the reply once its headers have come.
func (s *Server) ask(ctx context.Context, r *http.Request, e *endpoint.Endpoint, body []byte) (*http.Response, error) {
	rest := strings.TrimPrefix(strings.TrimPrefix(r.URL.EscapedPath(), "/v1"), "/")
	address := e.BaseURL + "/" + rest
	if query := joinQuery(e.Query, r.URL.RawQuery); query != "" {
		address += "?" + query
	}
	out, err := http.NewRequestWithContext(ctx, r.Method, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if len(body) == 0 {
		out.Body = http.NoBody
	}
	for name, values := range r.Header {
		if goesUp(name) {
			out.Header[name] = values
		}
	}
	removeHopByHop(out.Header, r.Header)
	out.Header.Set("Accept-Encoding", "identity")
	if out.Header.Get("User-Agent") == "" {
		out.Header["User-Agent"] = nil // net/http must not send its own
	}
	return e.Client.Forward(out)
}

func joinQuery(a, b string) string { return strings.Trim(a+"&"+b, "&") }

// goesUp reports whether a header of the client is for the endpoint. Not for it are those
// that the client needs only here: its token, cookies, and what a browser says of a page.
func goesUp(name string) bool {
	switch name {
	case "Host", "Authorization", "X-Api-Key", "Cookie", "Origin", "Referer", "Accept-Encoding", "Content-Length":
		return false
	}
	return !strings.HasPrefix(name, "Sec-") && !strings.HasPrefix(name, "X-Oax-")
}

// goesDown reports whether a header of a reply is for the client.
func goesDown(name string) bool {
	return name != "Set-Cookie" && !strings.HasPrefix(name, "Access-Control-")
}

// copyHeader adds the headers of a reply that are for the client.
func copyHeader(to, from http.Header) {
	for name, values := range from {
		if goesDown(name) {
			to[name] = values
		}
	}
	removeHopByHop(to, from)
}

// removeHopByHop removes the headers that are about one connection (RFC 9110, section
// 7.6.1). said is the header whose Connection field may name further ones.
func removeHopByHop(header, said http.Header) {
	for _, list := range said.Values("Connection") {
		for name := range strings.SplitSeq(list, ",") {
			header.Del(strings.TrimSpace(name))
		}
	}
	for _, name := range []string{"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization",
		"Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade"} {
		header.Del(name)
	}
}

func isRedirect(reply *http.Response) bool {
	return reply.StatusCode/100 == 3 && reply.StatusCode != http.StatusNotModified
}

// networkError says why there is no reply.
func networkError(err error, redact func(string) string) *apiError {
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return &apiError{status: http.StatusGatewayTimeout, code: "upstream_timeout", message: "the endpoint did not answer in time"}
	}
	return &apiError{status: http.StatusBadGateway, code: "upstream_unreachable", message: "the endpoint cannot be reached: " + redact(err.Error())}
}

// splitModel decides which profile a request is for. If the model in a JSON body begins
// with the name of a profile and a slash, that is it, and those bytes are cut out of the
// body. Otherwise it is the default profile, which has the empty name here.
func (s *Server) splitModel(r *http.Request, body []byte) (profile string, rest []byte) {
	if !isJSON(r) || r.Header.Get("Content-Encoding") != "" {
		return "", body
	}
	from, to := modelValue(body)
	name, _, found := bytes.Cut(body[from:to], []byte("/"))
	if !found || !slices.Contains(s.config.Profiles, string(name)) {
		return "", body
	}
	return string(name), slices.Concat(body[:from], body[from+len(name)+1:])
}

// modelValue returns where the inside of the string "model" lies in a JSON object, or an
// empty range. Of several with that name it is the last, as in most JSON readers.
func modelValue(body []byte) (from, to int) {
	d := json.NewDecoder(bytes.NewReader(body))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return 0, 0
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return 0, 0
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return 0, 0
		}
		if end := int(d.InputOffset()); key == "model" {
			from, to = 0, 0
			if value[0] == '"' {
				from, to = end-len(value)+1, end-1
			}
		}
	}
	return from, to
}

// noKey says why an endpoint cannot be asked.
func noKey(err error) *apiError {
	return &apiError{status: http.StatusForbidden, code: "no_key", message: err.Error()}
}
