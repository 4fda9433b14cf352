package completions

import (
	"strconv"

	"oax/internal/chat"
	"oax/internal/jsontext"
	"oax/internal/openai"
)

// decoder is the openai.Decoder of chat completions.
type decoder struct {
	shape shape // of the chunks before

	// The chunk that is decoded: its first choice with the index 0 or without an index, and
	// the answer in that, from the field delta, or message if there is no delta.
	chunk, choice, answer, call, function jsontext.Object
}

// Decoder returns a decoder for one answer.
func (API) Decoder() openai.Decoder { return new(decoder) }

// Decode adds a chat.completion.chunk, or a whole chat.completion, to the delta, with no
// garbage for one that carries only text. It keeps the shape of such a chunk.
func (dec *decoder) Decode(d *chat.Delta, _ string, data []byte) error {
	if dec.shape.decode(d, data) {
		return nil
	}
	defer dec.letGo()
	if !dec.chunk.Read(data) {
		return openai.ErrBroken
	}
	dec.readChoice()
	jsontext.SetText(&d.Model, dec.chunk.Get("model"))
	jsontext.SetText(&d.FinishReason, dec.choice.Get("finish_reason"))
	if d.FinishReason != "" && dec.isCut() {
		d.FinishReason = "length"
	}
	if usage := dec.usage(); usage != nil {
		d.Usage = jsontext.Copy(usage)
	}
	dec.addAnswer(d)
	if !jsontext.IsEmpty(dec.chunk.Get("error")) || jsontext.IsText(dec.chunk.Get("object"), "error") {
		return openai.ParseError(data)
	}
	dec.learn(data, d.Model)
	return nil
}

// letGo lets go of the bytes of a chunk, which may be a whole answer.
func (dec *decoder) letGo() {
	for _, o := range []*jsontext.Object{&dec.chunk, &dec.choice, &dec.answer, &dec.call, &dec.function} {
		clear((*o)[:cap(*o)])
	}
}

func (dec *decoder) readChoice() {
	dec.answer = dec.answer[:0]
	choices := jsontext.NewDecoder(dec.chunk.Get("choices"))
	for choices.Enter('['); choices.More(']'); {
		if !dec.choice.ReadNext(&choices) {
			continue
		}
		if index := dec.choice.Get("index"); jsontext.IsPresent(index) && string(index) != "0" {
			continue
		}
		answer := dec.choice.Get("delta")
		if answer == nil { // some endpoints repeat all that came so far in a message beside it
			answer = dec.choice.Get("message")
		}
		dec.answer.Read(answer)
		return
	}
	dec.choice = dec.choice[:0]
}

// isCut reports whether the model reached its length limit, which OpenRouter's
// finish_reason does not say of an answer that ends in a tool call.
func (dec *decoder) isCut() bool {
	switch jsontext.Text(dec.choice.Get("native_finish_reason")) {
	case "length", "max_tokens", "max_output_tokens", "MAX_TOKENS":
		return true
	}
	return false
}

// usage returns the usage from the first of the fields that may hold it, or nil.
func (dec *decoder) usage() []byte {
	groq := jsontext.Field(dec.chunk.Get("x_groq"), "usage")
	for _, usage := range [][]byte{dec.choice.Get("usage"), groq, dec.chunk.Get("usage")} {
		if len(usage) > 0 && usage[0] == '{' {
			return usage
		}
	}
	return nil
}

// reasoningContent is a field that some services want back; see withCalls.
const reasoningContent = "reasoning_content"

func (dec *decoder) addAnswer(d *chat.Delta) {
	before := len(d.Reasoning)
	addContent(d, dec.answer.Get("content"))
	d.Refusal = jsontext.AppendUnquote(d.Refusal, dec.answer.Get("refusal"))
	if len(d.Reasoning) == before { // it may come in several forms at once; the first counts
		dec.addReasoning(d)
	}
	for call := range openai.Elements(dec.answer.Get("tool_calls")) {
		d.ToolCalls = append(d.ToolCalls, dec.toolCall(call))
	}
	if function := dec.answer.Get("function_call"); jsontext.IsPresent(function) { // tool_calls of long ago
		call := chat.ToolCall{Index: chat.NoIndex}
		dec.setFunction(&call, function)
		d.ToolCalls = append(d.ToolCalls, call)
	}
	if transcript := jsontext.Text(jsontext.Field(dec.answer.Get("audio"), "transcript")); transcript != "" {
		d.Parts = append(d.Parts, chat.Part{Type: chat.Audio, Text: transcript})
	}
	for image := range openai.Elements(dec.answer.Get("images")) {
		d.Parts = append(d.Parts, openai.Part(image))
	}
	var opaque jsontext.Object // what the service may want back
	for _, m := range dec.answer {
		switch string(m.Name) {
		case "reasoning_details", "provider_metadata", "extra_content", "reasoning_opaque": // OpenRouter's, Vercel's, Google's, GitHub's
			if !jsontext.IsEmpty(m.Value) {
				opaque = append(opaque, m)
			}
		}
	}
	if len(opaque) > 0 {
		d.Opaque = append(d.Opaque, opaque.Encode())
	}
}

// addReasoning adds the reasoning in the first of its fields that has any.
func (dec *decoder) addReasoning(d *chat.Delta) {
	before := len(d.Reasoning)
	if d.Reasoning = jsontext.AppendUnquote(d.Reasoning, dec.answer.Get(reasoningContent)); len(d.Reasoning) > before {
		d.ReasoningField = reasoningContent
		return
	}
	if d.Reasoning = jsontext.AppendUnquote(d.Reasoning, dec.answer.Get("reasoning")); len(d.Reasoning) > before {
		return
	}
	for detail := range jsontext.Elements(dec.answer.Get("reasoning_details")) {
		d.Reasoning = jsontext.AppendUnquote(d.Reasoning, jsontext.Field(detail, "text"))
		d.Reasoning = jsontext.AppendUnquote(d.Reasoning, jsontext.Field(detail, "summary"))
	}
}

// addContent adds a string, or an array of parts: text, thinking (Mistral), and others,
// which stay what they are.
func addContent(d *chat.Delta, content []byte) {
	d.Text = jsontext.AppendUnquote(d.Text, content)
	for raw := range openai.Elements(content) {
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
			d.Parts = append(d.Parts, openai.Part(raw))
		}
	}
}

// toolCall returns a fragment of a call.
func (dec *decoder) toolCall(raw []byte) chat.ToolCall {
	c := chat.ToolCall{Index: chat.NoIndex}
	var opaque jsontext.Object
	dec.call.Read(raw)
	for _, m := range dec.call {
		switch string(m.Name) {
		case "index":
			if index, err := strconv.Atoi(string(m.Value)); err == nil && index >= 0 {
				c.Index = index
			}
		case "id":
			c.ID = jsontext.Text(m.Value)
		case "type":
		case "function":
			dec.setFunction(&c, m.Value)
		default:
			if !jsontext.IsEmpty(m.Value) {
				opaque = append(opaque, m)
			}
		}
	}
	c.Opaque = opaque.Encode()
	return c
}

// setFunction sets the name and the arguments of a call. Arguments given as an object are
// taken as its JSON.
func (dec *decoder) setFunction(c *chat.ToolCall, function []byte) {
	dec.function.Read(function)
	c.Name = jsontext.Text(dec.function.Get("name"))
	arguments := dec.function.Get("arguments")
	c.Arguments = jsontext.Text(arguments)
	if jsontext.IsPresent(arguments) && arguments[0] != '"' {
		c.Arguments = string(jsontext.Copy(arguments))
	}
}
