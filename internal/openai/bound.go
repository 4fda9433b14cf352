package openai

import (
	"unicode/utf8"

	"oax/internal/chat"
)

// MaxAnswer is the longest answer taken: text, reasoning and tool calls together, in
// bytes as JSON, which is how a session keeps them. So a line of a session is bounded
// too: a control character is one byte of text and six of JSON.
const MaxAnswer = 16 << 20

const (
	// maxOver is how much of the piece that passes MaxAnswer is still taken, in bytes.
	maxOver = 64 << 10
	// maxWord is the length, in bytes, to which a model's name, a finish reason and the
	// like are cut.
	maxWord = 4 << 10
	// maxUsage is the size above which the usage is left out, in bytes.
	maxUsage = 64 << 10
	// callSize is what a tool call counts beside its own bytes, fragmentSize what each
	// of its fragments does.
	callSize, fragmentSize = 1 << 10, 128
)

// bound cuts off what the answer has no room for.
func (s *Stream) bound(d *chat.Delta) {
	d.Reasoning = fitting(s, d.Reasoning)
	d.Text = fitting(s, d.Text)
	d.Refusal = fitting(s, d.Refusal)
	for i, c := range d.ToolCalls {
		s.size += fragmentSize + len(c.ID) + len(c.Name)
		if c.ID != "" || c.Name != "" || c.Index != s.call {
			s.size += callSize
		}
		s.call = c.Index
		c.ID, c.Name = word(c.ID), word(c.Name)
		c.Arguments = fitting(s, c.Arguments)
		d.ToolCalls[i] = c
	}
	if d.Model != s.model {
		s.size += len(d.Model)
		d.Model = word(d.Model)
		s.model = d.Model
	}
	d.FinishReason = word(d.FinishReason)
	if len(d.Usage) > maxUsage {
		d.Usage = nil
	}
	s.full = s.size > MaxAnswer
}

// word cuts a name that is too long.
func word(s string) string { return s[:chat.Fitting(s, maxWord)] }

// fitting adds the size of text to that of the answer, and returns as many of its first
// characters as there is room for.
func fitting[words string | []byte](s *Stream, text words) words {
	for i := range len(text) {
		s.size += int(sizeInJSON[text[i]])
		if s.size > MaxAnswer+maxOver {
			for i > 0 && !utf8.RuneStart(text[i]) {
				i--
			}
			return text[:i]
		}
	}
	return text
}

// sizeInJSON is what each byte of a text takes in the line of a session.
var sizeInJSON = func() (size [256]uint8) {
	for c := range size {
		size[c] = 1
		switch {
		case c == '"', c == '\\', c == '\n', c == '\t':
			size[c] = 2
		case c < ' ':
			size[c] = 6
		}
	}
	return size
}()
