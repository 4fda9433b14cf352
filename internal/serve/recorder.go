package serve

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zstd"

	"oax/internal/chat"
	"oax/internal/endpoint"
	"oax/internal/openai"
	"oax/internal/openai/completions"
	"oax/internal/openai/responses"
	"oax/internal/report"
	"oax/internal/session"
)

// The recorder keeps what is relayed: the prompt while it is sent, and each piece of the
// answer before the client gets it. It only listens: what it cannot read is relayed all the
// same, and not recorded.

const (
	maxDecoded = 64 << 20 // of a compressed body
	maxWindow  = 8 << 20  // what zstd may look back: RFC 9659 for Content-Encoding
	helperMax  = 100      // tokens, of an answer that is no part of a chat
)

// request is what the recorder reads of a request.
type request struct {
	Model     string            `json:"model"`
	Messages  []json.RawMessage `json:"messages"`
	Stream    bool              `json:"stream"`
	MaxTokens *int              `json:"max_tokens"`
	MaxOutput *int              `json:"max_completion_tokens"`
	MaxOfAll  *int              `json:"max_output_tokens"`
	Previous  string            `json:"previous_response_id"`
	Tools     []json.RawMessage `json:"tools"`
}

// recorder records one request and its answer. A nil recorder records nothing.
type recorder struct {
	room     *room
	found    match
	turn     *running
	writer   *session.Writer
	synced   chan struct{} // closed when the prompt is on the disk, or cannot be
	syncErr  error         // then
	listener *openai.Listener
	broken   error // why nothing more is recorded
	ended    bool
}

// record begins to record a request, unless it is none that is recorded. body is as the
// endpoint gets it. send sends it: while the prompt is saved, and not while that has to wait for
// the prompts of others, since the answer would wait then.
func (s *Server) record(r *http.Request, e *endpoint.Endpoint, body []byte, cancel context.CancelCauseFunc, send func()) *recorder {
	api := apiOf(r.URL.Path)
	if r.Method != http.MethodPost || api == nil || strings.HasPrefix(r.UserAgent(), "oax/") || !isJSON(r) {
		return nil
	}
	decoded, ok := decodeBody(r, body)
	if !ok {
		return nil
	}
	q, messages, ok := readRequest(api, decoded)
	if !ok {
		return nil
	}
	name, helper := sessionName(r.Header), isHelper(q, messages)
	if helper && name != r.Header.Get("X-Oax-Session") {
		name = "" // programs send the name of the chat that they make a title for
	}
	s.relaysMu.Lock()
	defer s.relaysMu.Unlock()
	send()
	found := s.index.find(name, q.Previous, messages)
	from := session.From{By: "relay", Client: clientName(r.UserAgent()), Name: name, Helper: helper}
	writer, err := s.beginRecord(found, from, q.Model, e.SavedProfile)
	if err != nil {
		s.saved(err)
		return nil
	}
	s.index.written(found, writer.Entry())
	room := s.hold(writer.Entry())
	view := turnView{Turn: writer.Turn(), By: "relay", Client: orNull(from.Client), Time: s.config.Now().UTC(),
		Profile: orNull(e.Profile), Model: orNull(q.Model), Messages: []wireMessage{}}
	if !found.retry {
		for _, m := range found.fresh {
			view.Messages = append(view.Messages, wireOf(m))
		}
	}
	c := &recorder{room: room, found: found, turn: newRunning(view, func() { cancel(errStopped) }), writer: writer,
		synced: make(chan struct{}), listener: e.Client.Listen(api)}
	room.begin(c.turn)
	go func() { // while the request travels
		defer close(c.synced)
		c.syncErr = writer.Sync(context.Background())
	}()
	return c
}

// apiOf returns the API whose requests go to a path, or nil if they are not recorded.
func apiOf(path string) openai.API {
	for _, api := range []openai.API{completions.API{}, responses.API{}} {
		if strings.HasSuffix(path, api.Path()) {
			return api
		}
	}
	return nil
}

// readRequest reads the JSON of a request; ok is whether it can be recorded.
func readRequest(api openai.API, body []byte) (q request, messages []chat.Message, ok bool) {
	if json.Unmarshal(body, &q) != nil {
		return q, nil, false
	}
	if _, is := api.(responses.API); is {
		messages, ok = responses.Messages(body)
		return q, messages, ok
	}
	messages, ok = readMessages(q.Messages)
	return q, messages, ok
}

// beginRecord saves the messages that are new.
func (s *Server) beginRecord(found match, from session.From, model, profile string) (*session.Writer, error) {
	records := make([]session.Message, len(found.fresh))
	turn := session.NewTurnID()
	for i, m := range found.fresh {
		if m.Role == chat.User {
			m.Model = model
		}
		from.Within = i >= found.leading && isSystem(m.Role)
		records[i] = session.Message{Message: m, Profile: profile, From: from, Turn: turn}
	}
	store := s.config.Store
	if found.session == nil {
		return store.Create(records...)
	}
	old := found.session
	turns := spokenOf(old)
	if !old.Open && (found.retry || found.turns == len(turns)) {
		added := records
		if found.retry { // the prompt is there
			added = nil
		}
		w, err := store.Continue(old.Entry(), added...)
		if _, isBusy := errors.AsType[*session.BusyError](err); !isBusy {
			return w, err
		}
	}
	prompts := 0
	for _, t := range turns[:found.turns] {
		for _, m := range t.messages {
			if m.Role == chat.User {
				prompts++
			}
		}
	}
	return store.Fork(old, prompts, records...)
}

