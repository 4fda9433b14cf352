package cli

import "oax/internal/term"

// atTerminal refuses to go on where standard input was piped in: Windows has no
// second way to the terminal that the line editor knows.
func (env *Env) atTerminal() error {
	if term.IsTerminal(env.Stdin) {
		return nil
	}
	return &report{what: "cannot go on at the terminal after piped input", hint: "leave out -i", code: exitUsage, kind: "usage"}
}
