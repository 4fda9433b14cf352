package openai_test

import (
	"io"
	"strings"
	"testing"

	"oax/internal/chat"

	. "oax/internal/openai"
)

// TestSniff: what a body is shows in its first bytes, however they arrive.
func TestSniff(t *testing.T) {
	const whole = `{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}`
	const stream = `data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}`
	for _, tt := range []struct {
		name, body string
		text       string
		kind       Kind
		said       string
	}{
		{"a stream", stream, "Hi", "", ""},
		{"a stream after blank lines", "\n\r\n\n" + stream, "Hi", "", ""},
		{"a stream after a mark", "\ufeff" + stream, "Hi", "", ""},
		{"a stream after a comment", ": {\n\n" + stream, "Hi", "", ""},
		{"a stream after much space", strings.Repeat("\n", 100_000) + stream, "Hi", "", ""},

		{"a completion", whole, "Hi", "", ""},
		{"a completion after space", " \r\n\t" + whole + "\n", "Hi", "", ""},
		{"a completion after a mark", "\ufeff" + whole, "Hi", "", ""},
		{"a chunk", `{"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}`, "Hi", "", ""},
		{"a refusal", `{"choices":[{"message":{"refusal":"Hi"},"finish_reason":"stop"}]}`, "Hi", "", ""},
		{"no error", `{"error":false,"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}`, "Hi", "", ""},
		{"half a completion", whole[:40], "", BrokenEvent, ""},
		{"an opening brace", "{", "", BrokenEvent, ""},
		{"an empty object", "{}", "", BrokenEvent, ""},
		{"an empty array", "[]", "", BrokenEvent, ""},
		{"another object", `{"object":"list","data":[]}`, "", BrokenEvent, ""},
		{"no choices", `{"choices":[]}`, "", BrokenEvent, ""},
		{"JSON lines", whole + "\n" + whole, "", BrokenEvent, ""},

		{"an error", `{"error":{"message":"no"}}`, "", ServiceError, "no"},
		{"an error as text", `{"error":"no"}`, "", ServiceError, "no"},
		{"an error in an array", `[{"error":{"message":"no"}}]`, "", ServiceError, "no"},
		{"an error object", `{"object":"error","message":"no"}`, "", ServiceError, "no"},
		{"a detail", `{"detail":"no"}`, "", ServiceError, "no"},
		{"a message", `{"message":"no"}`, "", ServiceError, "no"},

		{"a page", "<!DOCTYPE html><p>log in", "", WebPage, ""},
		{"a page after space", "\n\n  <html>", "", WebPage, ""},
		{"an angle bracket", "<", "", WebPage, ""},

		{"nothing", "", "", EmptyReply, ""},
		{"space", " \n", "", "cut", ""},
		{"text", "Internal Server Error", "", "cut", ""},
	} {
		for _, rest := range [][]string{{tt.body}, bytewise(tt.body)} {
			if len(rest) > 10_000 {
				continue
			}
			m, err := read(&pieces{rest: rest}, DefaultLimits())
			kind := kindOf(err)
			if m.Why == chat.Cut && err == nil {
				kind = "cut"
			}
			if m.Shown() != tt.text || kind != tt.kind {
				t.Errorf("%s: %q, %q, want %q, %q", tt.name, m.Shown(), kind, tt.text, tt.kind)
			}
			if failure, ok := err.(*Error); ok && failure.Message != tt.said {
				t.Errorf("%s: said %q, want %q", tt.name, failure.Message, tt.said)
			}
		}
	}
}

// TestBrokenBody: a connection that breaks inside a body that is not a stream.
func TestBrokenBody(t *testing.T) {
	for body, want := range map[string]Kind{
		`{"choices":[{"mess`:         ResetLate,
		`{"error":{"message":"no"}}`: ServiceError,
		`<html><h1>502`:              WebPage,
	} {
		_, err := read(&pieces{rest: []string{body}, err: io.ErrUnexpectedEOF}, DefaultLimits())
		if kindOf(err) != want {
			t.Errorf("%s: %v, want %s", body, err, want)
		}
	}
}

// TestHugeBody: a body that is not a stream is read to a limit.
func TestHugeBody(t *testing.T) {
	for start, want := range map[string]Kind{
		"<":                                   WebPage,
		`{"x":"`:                              BrokenEvent,
		`[`:                                   BrokenEvent,
		`{"choices":[{"message":{"content":"`: BrokenEvent,
	} {
		endless := &endless{start: start, more: strings.Repeat("[", 4000)}
		_, err := read(endless, DefaultLimits())
		if kindOf(err) != want || endless.sent < MaxAnswer || endless.sent > 2*MaxAnswer {
			t.Errorf("%s: %v after %d bytes", start, err, endless.sent)
		}
	}
}

// TestAnswerLimit: everything that is kept of an answer counts.
func TestAnswerLimit(t *testing.T) {
	filler := strings.Repeat("x", 64<<10)
	for name, delta := range map[string]string{
		"text":           `{"content":"` + filler + `"}`,
		"reasoning":      `{"reasoning":"` + filler + `"}`,
		"refusal":        `{"refusal":"` + filler + `"}`,
		"tool arguments": `{"tool_calls":[{"function":{"arguments":"` + filler + `"}}]}`,
		"models":         "",
		"tool names":     `{"tool_calls":[{"index":1,"function":{"name":"` + filler + `"}}]}`,
	} {
		endless := &endless{more: `data: {"choices":[{"delta":` + delta + `}]}` + "\n\n"}
		const last = 1 << 20
		most := 2 * last
		if name == "models" {
			// Of those that come in one read only the last counts: it must be another
			// each time.
			endless.more, most = "", 8*last
			for _, name := range []string{"a", "b", "c", "d", "e"} {
				endless.more += `data: {"model":"` + name + filler + `"}` + "\n\n"
			}
		}
		m, err := readAfter(MaxAnswer-last, endless, DefaultLimits())
		if kindOf(err) != AnswerLimit || m.Why != chat.Limit || endless.sent < last || endless.sent > most {
			t.Errorf("%s: %s, %v after %d bytes", name, m.Why, err, endless.sent)
		}
	}
}

// endless is a body without an end.
type endless struct {
	start, more, rest string
	sent              int
}

func (e *endless) Read(b []byte) (int, error) {
	if e.rest == "" {
		e.rest, e.start = e.start+e.more, ""
	}
	n := copy(b, e.rest)
	e.rest = e.rest[n:]
	e.sent += n
	return n, nil
}

func (e *endless) Close() error { return nil }
