package chat

import (
	"slices"
	"strings"
)

// Turn gathers the deltas of one answer. The zero Turn is ready for use.
type Turn struct {
	text, reasoning, refusal strings.Builder
	answer                   Message
	calls                    calls
	opaque                   opaque
	items                    items
	transcript               strings.Builder // of the part with audio, which is the first part
	size                     int             // of all these texts
	done                     bool
}

// Add takes one delta of the answer. Texts and the arguments of tool calls are joined.
// Of an opaque field the last value counts, unless it is an array: then its elements are
// added to those before.
func (t *Turn) Add(d *Delta) {
	t.size += d.Len()
	makeRoom(&t.text, len(d.Text)).Write(d.Text)
	makeRoom(&t.reasoning, len(d.Reasoning)).Write(d.Reasoning)
	makeRoom(&t.refusal, len(d.Refusal)).Write(d.Refusal)
	for _, c := range d.ToolCalls {
		t.size += len(c.Arguments)
		t.calls.add(c)
	}
	for _, p := range d.Parts {
		t.addPart(p)
	}
	for _, fields := range d.Opaque {
		t.opaque.add(fields)
	}
	for _, item := range d.Items {
		t.items.add(item)
	}
	if d.ReasoningField != "" {
		t.answer.ReasoningField = d.ReasoningField
	}
	if d.Model != "" {
		t.answer.Model = d.Model
	}
	if d.FinishReason != "" {
		t.answer.FinishReason = d.FinishReason
	}
	if d.Usage != nil {
		t.answer.Usage = d.Usage
	}
	t.done = t.done || d.Done
}

const (
	leastRoom = 4 << 10
	mostRoom  = 16<<20 + 128<<10 // what an answer may come to
)

// makeRoom is for n bytes more, in few large steps: memory that is not written to costs
// nothing, and the copies that small steps leave behind would.
func makeRoom(b *strings.Builder, n int) *strings.Builder {
	if b.Cap()-b.Len() < n {
		room := min(max(leastRoom, 8*b.Len()), mostRoom)
		b.Grow(max(n, room-2*b.Cap())) // which doubles it, and adds this
	}
	return b
}

// addPart adds a part. Those with audio are pieces of one, which comes first.
func (t *Turn) addPart(p Part) {
	t.size += len(p.Text) + len(p.JSON)
	if p.Type != Audio {
		t.answer.Parts = append(t.answer.Parts, p)
		return
	}
	t.transcript.WriteString(p.Text)
	if parts := t.answer.Parts; len(parts) == 0 || parts[0].Type != Audio {
		t.answer.Parts = slices.Insert(parts, 0, Part{Type: Audio})
	}
}

// Texts returns what has come so far, without copying it.
func (t *Turn) Texts() (reasoning, text, refusal string) {
	return t.reasoning.String(), t.text.String(), t.refusal.String()
}

// Len returns the bytes gathered so far: text, reasoning, refusal, the arguments of tool
// calls, and parts.
func (t *Turn) Len() int { return t.size }

// Finished reports whether the answer is known to be whole: a finish reason was
// seen or the stream said [DONE].
func (t *Turn) Finished() bool { return t.done || t.answer.FinishReason != "" }

// Nothing reports whether no part of an answer has come.
func (t *Turn) Nothing() bool {
	return t.Len() == 0 && len(t.calls.list) == 0 && len(t.answer.Parts) == 0 && len(t.items) == 0
}

// End returns the assistant message. why is what ended the stream before its
// end, or empty if it ended by itself; it counts only while the answer is not
// Finished. A tool call without an ID gets one that is unique in the answer.
func (t *Turn) End(why Why) Message {
	m := t.answer
	m.Role = Assistant
	m.Text, m.Reasoning, m.Refusal = t.text.String(), t.reasoning.String(), t.refusal.String()
	if m.ToolCalls = t.calls.end(); m.ToolCalls == nil {
		m.ReasoningField = ""
	}
	m.Opaque, m.Output = t.opaque.end(), t.items.end()
	if t.transcript.Len() > 0 {
		m.Parts = slices.Clone(m.Parts)
		m.Parts[0].Text = t.transcript.String()
	}
	m.Why = t.verdict(why, m)
	m.State = Complete
	if m.Why != "" {
		m.State = Incomplete
	}
	return m
}

func (t *Turn) verdict(why Why, m Message) Why {
	switch {
	case !t.Finished() && why != "":
		return why
	case !t.Finished():
		return Cut
	}
	switch t.answer.FinishReason {
	case "length", "model_length": // the latter is Mistral's, at the end of its context
		return Length
	case "content_filter":
		return Filter
	case "error", "abort", "insufficient_system_resource", // Mistral's, vLLM's, DeepSeek's
		"failed", "cancelled", "incomplete": // of the Responses API, if nothing says why
		return Failed
	}
	if m.ShownLen() == 0 && len(m.ToolCalls)+len(m.Parts)+len(m.ServerItems()) == 0 {
		return Empty
	}
	return ""
}
