package openai

import (
	"bytes"

	"oax/internal/chat"
)

// decodeFast adds a chunk that carries only text or reasoning, in one pass and
// without garbage: nearly every chunk is one. It returns false, with the delta as
// it was, for anything else: decodeChunk is the rule, and what is taken here must
// come out as it does there.
func decodeFast(d *chat.Delta, data []byte, s *shape) bool {
	if s.decode(d, data) {
		return true
	}
	p := fastParser{b: data}
	if !p.chunk() {
		return false
	}
	model := ""
	if len(p.model) > 0 {
		if string(p.model) != d.Model {
			d.Model = string(p.model)
		}
		model = d.Model
	}
	reasoning := p.reasoningContent
	if reasoning.empty() {
		reasoning = p.reasoning
	}
	d.Text = unquote(d.Text, p.content.of(data))
	d.Reasoning = unquote(d.Reasoning, reasoning.of(data))
	s.learn(data, model, p.content, reasoning)
	return true
}

// shape is a chunk with a hole where its text was. In most streams the next chunk
// differs from the last in nothing else, and comparing is faster than parsing.
type shape struct {
	before, after []byte // around the text, quotes included
	isReasoning   bool
	model         string
}

func (s *shape) decode(d *chat.Delta, data []byte) bool {
	hole := len(data) - len(s.before) - len(s.after)
	// An empty text may make another field count.
	if hole <= 0 || len(s.before) == 0 || !bytes.HasPrefix(data, s.before) || !bytes.HasSuffix(data, s.after) {
		return false
	}
	// The hole must be the inside of one string, or the chunk has another shape.
	inside := data[len(s.before) : len(s.before)+hole]
	plain := isPlain(inside)
	if p := (fastParser{b: data, i: len(s.before) - 1}); !plain {
		if found, _, ok := p.str(); !ok || found.to != len(s.before)+hole {
			return false
		}
	}
	if s.model != "" {
		d.Model = s.model
	}
	into := &d.Text
	if s.isReasoning {
		into = &d.Reasoning
	}
	if plain {
		*into = append(*into, inside...)
	} else {
		*into = unquote(*into, inside)
	}
	return true
}

// isPlain reports whether the inside of a string has no end and no escape in it.
func isPlain(inside []byte) bool {
	for _, c := range inside {
		if c < ' ' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// learn remembers a chunk whose one text is content or reasoning.
func (s *shape) learn(data []byte, model string, content, reasoning span) {
	if content.empty() == reasoning.empty() {
		return
	}
	s.isReasoning = content.empty()
	if s.isReasoning {
		content = reasoning
	}
	s.model = model
	s.before = append(s.before[:0], data[:content.from]...)
	s.after = append(s.after[:0], data[content.to:]...)
}

// span is where the inside of a string lies in the data.
type span struct{ from, to int }

func (s span) empty() bool           { return s.from == s.to }
func (s span) of(data []byte) []byte { return data[s.from:s.to] }

// fastParser reads one JSON value (RFC 8259). Its methods return false where the
// text is not valid or not what they know.
type fastParser struct {
	b     []byte
	i     int
	depth int

	// what was found, with its escapes
	model                                []byte
	content, reasoning, reasoningContent span
	seen                                 seen
}

// seen are the fields found so far: of two with one name the last counts, which is
// left to decodeChunk.
type seen uint16

const (
	seenModel seen = 1 << iota
	seenObject
	seenChoices
	seenIndex
	seenDelta
	seenFinish
	seenContent
	seenReasoning
	seenReasoningContent
)

// first reports whether a field has not been seen before.
func (p *fastParser) first(field seen) bool {
	again := p.seen&field != 0
	p.seen |= field
	return !again
}

func (p *fastParser) chunk() bool {
	p.space()
	return p.object(inChunk) && p.atEnd()
}

// scope says which object a field belongs to.
type scope int

const (
	inChunk scope = iota
	inChoice
	inDelta
	elsewhere
)

func (p *fastParser) field(in scope, name []byte) bool {
	switch in {
	case inChunk:
		return p.chunkField(name)
	case inChoice:
		return p.choiceField(name)
	case inDelta:
		return p.deltaField(name)
	}
	return p.skip()
}

func (p *fastParser) chunkField(name []byte) bool {
	switch string(name) {
	case "choices":
		return p.first(seenChoices) && p.choices()
	case "model":
		var ok bool
		p.model, ok = p.plainString()
		return ok && p.first(seenModel)
	case "object":
		kind, ok := p.plainString()
		return ok && string(kind) != "error" && p.first(seenObject)
	case "error", "usage", "x_groq":
		return p.null()
	}
	return p.skip()
}

// choices takes none or one.
func (p *fastParser) choices() bool {
	if !p.take('[') {
		return p.null()
	}
	p.space()
	if p.take(']') {
		return true
	}
	if !p.object(inChoice) {
		return false
	}
	p.space()
	return p.take(']')
}

func (p *fastParser) choiceField(name []byte) bool {
	switch string(name) {
	case "index":
		from := p.i
		return p.first(seenIndex) && p.skip() && string(p.b[from:p.i]) == "0"
	case "delta":
		return p.first(seenDelta) && p.object(inDelta)
	case "finish_reason":
		return p.first(seenFinish) && p.null()
	case "usage":
		return p.null()
	case "message":
		return false
	}
	return p.skip()
}

func (p *fastParser) deltaField(name []byte) bool {
	switch string(name) {
	case "content":
		return p.first(seenContent) && p.text(&p.content)
	case "reasoning":
		return p.first(seenReasoning) && p.text(&p.reasoning)
	case "reasoning_content":
		return p.first(seenReasoningContent) && p.text(&p.reasoningContent)
	case "refusal", "tool_calls", "reasoning_details":
		return p.null()
	}
	return p.skip()
}

// text takes a string or null.
func (p *fastParser) text(into *span) bool {
	if p.null() {
		return true
	}
	inside, _, ok := p.str()
	*into = inside
	return ok
}

// plainString takes a string that is what it looks like.
func (p *fastParser) plainString() ([]byte, bool) {
	inside, plain, ok := p.str()
	return inside.of(p.b), ok && plain
}

func (p *fastParser) atEnd() bool {
	p.space()
	return p.i == len(p.b)
}

// deepest is how many objects and arrays may lie in one another.
const deepest = 16

// object reads an object, field by field. It knows no names with escapes.
func (p *fastParser) object(in scope) bool {
	if p.depth++; p.depth > deepest || !p.take('{') {
		return false
	}
	defer func() { p.depth-- }()
	p.space()
	if p.take('}') {
		return true
	}
	for {
		p.space()
		name, ok := p.plainString()
		if !ok {
			return false
		}
		p.space()
		if !p.take(':') {
			return false
		}
		p.space()
		if !p.field(in, name) {
			return false
		}
		p.space()
		if p.take('}') {
			return true
		}
		if !p.take(',') {
			return false
		}
	}
}
