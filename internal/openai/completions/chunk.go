package completions

import (
	"bytes"
	"encoding/json"
	"iter"
	"strconv"

	"oax/internal/chat"
	"oax/internal/jsontext"
	"oax/internal/openai"
)

// decoder is the openai.Decoder of chat completions.
type decoder struct {
	shape shape // of the chunks before
}

// Decoder returns a decoder for one answer.
func (API) Decoder() openai.Decoder { return new(decoder) }

// Decode adds one event's data, or a whole chat.completion, to the delta.
func (dec *decoder) Decode(d *chat.Delta, kind string, data []byte) error {
	if kind != "error" {
		if dec.shape.decode(d, data) {
			return nil
		}
		if err := dec.chunk(d, data); err != openai.ErrBroken {
			return err
		}
	}
	return openai.DecodeOther(dec, d, kind, data)
}

// chunk adds a chat.completion.chunk, or a whole chat.completion, to the delta, in one
// pass over the data and with no garbage for one that carries only text. It keeps the
// shape of such a chunk.
func (dec *decoder) chunk(d *chat.Delta, data []byte) error {
	var c chunk
	if !c.read(data) {
		return openai.ErrBroken
	}
	jsontext.SetText(&d.Model, c.model)
	jsontext.SetText(&d.FinishReason, c.finishReason)
	if d.FinishReason != "" && c.isCut() {
		d.FinishReason = "length"
	}
	if usage := c.lastUsage(); usage != nil {
		d.Usage = valid(usage)
	}
	c.message.addTo(d)
	if !jsontext.IsEmpty(c.err) || jsontext.IsText(c.object, "error") {
		reported, _ := openai.ParseError(data)
		return &reported
	}
	dec.shape.learn(data, &c, d.Model)
	return nil
}

// valid returns a copy without what is not UTF-8, for JSON that is kept as it is.
func valid(raw []byte) json.RawMessage { return bytes.ToValidUTF8(raw, []byte("\ufffd")) }

// chunk holds the fields that count, as they are written in the data: nil if they are
// missing. Names are compared exactly, and the last of two equal ones counts.
type chunk struct {
	err, object, model, usage, groqUsage []byte

	choice // the first with the index 0, or without an index
}

type choice struct {
	index, finishReason, nativeFinishReason, choiceUsage []byte

	message answer // from the field delta, or message if there is no delta
}

// answer is a delta of an answer, or a whole answer.
type answer struct {
	content, refusal                              []byte
	reasoningContent, reasoning, reasoningDetails []byte
	toolCalls, functionCall                       []byte
	audio, images                                 []byte
	opaque                                        object // of what else the service may want back
}

// reasoningContent is a field that some services want back; see withCalls.
const reasoningContent = "reasoning_content"

// read returns false if the data is not a JSON object.
func (c *chunk) read(data []byte) bool {
	d := jsontext.NewDecoder(data)
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
			c.groqUsage = jsontext.Field(d.ReadValue(), "usage")
		default:
			d.SkipValue()
		}
	}
	return d.AtEnd()
}

