package openai

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"

	"oax/internal/chat"
)

// errBroken is returned for data that is not a chunk.
type errBroken struct{}

func (errBroken) Error() string { return "not a JSON object" }

// errService is returned for an error where a chunk should be.
type errService struct{ reported serviceError }

func (errService) Error() string { return "the service reported an error" }

// decodeEvent adds one event's data to the delta. Text is added as it is in the JSON,
// with escapes undone but possibly ill-formed UTF-8; see repair. last is the shape of
// the chunks before.
func decodeEvent(d *chat.Delta, kind string, data []byte, last *shape) error {
	if kind != "error" {
		if last.decode(d, data) {
			return nil
		}
		if err := decodeChunk(d, data, last); err != (errBroken{}) {
			return err
		}
	}
	switch trimmed := bytes.TrimSpace(data); {
	case len(trimmed) == 0, string(trimmed) == "null":
		return nil
	case string(trimmed) == "[DONE]":
		d.Done = true
		return nil
	case kind == "error":
		reported, isJSON := parseError(trimmed)
		if !isJSON {
			reported.message = string(trimmed)
		}
		return errService{reported}
	case bytes.IndexByte(data, '\n') >= 0:
		return decodeLines(d, data, last)
	}
	return errBroken{}
}

// decodeLines is for endpoints that separate events by a single line end, so that
// the reader, rightly, joins them to one.
func decodeLines(d *chat.Delta, data []byte, last *shape) error {
	lines := bytes.Split(data, []byte("\n"))
	for _, line := range lines {
		if !json.Valid(line) && string(bytes.TrimSpace(line)) != "[DONE]" {
			return errBroken{}
		}
	}
	for _, line := range lines {
		if err := decodeEvent(d, "message", line, last); err != nil || d.Done {
			return err
		}
	}
	return nil
}

// decodeChunk adds a chat.completion.chunk, or a whole chat.completion, to the delta,
// in one pass over the data and with no garbage for one that carries only text. It
// keeps the shape of such a chunk in last.
func decodeChunk(d *chat.Delta, data []byte, last *shape) error {
	var c chunk
	if !c.read(data) {
		return errBroken{}
	}
	if !isEmpty(c.err) || isText(c.object, "error") {
		reported, _ := parseError(data)
		return errService{reported}
	}
	setText(&d.Model, c.model)
	setText(&d.FinishReason, c.finishReason)
	if usage := c.lastUsage(); usage != nil {
		d.Usage = slices.Clone(usage)
	}
	c.message.addTo(d)
	last.learn(data, &c, d.Model)
	return nil
}

// chunk holds the fields that count, as they are written in the data: nil if they are
// missing. Names are compared exactly, and the last of two equal ones counts.
type chunk struct {
	err, object, model, usage, groqUsage []byte

	choice // the first with the index 0, or without an index
}

type choice struct {
	index, finishReason, choiceUsage []byte

	message message // from the field delta, or message if there is no delta
}

type message struct {
	content, refusal                              []byte
	reasoningContent, reasoning, reasoningDetails []byte
	toolCalls                                     []byte
}

// read returns false if the data is not a JSON object.
func (c *chunk) read(data []byte) bool {
	d := decoder{data: data}
	if !d.Enter('{') {
		return false
	}
	for d.More('}') {
		switch string(d.ReadName()) {
		case "choices":
			c.readChoices(&d)
		case "model":
			c.model = d.ReadValue()
		case "object":
			c.object = d.ReadValue()
		case "error":
			c.err = d.ReadValue()
		case "usage":
			c.usage = d.ReadValue()
		case "x_groq":
			c.groqUsage = field(d.ReadValue(), "usage")
		default:
			d.SkipValue()
		}
	}
	return d.AtEnd()
}

func (c *chunk) readChoices(d *decoder) {
	c.choice = choice{}
	if !d.Enter('[') {
		d.SkipValue()
		return
	}
	found := false
	for d.More(']') {
		if found {
			d.SkipValue()
			continue
		}
		found = c.choice.read(d)
		if !found {
			c.choice = choice{}
		}
	}
}

// read returns false for a choice with another index than 0.
func (c *choice) read(d *decoder) bool {
	if !d.Enter('{') {
		d.SkipValue()
		return false
	}
	hasDelta := false
	for d.More('}') {
		switch string(d.ReadName()) {
		case "index":
			c.index = d.ReadValue()
		case "finish_reason":
			c.finishReason = d.ReadValue()
		case "usage":
			c.choiceUsage = d.ReadValue()
		case "delta":
			hasDelta = true
			c.message.read(d)
		case "message":
			// Some endpoints repeat all that came so far in a message beside the delta.
			if hasDelta {
				d.SkipValue()
			} else {
				c.message.read(d)
			}
		default:
			d.SkipValue()
		}
	}
	return !isPresent(c.index) || string(c.index) == "0"
}

