package openai

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"iter"
	"strconv"

	"oax/internal/chat"
	"oax/internal/jsontext"
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
	// jsontext.Repair. The error is a *Reported, or ErrBroken for data that is no object of
	// the API.
	Decode(d *chat.Delta, kind string, data []byte) error
}

// Request is what is asked in one turn.
type Request struct {
	Model     string // empty: the endpoint decides
	Messages  []chat.Message
	Tools     []chat.ToolDefinition
	Params    map[string]any // further fields of the body; they win over all others
	OmitExtra bool           // do not ask for what some endpoints refuse: the usage, or encrypted reasoning
}

// maxLength returns the longest answer that the request allows, in tokens, or 0 if it sets
// no limit.
func (r Request) maxLength() int {
	for _, name := range []string{"max_output_tokens", "max_completion_tokens", "max_tokens"} {
		if value, set := r.Params[name]; set {
			text, _ := json.Marshal(value)
			n, _ := strconv.Atoi(string(text))
			return n
		}
	}
	return 0
}

// Decode decodes an event by dec, or what services send beside the objects of an API: an
// error, [DONE], a comment that became data, or several events in one, where the service
// separates them by a single line end. Its results are those of Decoder.Decode.
func Decode(dec Decoder, d *chat.Delta, kind string, data []byte) error {
	if kind != "error" {
		if err := dec.Decode(d, kind, data); err != ErrBroken {
			return err
		}
	}
	switch trimmed := bytes.TrimSpace(data); {
	case len(trimmed) == 0, string(trimmed) == "null":
		return nil
	case kind == "":
		return ErrBroken
	case string(trimmed) == "[DONE]":
		d.Done = true
		return nil
	case kind == "error":
		return cmp.Or(ParseError(trimmed), &Reported{Message: string(trimmed)})
	case kind != "message", trimmed[0] == ':':
		return nil // event: ping, and comments that became data
	case bytes.IndexByte(data, '\n') >= 0:
		return decodeLines(dec, d, data)
	}
	return ErrBroken
}

// decodeLines decodes events that the reader, rightly, joined to one.
func decodeLines(dec Decoder, d *chat.Delta, data []byte) error {
	lines := bytes.Split(data, []byte("\n"))
	for _, line := range lines {
		if !json.Valid(line) && string(bytes.TrimSpace(line)) != "[DONE]" {
			return ErrBroken
		}
	}
	for _, line := range lines {
		if err := Decode(dec, d, "message", line); err != nil || d.Done {
			return err
		}
	}
	return nil
}

// Elements yields the elements of an array in an event, of which it takes MaxPieces at most.
func Elements(raw []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		n := 0
		for e := range jsontext.Elements(raw) {
			if n++; n > MaxPieces || !yield(e) {
				return
			}
		}
	}
}

// Part returns an element of a message's content as it is.
func Part(raw []byte) chat.Part {
	return chat.Part{Type: jsontext.Text(jsontext.Field(raw, "type")), JSON: jsontext.Copy(raw)}
}

// ErrBroken is returned for data that is no event of the API.
var ErrBroken = errors.New("not an event of the API")
