package cli

import (
	"fmt"
	"runtime/debug"

	"oax/internal/lineedit"
)

// guarded runs a command. If that panics, the error says where the details are.
func (env *Env) guarded(run func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = env.crashed(p, debug.Stack())
		}
	}()
	return run()
}

// crashed writes what happened to a file. Neither what was asked nor a key is part of
// it: the value of a panic is only kept if the runtime made it.
func (env *Env) crashed(value any, stack []byte) *report {
	r := &report{what: "internal error, please report", code: exitNothing, kind: "crash"}
	if p, ok := value.(*lineedit.Panic); ok {
		value, stack = p.Value, p.Stack
	}
	what := fmt.Sprintf("a %T", value)
	if e, ok := value.(interface{ RuntimeError() }); ok {
		what = fmt.Sprint(e)
	}
	text := fmt.Sprintf("oax %s, %s: %s\n\n%s", env.Version, env.Now().UTC().Format("2006-01-02T15:04:05Z"), what, stack)
	path, err := writeState("crash-*.txt", text)
	if err != nil {
		r.what += " (" + what + "; the details cannot be written: " + plainError(err) + ")"
		return r
	}
	r.hint = "the details are in " + path
	return r
}
