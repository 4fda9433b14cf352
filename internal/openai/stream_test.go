package openai_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"oax/internal/chat"

	. "oax/internal/openai"
	"oax/internal/openai/completions"
)

// TestNextAfterTheEnd: however a stream ends, Next says so again and again.
func TestNextAfterTheEnd(t *testing.T) {
	const text = `data: {"choices":[{"delta":{"content":"a"}}]}` + "\n\n"
	for _, tt := range []struct {
		name, wire string
		err        error // of the body
		kind       Kind  // of the *Error, or empty for io.EOF
	}{
		{"[DONE]", text + "data: [DONE]\n\n", nil, ""},
		{"[DONE] alone", "data: [DONE]\n\n", nil, ""},
		{"the connection is closed", text, nil, ""},
		{"the connection is reset", text, io.ErrUnexpectedEOF, ResetLate},
		{"an error", text + `data: {"error":"no"}` + "\n\n", nil, ServiceError},
		{"no JSON", text + "data: x\n\n", nil, BrokenEvent},
		{"a web page", "<html>", nil, WebPage},
		{"nothing", "", nil, EmptyReply},
	} {
		for _, early := range []bool{false, true} {
			ctx, cancel := context.WithCancel(t.Context())
			s := NewStream(ctx, cancel, newClient(Config{Limits: DefaultLimits()}), completions.API{}, Error{}, &pieces{rest: pieceOf(tt.wire), err: tt.err})
			if early && s.First(ctx) != nil {
				continue // Client.Stream returns the error
			}
			var answer string
			var end error
			for end == nil {
				var delta *chat.Delta
				if delta, end = s.Next(ctx); delta != nil {
					answer += string(delta.Text)
				}
			}
			if failure, _ := errors.AsType[*Error](end); tt.kind == "" && end != io.EOF || tt.kind != "" && (failure == nil || failure.Kind != tt.kind) {
				t.Errorf("%s: it ended with %v", tt.name, end)
			}
			if want := len(tt.wire) >= len(text) && tt.wire[:len(text)] == text; (answer == "a") != want {
				t.Errorf("%s: the text is %q", tt.name, answer)
			}
			for range 3 {
				if delta, err := s.Next(ctx); delta != nil || err != end {
					t.Errorf("%s: after %v: %v, %v", tt.name, end, delta, err)
				}
			}
			s.Close()
			if delta, err := s.Next(ctx); delta != nil || err != end {
				t.Errorf("%s: closed after %v: %v, %v", tt.name, end, delta, err)
			}
		}
	}
}

// TestNextAfterTheContext: the end of the context is an end, and so is Close.
func TestNextAfterTheContext(t *testing.T) {
	stop := errors.New("stop")
	for _, closed := range []bool{false, true} {
		ctx, cancel := context.WithCancelCause(t.Context())
		s := NewStream(ctx, func() { cancel(stop) }, newClient(Config{Limits: DefaultLimits()}), completions.API{}, Error{}, play([]beat{{"data: {}\n\n", 0}}))
		if closed {
			s.Close()
		} else {
			time.AfterFunc(time.Millisecond, func() { cancel(stop) })
		}
		for range 3 {
			if delta, err := s.Next(ctx); delta != nil || err != stop {
				t.Errorf("closed %v: %v, %v", closed, delta, err)
			}
		}
		s.Close()
	}
	ctx, cancel := context.WithCancel(t.Context())
	s := NewStream(ctx, cancel, newClient(Config{Limits: DefaultLimits()}), completions.API{}, Error{}, play(nil))
	s.Close()
	if delta, err := s.Next(t.Context()); delta != nil || err == nil {
		t.Errorf("closed: %v, %v", delta, err)
	}
}

// pieceOf is a body of one piece, or of none.
func pieceOf(wire string) []string {
	if wire == "" {
		return nil
	}
	return []string{wire}
}
