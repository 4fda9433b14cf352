package openai

import (
	"errors"

	"oax/internal/chat"
)

// API is one of the APIs by which a model is asked. Several goroutines use it at once.
type API interface {
	// Path returns where turns are posted to, behind the base URL.
	Path() string
	// Body returns the JSON to post.
	Body(Request) ([]byte, error)
	// Decoder returns a decoder for one answer.
	Decoder() Decoder
}

// Decoder reads the events of one answer.
type Decoder interface {
	// Decode adds to d what an event says. kind is the event's name, data what it holds: in
	// a stream one event, or else the whole body of an endpoint that does not stream. Texts
	// are added with the escapes of JSON undone, but may be ill-formed: see
	// jsontext.Repair. The error is a *Reported, or ErrBroken for data of any other form.
	Decode(d *chat.Delta, kind string, data []byte) error
}

// Request is what is asked in one turn.
type Request struct {
	Model     string // empty: the endpoint decides
	Messages  []chat.Message
	Params    map[string]any // further fields of the body; they win over all others
	OmitUsage bool           // do not ask for the usage: the endpoint refuses that
}

// ErrBroken is returned for data that is no event of the API.
var ErrBroken = errors.New("not an event of the API")
