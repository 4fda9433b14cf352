package openai

import (
	"bytes"
	"encoding/json"
	"iter"
	"slices"

	"oax/internal/chat"
	"oax/internal/jsontext"
)

// What the APIs have in common: messages in requests, and parts in answers.

// Exchanges yields each message with the results of its calls. Calls go to a service with
// all of their results or not at all (see chat.Message.ResultsIn), so a message whose calls
// have none is to be sent without them; results without a call are left out.
func Exchanges(messages []chat.Message) iter.Seq2[chat.Message, []chat.Message] {
	return func(yield func(chat.Message, []chat.Message) bool) {
		for len(messages) > 0 {
			m, rest := messages[0], messages[1:]
			results := m.ResultsIn(rest)
			if m.Role != chat.Tool && !yield(m, results) {
				return
			}
			messages = rest[len(results):]
		}
	}
}

// Content returns the content of a message: what it shows as a text, which every endpoint
// takes, or with parts beside it an array of text, which is that text as a part, and the
// parts. part makes one of a file or of what is JSON already. Files whose bytes are not
// there are left out.
func Content(m chat.Message, text any, part func(chat.Part) any) any {
	var parts []any
	for _, p := range m.Parts {
		if len(p.JSON)+len(p.Data) > 0 {
			parts = append(parts, part(p))
		}
	}
	switch {
	case len(parts) == 0:
		return m.Shown()
	case m.Shown() != "":
		parts = slices.Insert(parts, 0, text)
	}
	return parts
}

// Encode returns the fields of a request as JSON, with markup as it is.
func Encode(fields map[string]any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(fields)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
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
