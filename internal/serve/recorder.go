package serve

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"

	"oax/internal/chat"
	"oax/internal/endpoint"
	"oax/internal/openai"
	"oax/internal/report"
	"oax/internal/serve/live"
	"oax/internal/serve/recording"
)

// The recorder keeps what is relayed: the prompt while it is sent, and each piece of the
// answer before the client gets it. It only listens: what it cannot read is relayed all the
// same, and not recorded.

// recorder records one request and its answer. A nil recorder records nothing.
type recorder struct {
	server   *Server
	room     *live.Room
	recorded *recording.Turn
	turn     *live.Running
	synced   chan struct{} // closed when the prompt is on the disk, or cannot be
	syncErr  error         // then
	listener *openai.Listener
	broken   error // why nothing more is recorded
	ended    bool
}

// readRecorded returns what is recorded of a request; ok is false if nothing is. body is as the
// endpoint gets it.
func readRecorded(r *http.Request, body []byte) (q recording.Request, ok bool) {
	if r.Method != http.MethodPost || !isJSON(r) {
		return q, false
	}
	return recording.Read(r, body)
}

// record begins to record a request, while it is sent. It returns nil if that cannot be.
func (s *Server) record(q recording.Request, slot *recording.Slot, e *endpoint.Endpoint, cancel context.CancelCauseFunc) *recorder {
	recorded, err := slot.Begin(q, e.SavedProfile)
	if err != nil {
		s.saved(err)
		return nil
	}
	view := live.Prompt{Turn: recorded.Turn(), From: recorded.From, Time: s.config.Now(), Profile: e.Profile, Model: q.Model,
		Messages: recorded.Prompt}.View()
	c := &recorder{server: s, room: s.rooms.Hold(recorded.Entry()), recorded: recorded, turn: live.NewRunning(view, func() { cancel(errStopped) }),
		synced: make(chan struct{}), listener: e.Client.Listen(q.API)}
	c.room.Begin(c.turn)
	go func() { // while the request travels
		defer close(c.synced)
		c.syncErr = recorded.Sync(context.Background())
	}()
	return c
}

// id returns the session's ID, for the header of the reply.
func (c *recorder) id() string {
	if c == nil {
		return ""
	}
	return c.room.Entry().ID
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
		_ = c.recorded.Journal(piece) // what cannot be journaled is saved at the end, or that fails
		c.room.Add(c.turn, piece)
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
	message := c.turn.Answer().End(why)
	if c.turn.Answer().Nothing() && !c.turn.Answer().Finished() {
		cause := c.broken
		if cause == io.EOF {
			cause = nil
		}
		c.finish(nil, c.saveFailure(report.Answer(report.Ending{Message: message, Nothing: true, Cause: cause, Session: c.id()}), why))
		return
	}
	c.finish(&message, c.recorded.Finish(message))
}

// saveFailure saves that there is no answer, as a turn of a terminal does.
func (c *recorder) saveFailure(e *report.Error, why chat.Why) error {
	if why == chat.Stopped {
		return c.recorded.Fail(chat.Stopped, "stopped")
	}
	return c.recorded.Fail(chat.Why(e.Kind), e.What)
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
	c.finish(nil, c.recorded.Fail(why, text))
}

// failStatus saves that the endpoint refused.
func (c *recorder) failStatus(status int) {
	c.fail(chat.Why(strconv.Itoa(status)), "the endpoint answered "+strconv.Itoa(status))
}

// finish ends the turn. answer is nil if there is none; err is why it is not in the session.
func (c *recorder) finish(answer *chat.Message, err error) {
	c.server.saved(cmp.Or(err, c.syncErr))
	c.recorded.Close()
	if err == nil {
		c.recorded.Ended(answer, c.listener.ResponseID())
	}
	c.room.End(c.turn)
	c.room.Release()
}
