package demo

import (
	"bytes"
	"encoding/json"
)

// The shapes below are those of the chat completions API: a stream is made of
// chat.completion.chunk objects, a whole reply is one chat.completion.

type chunk struct {
	ID          string   `json:"id"`
	Object      string   `json:"object"`
	Created     int64    `json:"created"`
	Model       string   `json:"model"`
	ServiceTier string   `json:"service_tier"`
	Fingerprint string   `json:"system_fingerprint"`
	Choices     []choice `json:"choices"`
	Usage       *usage   `json:"usage,omitempty"`
	Obfuscation string   `json:"obfuscation,omitempty"`
}

type choice struct {
	Index        int      `json:"index"`
	Delta        *content `json:"delta,omitempty"`
	Message      *content `json:"message,omitempty"`
	Logprobs     any      `json:"logprobs"`
	FinishReason *string  `json:"finish_reason"`
}

type content struct {
	Role      string      `json:"role,omitempty"`
	Content   *string     `json:"content,omitempty"`
	Reasoning string      `json:"reasoning_content,omitempty"` // DeepSeek's field, which many services have
	ToolCalls []callDelta `json:"tool_calls,omitempty"`
}

// callDelta is a call of a tool, whole.
type callDelta struct {
	Index    int    `json:"index"`
	ID       string `json:"id"`
	Type     string `json:"type"`
	Function struct {
		Name      string `json:"name"`
		Arguments string `json:"arguments"`
	} `json:"function"`
}

// delta returns the call as the one of that index in an answer.
func (c toolCall) delta(index int) callDelta {
	d := callDelta{Index: index, ID: c.id, Type: "function"}
	d.Function.Name, d.Function.Arguments = c.name, c.arguments
	return d
}

type usage struct {
	PromptTokens     int `json:"prompt_tokens"`
	CompletionTokens int `json:"completion_tokens"`
	TotalTokens      int `json:"total_tokens"`
}

// Chunk returns the event that carries text: a data line of about 315 bytes, as
// large as the hosted services send, and the blank line after it. Invalid UTF-8
// in text becomes U+FFFD.
func Chunk(text string) []byte { return envelope("demo").text(text) }

// Finish returns the event that carries a finish reason.
func Finish(reason string) []byte { return envelope("demo").finish(reason) }

// Usage returns the event with the token counts, whose choices are empty.
func Usage(prompt, completion int) []byte { return envelope("demo").usage(prompt, completion) }

// Done returns the event that ends a stream.
func Done() []byte { return []byte("data: [DONE]\n\n") }

// envelope returns what every chunk of one answer has in common.
func envelope(model string) chunk {
	return chunk{
		ID:          "chatcmpl-oaxdemo0000000000000000000000",
		Object:      "chat.completion.chunk",
		Created:     1767225600,
		Model:       model,
		ServiceTier: "default",
		Fingerprint: "fp_oaxdemo000",
	}
}

func (c chunk) role() []byte {
	return c.delta(content{Role: "assistant", Content: new(string)})
}

func (c chunk) text(text string) []byte {
	c.Obfuscation = "0123456789abcdefghijklmnopqr"
	return c.delta(content{Content: &text})
}

func (c chunk) delta(d content) []byte {
	c.Choices = []choice{{Delta: &d}}
	return event(c)
}

func (c chunk) finish(reason string) []byte {
	c.Choices = []choice{{Delta: &content{}, FinishReason: &reason}}
	return event(c)
}

func (c chunk) usage(prompt, completion int) []byte {
	c.Choices = []choice{}
	c.Usage = &usage{prompt, completion, prompt + completion}
	return event(c)
}

// event frames v as one server-sent event.
func event(v any) []byte {
	var b bytes.Buffer
	b.WriteString("data: ")
	b.Write(encode(v))
	b.WriteByte('\n')
	return b.Bytes()
}

// encode returns v as one line of JSON with its newline. Unlike json.Marshal it
// leaves <, > and & as they are, as the services do.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // only strings and numbers are ever given
	}
	return b.Bytes()
}
