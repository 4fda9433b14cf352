package openai

import (
	"encoding/json"
	"unicode/utf8"

	"oax/internal/chat"
	"oax/internal/jsontext"
)

// MaxAnswer is the longest answer taken: text, reasoning, tool calls and parts together,
// in bytes as JSON, which is how a session keeps them. So a line of a session is bounded
// too: a control character is one byte of text and six of JSON.
const MaxAnswer = 16 << 20

// MaxPieces is how many tool calls, or parts, or opaque fields, a Decoder takes from one
// event.
const MaxPieces = 4 << 10

const (
	// maxOver is how much of the piece that passes MaxAnswer is still taken, in bytes.
	maxOver = 64 << 10
	// maxWord is the length, in bytes, to which a model's name, a finish reason and the
	// like are cut.
	maxWord = 4 << 10
	// maxUsage is the size above which the usage is left out, in bytes. The same goes for
	// opaque fields above maxOpaque.
	maxUsage, maxOpaque = 64 << 10, 1 << 20
	// callSize is what a tool call or a part counts beside its own bytes, fragmentSize what
	// each fragment of a call does.
	callSize, fragmentSize = 1 << 10, 128
)

// bound keeps an answer within its size, and the client's secrets out of what is no text.
type bound struct {
	redact func(string) string
	size   int  // of the answer so far; see MaxAnswer
	full   bool // the answer is longer
	items  int  // the size of the items of the output so far, up to MaxAnswer
	call   int  // the index of the last tool call
	model  string
}

// cut cuts off what the answer has no room for.
func (b *bound) cut(d *chat.Delta) {
	for _, text := range d.Texts() {
		*text = fitting(b, *text)
	}
	for i, c := range d.ToolCalls {
		b.size += fragmentSize + len(c.ID) + len(c.Name)
		if c.ID != "" || c.Name != "" || c.Index != b.call {
			b.size += callSize
		}
		b.call = c.Index
		c.ID, c.Name, c.Opaque = b.word(c.ID), b.word(c.Name), b.raw(c.Opaque, maxOpaque)
		c.Arguments = fitting(b, c.Arguments)
		d.ToolCalls[i] = c
	}
	for i, p := range d.Parts {
		b.size += callSize + len(p.JSON)
		p.Type, p.Text, p.JSON = b.word(p.Type), fitting(b, p.Text), b.raw(p.JSON, MaxAnswer)
		d.Parts[i] = p
	}
	for i, fields := range d.Opaque {
		d.Opaque[i] = b.raw(fields, maxOpaque)
	}
	for i, item := range d.Items {
		d.Items[i] = b.item(item)
	}
	if d.Model != b.model {
		b.size += len(d.Model)
		d.Model = b.word(d.Model)
		b.model = d.Model
	}
	d.FinishReason = b.word(d.FinishReason)
	d.Usage = b.raw(d.Usage, maxUsage)
	b.full = b.size > MaxAnswer
}

// item drops an item of the output for which there is no room, and then all: a service
// does not take back a part of them. They count by themselves, since they repeat the text.
func (b *bound) item(i chat.Item) chat.Item {
	b.items += callSize + len(i.JSON)
	if b.items > MaxAnswer {
		i.JSON = nil
	}
	i.JSON = b.raw(i.JSON, MaxAnswer)
	return i
}

// word cuts a name that is too long.
func (b *bound) word(s string) string {
	if s == "" {
		return ""
	}
	s = b.redact(s)
	return s[:chat.Fitting(s, maxWord)]
}

// raw drops JSON that is too long.
func (b *bound) raw(value json.RawMessage, max int) json.RawMessage {
	if len(value) == 0 || len(value) > max {
		return nil
	}
	return json.RawMessage(b.redact(string(value)))
}

// fitting adds the size of text to that of the answer, and returns as many of its first
// characters as there is room for.
func fitting[words string | []byte](b *bound, text words) words {
	for i := range len(text) {
		b.size += jsontext.EscapedByte(text[i])
		if b.size > MaxAnswer+maxOver {
			for i > 0 && !utf8.RuneStart(text[i]) {
				i--
			}
			return text[:i]
		}
	}
	return text
}