func (m *message) read(d *decoder) {
	*m = message{}
	if !d.Enter('{') {
		d.SkipValue()
		return
	}
	for d.More('}') {
		switch string(d.ReadName()) {
		case "content":
			m.content = d.ReadValue()
		case "refusal":
			m.refusal = d.ReadValue()
		case "reasoning_content":
			m.reasoningContent = d.ReadValue()
		case "reasoning":
			m.reasoning = d.ReadValue()
		case "reasoning_details":
			m.reasoningDetails = d.ReadValue()
		case "tool_calls":
			m.toolCalls = d.ReadValue()
		default:
			d.SkipValue()
		}
	}
}

// lastUsage returns the usage from the last of the fields that may hold it, or nil.
func (c *chunk) lastUsage() []byte {
	for _, usage := range [][]byte{c.choiceUsage, c.groqUsage, c.usage} {
		if len(usage) > 0 && usage[0] == '{' {
			return usage
		}
	}
	return nil
}

func (m *message) addTo(d *chat.Delta) {
	before := len(d.Reasoning)
	addContent(d, m.content)
	d.Refusal = appendUnquote(d.Refusal, m.refusal)
	// The same reasoning may come in several forms at once; the first counts.
	if len(d.Reasoning) == before {
		d.Reasoning = appendUnquote(d.Reasoning, m.reasoningContent)
	}
	if len(d.Reasoning) == before {
		d.Reasoning = appendUnquote(d.Reasoning, m.reasoning)
	}
	if len(d.Reasoning) == before {
		for detail := range elements(m.reasoningDetails) {
			d.Reasoning = appendUnquote(d.Reasoning, field(detail, "text"))
			d.Reasoning = appendUnquote(d.Reasoning, field(detail, "summary"))
		}
	}
	for call := range elements(m.toolCalls) {
		d.ToolCalls = append(d.ToolCalls, toolCall(call))
	}
}

// addContent adds a string, or an array of text and thinking parts.
func addContent(d *chat.Delta, content []byte) {
	d.Text = appendUnquote(d.Text, content)
	for part := range elements(content) {
		if !isText(field(part, "type"), "thinking") {
			d.Text = appendUnquote(d.Text, field(part, "text"))
			continue
		}
		thinking := field(part, "thinking")
		d.Reasoning = appendUnquote(d.Reasoning, thinking)
		for inner := range elements(thinking) {
			d.Reasoning = appendUnquote(d.Reasoning, field(inner, "text"))
		}
	}
}

// toolCall returns a fragment of a call. Arguments given as an object are taken as its
// JSON.
func toolCall(raw []byte) chat.ToolCall {
	function := field(raw, "function")
	arguments := field(function, "arguments")
	call := chat.ToolCall{ID: text(field(raw, "id")), Name: text(field(function, "name")), Arguments: text(arguments)}
	if isPresent(arguments) && arguments[0] != '"' {
		call.Arguments = string(arguments)
	}
	index, err := strconv.Atoi(string(field(raw, "index")))
	if err != nil || index < 0 {
		index = chat.NoIndex
	}
	call.Index = index
	return call
}

// shape is a chunk without its one text, quotes included. In most streams the next
// chunk differs from the last in nothing else, and comparing is faster than reading.
type shape struct {
	before, after []byte
	isReasoning   bool
	model         string
}

// decode adds a chunk of the shape, or returns false.
func (s *shape) decode(d *chat.Delta, data []byte) bool {
	end := len(data) - len(s.after)
	// An empty text may make another field count.
	if len(s.before) == 0 || end <= len(s.before) || !bytes.HasPrefix(data, s.before) || !bytes.HasSuffix(data, s.after) {
		return false
	}
	into := &d.Text
	if s.isReasoning {
		into = &d.Reasoning
	}
	// What differs must be the inside of one string, or the chunk has another shape.
	rest := decoder{data: data, offset: len(s.before)}
	if rest.skipOrdinary(); rest.offset == end {
		*into = append(*into, data[len(s.before):end]...)
	} else {
		rest.offset = len(s.before) - 1
		value, _ := rest.readString()
		if rest.offset != end+1 || rest.failed {
			return false
		}
		*into = appendUnquote(*into, value)
	}
	if s.model != "" {
		d.Model = s.model
	}
	return true
}

// learn keeps the shape of a chunk whose one string is content or reasoning, and which
// adds nothing else to an answer than that and a model.
func (s *shape) learn(data []byte, c *chunk, model string) {
	m := &c.message
	reasoning := m.reasoningContent
	if isEmpty(reasoning) {
		reasoning = m.reasoning
	}
	value, isReasoning := m.content, isEmpty(m.content)
	if isReasoning {
		value = reasoning
	}
	if !hasText(value) || !isReasoning && !isEmpty(reasoning) || c.lastUsage() != nil || !isEmpty(c.finishReason) ||
		!isEmpty(m.refusal) || !isEmpty(m.reasoningDetails) || !isEmpty(m.toolCalls) {
		return
	}
	s.isReasoning = isReasoning
	s.model = ""
	if hasText(c.model) {
		s.model = model
	}
	begin := cap(data) - cap(value) // both end where the memory does
	s.before = append(s.before[:0], data[:begin+1]...)
	s.after = append(s.after[:0], data[begin+len(value)-1:]...)
}
