package cli

import (
	"io"

	"oax/internal/chat"
	"oax/internal/term"
)

// codeOutput is a code block of the answer alone, its bytes exactly, once the whole
// answer is there.
type codeOutput struct {
	to  io.Writer
	env *Env
}

func (o *codeOutput) delta(*chat.Delta) {}

func (o *codeOutput) end(m chat.Message, _ string, r *report) *report {
	code, err := o.env.flags.Code.of(m.Text)
	if err != nil {
		if r == nil {
			r = explain(err)
		}
		return r
	}
	code = o.env.asSeen(code)
	if term.IsTerminal(o.env.Stdout) {
		code = term.Visible(code)
	}
	io.WriteString(o.to, code)
	return r
}

func (o *codeOutput) notes() []string { return nil }
