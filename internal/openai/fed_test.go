package openai_test

import (
	"context"
	"io"

	"oax/internal/chat"

	. "oax/internal/openai"
	"oax/internal/openai/completions"
)

// newClient returns a client of chat completions.
func newClient(c Config) *Client {
	if c.API == nil {
		c.API = completions.API{}
	}
	return New(c)
}

// read runs a body through a Stream, without a network.
func read(body io.ReadCloser, limits Limits) (chat.Message, error) {
	return readAfter(0, body, limits)
}

// readAfter is read for the rest of an answer of which some bytes have come already.
func readAfter(size int, body io.ReadCloser, limits Limits) (chat.Message, error) {
	return readFrom(newClient(Config{Limits: limits}), size, body)
}

// readWith is read with the settings of a client.
func readWith(c *Client, body io.ReadCloser) (chat.Message, error) { return readFrom(c, 0, body) }

func readFrom(c *Client, size int, body io.ReadCloser) (chat.Message, error) {
	ctx, cancel := context.WithCancel(context.Background())
	stream := NewStream(ctx, cancel, c, completions.API{}, Error{Host: "host"}, body)
	stream.SetSize(size)
	return gather(ctx, stream)
}

// askFor sends a prompt and takes the answer.
func askFor(ctx context.Context, c *Client, prompt string) (chat.Message, error) {
	stream, err := c.Stream(ctx, Request{Model: "m", Messages: []chat.Message{{Role: chat.User, Text: prompt}}})
	if err != nil {
		return new(chat.Turn).End(chat.Failed), err
	}
	return gather(ctx, stream)
}

// gather takes an answer to its end, and closes the stream. The error is nil for io.EOF.
func gather(ctx context.Context, stream *Stream) (chat.Message, error) {
	defer stream.Close()
	var turn chat.Turn
	for {
		delta, err := stream.Next(ctx)
		if delta != nil {
			turn.Add(delta)
		}
		switch failure, failed := err.(*Error); {
		case err == io.EOF:
			return turn.End(""), nil
		case failed:
			return turn.End(failure.Why()), err
		case err != nil:
			return turn.End(chat.Stopped), err
		}
	}
}

// pieces is a body that arrives a piece a read, and then ends with err or io.EOF.
type pieces struct {
	rest []string
	err  error
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.rest) == 0 && p.err != nil {
		return 0, p.err
	}
	if len(p.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.rest[0])
	if p.rest[0] = p.rest[0][n:]; p.rest[0] == "" {
		p.rest = p.rest[1:]
	}
	return n, nil
}

func (p *pieces) Close() error { return nil }