func (c *chunk) readChoices(d *jsontext.Decoder) {
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
func (c *choice) read(d *jsontext.Decoder) bool {
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
		case "native_finish_reason":
			c.nativeFinishReason = d.ReadValue()
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
	return !jsontext.IsPresent(c.index) || string(c.index) == "0"
}

// isCut reports whether the model reached its length limit, which OpenRouter's
// finish_reason does not say of an answer that ends in a tool call.
func (c *choice) isCut() bool {
	switch jsontext.Text(c.nativeFinishReason) {
	case "length", "max_tokens", "max_output_tokens", "MAX_TOKENS":
		return true
	}
	return false
}

func (a *answer) read(d *jsontext.Decoder) {
	*a = answer{}
	if !d.Enter('{') {
		d.SkipValue()
		return
	}
	for d.More('}') {
		switch name := d.ReadName(); string(name) {
		case "content":
			a.content = d.ReadValue()
		case "refusal":
			a.refusal = d.ReadValue()
		case reasoningContent:
			a.reasoningContent = d.ReadValue()
		case "reasoning":
			a.reasoning = d.ReadValue()
		case "reasoning_details":
			a.reasoningDetails = d.ReadValue()
			a.opaque.add(name, a.reasoningDetails)
		case "provider_metadata", "extra_content", "reasoning_opaque": // Vercel's, Google's, GitHub's
			a.opaque.add(name, d.ReadValue())
		case "tool_calls":
			a.toolCalls = d.ReadValue()
		case "function_call":
			a.functionCall = d.ReadValue()
		case "audio":
			a.audio = d.ReadValue()
		case "images":
			a.images = d.ReadValue()
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

func (a *answer) addTo(d *chat.Delta) {
	before := len(d.Reasoning)
	addContent(d, a.content)
	d.Refusal = jsontext.AppendUnquote(d.Refusal, a.refusal)
	if len(d.Reasoning) == before { // it may come in several forms at once; the first counts
		a.addReasoning(d)
	}
	for call := range elements(a.toolCalls) {
		d.ToolCalls = append(d.ToolCalls, toolCall(call))
	}
	if jsontext.IsPresent(a.functionCall) { // tool_calls of long ago
		call := jsontext.NewDecoder(a.functionCall)
		d.ToolCalls = append(d.ToolCalls, chat.ToolCall{Index: chat.NoIndex})
		readFunction(&d.ToolCalls[len(d.ToolCalls)-1], &call)
	}
	if transcript := jsontext.Text(jsontext.Field(a.audio, "transcript")); transcript != "" {
		d.Parts = append(d.Parts, chat.Part{Type: chat.Audio, Text: transcript})
	}
	for image := range elements(a.images) {
		d.Parts = append(d.Parts, part(image))
	}
	if fields := a.opaque.end(); fields != nil {
		d.Opaque = append(d.Opaque, fields)
	}
}

// elements yields the first elements of an array, as many as one event may have.
func elements(raw []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		n := 0
		for e := range jsontext.Elements(raw) {
			if n++; n > openai.MaxPieces || !yield(e) {
				return
			}
		}
	}
}

// part returns an element of a message's content as it is.
func part(raw []byte) chat.Part {
	return chat.Part{Type: jsontext.Text(jsontext.Field(raw, "type")), JSON: valid(raw)}
}

// addReasoning adds the reasoning in the first of its fields that has any.
func (a *answer) addReasoning(d *chat.Delta) {
	before := len(d.Reasoning)
	if d.Reasoning = jsontext.AppendUnquote(d.Reasoning, a.reasoningContent); len(d.Reasoning) > before {
		d.ReasoningField = reasoningContent
		return
	}
	if d.Reasoning = jsontext.AppendUnquote(d.Reasoning, a.reasoning); len(d.Reasoning) > before {
		return
	}
	for detail := range jsontext.Elements(a.reasoningDetails) {
		d.Reasoning = jsontext.AppendUnquote(d.Reasoning, jsontext.Field(detail, "text"))
		d.Reasoning = jsontext.AppendUnquote(d.Reasoning, jsontext.Field(detail, "summary"))
	}
}

// addContent adds a string, or an array of parts: text, thinking (Mistral), and others,
// which stay what they are.
func addContent(d *chat.Delta, content []byte) {
	d.Text = jsontext.AppendUnquote(d.Text, content)
	for raw := range elements(content) {
		switch kind := jsontext.Field(raw, "type"); {
		case jsontext.IsText(kind, "text"), !jsontext.HasText(kind):
			d.Text = jsontext.AppendUnquote(d.Text, jsontext.Field(raw, "text"))
		case jsontext.IsText(kind, "thinking"):
			thinking := jsontext.Field(raw, "thinking")
			d.Reasoning = jsontext.AppendUnquote(d.Reasoning, thinking)
			for inner := range jsontext.Elements(thinking) {
				d.Reasoning = jsontext.AppendUnquote(d.Reasoning, jsontext.Field(inner, "text"))
			}
		default:
			d.Parts = append(d.Parts, part(raw))
		}
	}
}

// toolCall returns a fragment of a call.
func toolCall(raw []byte) chat.ToolCall {
	c := chat.ToolCall{Index: chat.NoIndex}
	var opaque object
	d := jsontext.NewDecoder(raw)
	for d.Enter('{'); d.More('}'); {
		switch name := d.ReadName(); string(name) {
		case "index":
			if index, err := strconv.Atoi(string(d.ReadValue())); err == nil && index >= 0 {
				c.Index = index
			}
		case "id":
			c.ID = jsontext.Text(d.ReadValue())
		case "type":
			d.SkipValue()
		case "function":
			readFunction(&c, &d)
		default:
			opaque.add(name, d.ReadValue())
		}
	}
	c.Opaque = opaque.end()
	return c
}

// readFunction reads the name and the arguments of a call. Arguments given as an object
// are taken as its JSON.
func readFunction(c *chat.ToolCall, d *jsontext.Decoder) {
	if !d.Enter('{') {
		d.SkipValue()
		return
	}
	for d.More('}') {
		switch string(d.ReadName()) {
		case "name":
			c.Name = jsontext.Text(d.ReadValue())
		case "arguments":
			arguments := d.ReadValue()
			c.Arguments = jsontext.Text(arguments)
			if jsontext.IsPresent(arguments) && arguments[0] != '"' {
				c.Arguments = string(valid(arguments))
			}
		default:
			d.SkipValue()
		}
	}
}

// object is a JSON object of fields that are kept as they are.
type object []byte

// add adds a field, unless its value stands for nothing.
func (o *object) add(name, value []byte) {
	if jsontext.IsEmpty(value) {
		return
	}
	begin := byte(',')
	if len(*o) == 0 {
		begin = '{'
	}
	quoted, _ := json.Marshal(string(name))
	*o = append(append(append(append(*o, begin), quoted...), ':'), value...)
}

// end returns the object, or nothing if it has no fields.
func (o object) end() json.RawMessage {
	if len(o) == 0 {
		return nil
	}
	return append(valid(o), '}')
}