// decodeBody returns the JSON of a body, which may be compressed with gzip or zstd. A body
// that comes to more than 64 MiB is not decoded, and takes no memory: bytes are counted first.
func decodeBody(r *http.Request, body []byte) ([]byte, bool) {
	var z interface {
		io.Reader
		Reset(io.Reader) error
	}
	switch r.Header.Get("Content-Encoding") {
	case "", "identity":
		return body, true
	case "gzip":
		z = new(gzip.Reader)
	case "zstd":
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, false
		}
		defer d.Close()
		z = d
	default:
		return nil, false
	}
	if z.Reset(bytes.NewReader(body)) != nil {
		return nil, false
	}
	n, err := io.Copy(io.Discard, io.LimitReader(z, maxDecoded+1))
	if err != nil || n > maxDecoded || z.Reset(bytes.NewReader(body)) != nil {
		return nil, false
	}
	data := make([]byte, n)
	_, err = io.ReadFull(z, data)
	return data, err == nil
}

// sessionName returns what a client calls the session of a request, or nothing.
func sessionName(h http.Header) string {
	for _, header := range []string{"X-Oax-Session", "X-Conversation-Id", "X-Session-Id"} {
		name := h.Get(header)
		if name != "" && len(name) <= 128 && !strings.ContainsFunc(name, func(c rune) bool { return c < ' ' || c > '~' }) {
			return name
		}
	}
	return ""
}

// clientName returns the product that a User-Agent begins with, as OpenAI/JS 7.55: its first
// word, and the second one if that is the version.
func clientName(agent string) string {
	words := append(strings.Fields(agent), "", "")
	name := words[0]
	if second := words[1]; second != "" && second[0] >= '0' && second[0] <= '9' {
		name += " " + second
	}
	return strings.ToValidUTF8(name[:min(len(name), 60)], "")
}

// isHelper reports whether a request makes a title, a summary, a completion or a commit
// message beside the chats of its program. Of one that is streamed that is less sure: people
// who chat ask for such things too.
func isHelper(q request, messages []chat.Message) bool {
	for _, limit := range []*int{q.MaxTokens, q.MaxOutput, q.MaxOfAll} {
		if limit != nil && *limit <= helperMax {
			return true
		}
	}
	if q.Stream && len(q.Tools) > 0 {
		return false
	}
	return slices.ContainsFunc(messages, func(m chat.Message) bool {
		if !isSystem(m.Role) {
			return false
		}
		if q.Stream {
			first, _, _ := strings.Cut(strings.TrimSpace(m.Text), "\n")
			first = strings.ToLower(first)
			return strings.Contains(first, "generat") && strings.Contains(first, "title")
		}
		text := strings.ToLower(m.Text)
		return slices.ContainsFunc([]string{"title", "summary", "summarize", "completion", "commit message"}, func(word string) bool {
			return strings.Contains(text, word)
		})
	})
}

// id returns the session's ID, for the header of the reply.
func (c *recorder) id() string {
	if c == nil {
		return ""
	}
	return c.room.entry.ID
}

// Write takes a piece of the reply, before the client gets it. It reports whether the answer
// ended in it.
func (c *recorder) Write(piece []byte) (ended bool) {
	if c == nil || c.ended || c.broken != nil {
		return false
	}
	<-c.synced
	err := c.listener.Write(piece, c.add)
	if err != io.EOF {
		c.broken = err
	}
	return err == io.EOF
}

// add takes more of the answer.
func (c *recorder) add(d *chat.Delta) {
	for piece := range d.Pieces() {
		_ = c.writer.Journal(piece) // what cannot be journaled is saved at the end, or that fails
		c.room.add(c.turn, piece)
	}
}

// end saves the answer. err is how the body ended, nil if the answer ended before it; why
// is what we know of it. An answer that is complete stays so.
func (c *recorder) end(why chat.Why, err error) {
	if c == nil || c.ended {
		return
	}
	c.ended = true
	<-c.synced
	if err != nil && c.broken == nil {
		c.broken = c.listener.End(err, c.add)
	}
	if failure, ok := errors.AsType[*openai.Error](c.broken); ok && why == "" {
		why = failure.Why()
		if failure.Kind == openai.AnswerLimit || failure.Kind == openai.EventTooLong {
			why = tooLarge
		}
	}
	message := c.turn.answer.End(why)
	if c.turn.answer.Nothing() && !c.turn.answer.Finished() {
		cause := c.broken
		if cause == io.EOF {
			cause = nil
		}
		c.finish(nil, c.saveFailure(report.Answer(report.Ending{Message: message, Nothing: true, Cause: cause, Session: c.id()}), why))
		return
	}
	c.finish(&message, c.writer.Finish(message))
}

// saveFailure saves that there is no answer, as a turn of a terminal does.
func (c *recorder) saveFailure(e *report.Error, why chat.Why) error {
	if why == chat.Stopped {
		return c.writer.Fail(chat.Stopped, "stopped")
	}
	return c.writer.Fail(chat.Why(e.Kind), e.What)
}

// tooLarge says that an answer was over the limits of what is recorded.
const tooLarge chat.Why = "too-large"

// fail saves that there is no answer.
func (c *recorder) fail(why chat.Why, text string) {
	if c == nil || c.ended {
		return
	}
	c.ended = true
	<-c.synced
	c.finish(nil, c.writer.Fail(why, text))
}

// failStatus saves that the endpoint refused.
func (c *recorder) failStatus(status int) {
	c.fail(chat.Why(strconv.Itoa(status)), "the endpoint answered "+strconv.Itoa(status))
}

// finish ends the turn. answer is nil if there is none; err is why it is not in the session.
func (c *recorder) finish(answer *chat.Message, err error) {
	c.room.server.saved(cmp.Or(err, c.syncErr))
	c.writer.Close()
	if err == nil {
		c.room.server.index.said(c.found, c.writer.Entry(), answer, c.listener.ResponseID())
	}
	c.room.ended(c.turn)
	c.room.release()
}
