package turn

import (
	"oax/internal/chat"
	"oax/internal/report"
	"oax/internal/term"
)

// Form is how an answer looks on standard output. One goroutine uses it, for one answer.
type Form interface {
	// Append appends what a delta adds to dst.
	Append(dst []byte, d *chat.Delta) []byte
	// End appends what belongs behind the last delta. The error is what keeps an answer
	// that is otherwise in order from being shown in this form.
	End(dst []byte, e End) ([]byte, *report.Error)
	// Notes returns what there is to tell of the text, once it has ended.
	Notes() []string
}

// jsonForm is one JSON object a line.
type jsonForm struct{ terminal bool }

// NewJSON returns the form of --json: an object for each piece of text and each usage, and
// one for the end. On a terminal, characters that it would obey or hide are escaped.
func NewJSON(terminal bool) Form { return &jsonForm{terminal} }

// jsonEnd is the last object: how the turn went.
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

func (f *jsonForm) Append(dst []byte, d *chat.Delta) []byte {
	dst = f.object(dst, "reasoning", d.Reasoning)
	dst = f.object(dst, "text", d.Text)
	dst = f.object(dst, "refusal", d.Refusal)
	if d.Usage != nil {
		dst = f.line(dst, map[string]any{"type": "usage", "usage": d.Usage})
	}
	return dst
}

// object appends a piece of text under its own name.
func (f *jsonForm) object(dst []byte, kind string, text []byte) []byte {
	if len(text) == 0 {
		return dst
	}
	return f.line(dst, map[string]any{"type": kind, kind: string(text)})
}

func (f *jsonForm) End(dst []byte, e End) ([]byte, *report.Error) {
	if e.GoesOn {
		return dst, nil
	}
	m := e.Message
	end := jsonEnd{Type: "end", Status: string(m.State), FinishReason: m.FinishReason, Model: m.Model, Chat: e.Session}
	if end.Status == "" {
		end.Status = "failed"
	}
	if e.Err != nil && (e.Err.What != "" || m.State != chat.Complete) {
		end.Error = &jsonError{Kind: e.Err.Kind, Message: e.Err.What}
	}
	return f.line(dst, end), nil
}

// Notes returns nothing: JSON hides nothing.
func (f *jsonForm) Notes() []string { return nil }

func (f *jsonForm) line(dst []byte, v any) []byte {
	line, err := term.JSONLine(v, f.terminal)
	if err != nil {
		return dst
	}
	return append(dst, line...)
}

// callsForm is the calls of tools alone.
type callsForm struct{ terminal bool }

// NewCalls returns the form of --calls: an object for each call that the model asks for, once
// the answer is whole. The arguments are the text as the service sent it.
func NewCalls(terminal bool) Form { return callsForm{terminal} }

func (callsForm) Append(dst []byte, _ *chat.Delta) []byte { return dst }

func (f callsForm) End(dst []byte, e End) ([]byte, *report.Error) {
	for _, c := range e.Message.ToolCalls {
		line, err := term.JSONLine(struct {
			ID        string `json:"id"`
			Name      string `json:"name"`
			Arguments string `json:"arguments"`
		}{c.ID, c.Name, c.Arguments}, f.terminal)
		if err == nil && e.Message.State == chat.Complete {
			dst = append(dst, line...)
		}
	}
	return dst, nil
}

func (callsForm) Notes() []string { return nil }

// codeForm is code of the answer alone.
type codeForm struct {
	TextOptions
	extract func(answer string) (string, error)
	removed int // invisible characters
}

// NewCode returns the form of --code: what extract takes out of the answer, once that has
// ended. Characters that a person does not see are left out unless o.Raw is set, so that
// what runs is what was read. If there is no code, the error says where the answer is.
func NewCode(o TextOptions, extract func(answer string) (string, error)) Form {
	return &codeForm{TextOptions: o, extract: extract}
}

func (f *codeForm) Append(dst []byte, _ *chat.Delta) []byte { return dst }

func (f *codeForm) End(dst []byte, e End) ([]byte, *report.Error) {
	if e.GoesOn {
		return dst, nil
	}
	code, err := f.extract(e.Message.Text)
	if err != nil {
		failure := *report.Of(err)
		failure.Hint = ""
		if e.Session != "" {
			failure.Hint = "oax cat --last " + e.Session
		}
		return dst, &failure
	}
	if !f.Raw {
		f.removed, _ = term.Invisible(code)
		code = term.WithoutInvisible(code)
	}
	if f.Terminal {
		code = term.Visible(code)
	}
	return append(dst, code...), nil
}

func (f *codeForm) Notes() []string {
	if f.removed == 0 {
		return nil
	}
	return []string{report.HiddenRemoved(f.removed)}
}
