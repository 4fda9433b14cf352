package completions

import (
	"bytes"

	"oax/internal/chat"
	"oax/internal/jsontext"
)

// shape is a chunk without its one text and without its padding, which OpenAI lets vary so that
// the length of a chunk does not tell the text. In most streams the next chunk differs from the
// last in nothing else, and comparing is faster than reading.
type shape struct {
	before, after  []byte // the text, quotes included
	end            []byte // what follows the padding, which stands behind after
	padded         bool
	isReasoning    bool
	reasoningField string // see chat.Message
	model          string
}

// decode adds a chunk of the shape, or returns false.
func (s *shape) decode(d *chat.Delta, data []byte) bool {
	if len(s.before) == 0 || !bytes.HasPrefix(data, s.before) {
		return false
	}
	// What differs must be the inside of one string, or the chunk has another shape. An empty
	// text may make another field count.
	end, escaped := jsontext.StringEnd(data, len(s.before))
	if end <= len(s.before) || !s.ends(data[end:]) {
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

// ends reports whether a chunk goes on behind its text as the shape does.
func (s *shape) ends(rest []byte) bool {
	if !s.padded {
		return bytes.Equal(rest, s.after)
	}
	if !bytes.HasPrefix(rest, s.after) {
		return false
	}
	end, _ := jsontext.StringEnd(rest, len(s.after))
	return end >= 0 && bytes.Equal(rest[end:], s.end)
}

// learn keeps the shape of a chunk whose one string is content or reasoning, and which
// adds nothing else to an answer than that and a model.
func (dec *decoder) learn(data []byte, model string) {
	reasoning, field := dec.answer.Get(reasoningContent), reasoningContent
	if jsontext.IsEmpty(reasoning) {
		reasoning, field = dec.answer.Get("reasoning"), ""
	}
	value := dec.answer.Get("content")
	isReasoning := jsontext.IsEmpty(value)
	if isReasoning {
		value = reasoning
	}
	if !jsontext.HasText(value) || !isReasoning && !jsontext.IsEmpty(reasoning) || dec.usage() != nil || !dec.isText() {
		return
	}
	s := &dec.shape
	s.isReasoning, s.reasoningField = isReasoning, field
	s.model = ""
	if jsontext.HasText(dec.chunk.Get("model")) {
		s.model = model
	}
	begin := cap(data) - cap(value) // both end where the memory does
	s.before = append(s.before[:0], data[:begin+1]...)
	after := data[begin+len(value)-1:]
	padding := dec.chunk.Get("obfuscation")
	if s.padded = jsontext.HasText(padding) && cap(padding) < cap(after); s.padded {
		begin := cap(after) - cap(padding)
		s.end = append(s.end[:0], after[begin+len(padding)-1:]...)
		after = after[:begin+1]
	}
	s.after = append(s.after[:0], after...)
}

// isText reports whether a chunk says nothing but content and reasoning.
func (dec *decoder) isText() bool {
	if !jsontext.IsEmpty(dec.choice.Get("finish_reason")) {
		return false
	}
	for _, m := range dec.answer {
		switch string(m.Name) {
		case "refusal", "reasoning_details", "tool_calls", "function_call", "audio", "images",
			"provider_metadata", "extra_content", "reasoning_opaque":
			if !jsontext.IsEmpty(m.Value) {
				return false
			}
		}
	}
	return true
}
