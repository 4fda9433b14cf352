package serve

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"time"
)

// How the body of a request is read, and that of a reply is sent: with bounds for both.

const (
	maxBody    = 32 << 20
	noProgress = 10 * time.Second // without a byte of a request's body, or without one taken of a reply
)

// readBody reads the body of a request whole: the model in it decides where it goes.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, *apiError) {
	if r.ContentLength > maxBody {
		return nil, errTooLarge
	}
	control := http.NewResponseController(w)
	body := make([]byte, 0, max(r.ContentLength, 0)+bytes.MinRead)
	for {
		_ = control.SetReadDeadline(time.Now().Add(noProgress))
		body = slices.Grow(body, bytes.MinRead)
		n, err := r.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case len(body) > maxBody:
			return nil, errTooLarge
		case err == io.EOF:
			_ = control.SetReadDeadline(time.Time{})
			return body, nil
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil, errSlowBody
		case err != nil:
			return nil, badRequest("", "the body did not arrive whole")
		}
	}
}

// readJSON reads the body of a request to /api into value.
func readJSON(w http.ResponseWriter, r *http.Request, value any) *apiError {
	if !isJSON(r) {
		return errWrongType
	}
	body, failure := readBody(w, r)
	if failure != nil {
		return failure
	}
	if err := json.Unmarshal(body, value); err != nil {
		return badRequest("", "the body is not the JSON that is wanted here: "+err.Error())
	}
	return nil
}

// replyWriter sends each piece at once. A client that takes nothing for 10 seconds is cut
// off, or up to a second later: the deadline is not moved for each piece.
type replyWriter struct {
	w        http.ResponseWriter
	control  *http.ResponseController
	deadline time.Time
}

func newReplyWriter(w http.ResponseWriter) *replyWriter {
	return &replyWriter{w: w, control: http.NewResponseController(w)}
}

func (o *replyWriter) Write(p []byte) (int, error) {
	o.extend()
	n, err := o.w.Write(p)
	if err != nil {
		return n, err
	}
	return n, o.control.Flush()
}

// flush sends the headers.
func (o *replyWriter) flush() error {
	o.extend()
	return o.control.Flush()
}

// extend gives what is sent now at least 10 seconds.
func (o *replyWriter) extend() {
	if now := time.Now(); o.deadline.Sub(now) < noProgress {
		o.deadline = now.Add(noProgress + time.Second)
		_ = o.control.SetWriteDeadline(o.deadline)
	}
}
