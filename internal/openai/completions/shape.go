package completions

import (
	"bytes"

	"oax/internal/chat"
	"oax/internal/jsontext"
)

// shape is a chunk without its one text, quotes included. In most streams the next
// chunk differs from the last in nothing else, and comparing is faster than reading.
type shape struct {
	before, after  []byte
	isReasoning    bool
	reasoningField string // see chat.Message
	model          string
}

// decode adds a chunk of the shape, or returns false.
func (s *shape) decode(d *chat.Delta, data []byte) bool {
	end := len(data) - len(s.after)
	// An empty text may make another field count.
	if len(s.before) == 0 || end <= len(s.before) || !bytes.HasPrefix(data, s.before) || !bytes.HasSuffix(data, s.after) {
		return false
	}
	// What differs must be the inside of one string, or the chunk has another shape.
	stringEnd, escaped := jsontext.StringEnd(data, len(s.before))
	if stringEnd != end {
		return false
	}
	into := &d.Text
	if s.isReasoning {
		into, d.ReasoningField = &d.Reasoning, s.reasoningField
	}
	if escaped {
		*into = jsontext.AppendUnquote(*into, data[len(s.before)-1:end+1])
	} else {
		*into = append(*into, data[len(s.before):end]...)
	}
	if s.model != "" {
		d.Model = s.model
	}
	return true
}

// learn keeps the shape of a chunk whose one string is content or reasoning, and which
// adds nothing else to an answer than that and a model.
func (s *shape) learn(data []byte, c *chunk, model string) {
	a := &c.message
	reasoning, field := a.reasoningContent, reasoningContent
	if jsontext.IsEmpty(reasoning) {
		reasoning, field = a.reasoning, ""
	}
	value, isReasoning := a.content, jsontext.IsEmpty(a.content)
	if isReasoning {
		value = reasoning
	}
	if !jsontext.HasText(value) || !isReasoning && !jsontext.IsEmpty(reasoning) || c.lastUsage() != nil || !jsontext.IsEmpty(c.finishReason) ||
		!a.isText() {
		return
	}
	s.isReasoning, s.reasoningField = isReasoning, field
	s.model = ""
	if jsontext.HasText(c.model) {
		s.model = model
	}
	begin := cap(data) - cap(value) // both end where the memory does
	s.before = append(s.before[:0], data[:begin+1]...)
	s.after = append(s.after[:0], data[begin+len(value)-1:]...)
}

// isText reports whether there is nothing but content and reasoning.
func (a *answer) isText() bool {
	for _, other := range [][]byte{a.refusal, a.reasoningDetails, a.toolCalls, a.functionCall, a.audio, a.images, a.opaque} {
		if !jsontext.IsEmpty(other) {
			return false
		}
	}
	return true
}
