package cli

import (
	"bytes"
	"encoding/json"
	"io"

	"oax/internal/chat"
	"oax/internal/term"
)

// output is a form in which an answer goes to standard output.
type output interface {
	// delta writes what a delta adds.
	delta(d *chat.Delta)
	// end writes what belongs behind the last delta. The message is empty if there
	// was no answer; r is nil if all is well. It returns r, or what is not well with
	// the form if all is well else.
	end(m chat.Message, id string, r *report) *report
	// notes are what there is to say of the text, once it has ended.
	notes() []string
}

// plainOutput is the answer's text: its bytes into a pipe or a file, what a
// terminal may see of it on a terminal.
type plainOutput struct {
	to       io.Writer
	filter   viewer // nil: bytes as they are
	hidden   term.Hidden
	newLine  bool // end with one
	buf      []byte
	last     byte      // written, or 0
	thoughts *thoughts // nil: reasoning is not shown
}

func (o *plainOutput) delta(d *chat.Delta) {
	o.thoughts.write(o.to, d.Reasoning)
	if len(d.Text)+len(d.Refusal) > 0 {
		o.thoughts.end(o.to)
	}
	o.write(d.Text)
	o.write(d.Refusal)
}

func (o *plainOutput) write(text []byte) {
	if o.filter != nil && len(text) > 0 {
		o.buf = o.filter.Append(o.buf[:0], text)
		text = o.buf
	}
	if len(text) > 0 {
		o.last = text[len(text)-1]
		o.to.Write(text)
	}
}

func (o *plainOutput) end(_ chat.Message, _ string, r *report) *report {
	o.thoughts.end(o.to)
	// Ctrl-C leaves ^C behind on a terminal, also at the start of a line.
	echoed := o.filter != nil && r != nil && r.signal != nil
	if o.filter != nil {
		rest := o.filter.Flush(nil)
		o.hidden, o.filter = o.filter.Hidden(), nil
		o.write(rest)
	}
	if o.newLine && o.last != 0 && (o.last != '\n' || echoed) {
		o.write([]byte("\n"))
	}
	return r
}

func (o *plainOutput) notes() []string { return hiddenNotes(o.hidden) }

// jsonOutput is one JSON object a line.
type jsonOutput struct {
	to  io.Writer
	buf bytes.Buffer
}

// jsonEnd is the last object: how it went.
type jsonEnd struct {
	Type         string     `json:"type"`
	Status       string     `json:"status"` // complete, incomplete or failed
	FinishReason string     `json:"finish_reason,omitempty"`
	Model        string     `json:"model,omitempty"`
	Chat         string     `json:"chat,omitempty"` // the session's ID
	Error        *jsonError `json:"error,omitempty"`
}

type jsonError struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
}

func (o *jsonOutput) delta(d *chat.Delta) {
	o.object("reasoning", string(d.Reasoning))
	o.object("text", string(d.Text))
	o.object("refusal", string(d.Refusal))
	if d.Usage != nil {
		o.line(map[string]any{"type": "usage", "usage": d.Usage})
	}
}

// object writes a piece of text under its own name.
func (o *jsonOutput) object(kind, text string) {
	if text != "" {
		o.line(map[string]any{"type": kind, kind: text})
	}
}

func (o *jsonOutput) end(m chat.Message, id string, r *report) *report {
	end := jsonEnd{Type: "end", Status: string(m.State), FinishReason: m.FinishReason, Model: m.Model, Chat: id}
	if end.Status == "" {
		end.Status = "failed"
	}
	if r != nil && (r.what != "" || m.State != chat.Complete) {
		end.Error = &jsonError{Kind: r.kind, Message: r.what}
	}
	o.line(end)
	return r
}

// notes are none: JSON hides nothing.
func (o *jsonOutput) notes() []string { return nil }

func (o *jsonOutput) line(v any) {
	o.buf.Reset()
	encoder := json.NewEncoder(&o.buf)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(v) == nil {
		o.to.Write(o.buf.Bytes())
	}
}

// newOutput returns the form that the flags and standard output ask for.
func (env *Env) newOutput(to io.Writer) output {
	switch {
	case env.flags.JSON:
		return &jsonOutput{to: to}
	case env.flags.Code.asked:
		return &codeOutput{to: to, env: env}
	}
	o := &plainOutput{to: to, filter: env.newViewer(), newLine: !env.flags.Raw || term.IsTerminal(env.Stdout)}
	if env.flags.Reasoning {
		o.thoughts = env.newThoughts()
	}
	return o
}
