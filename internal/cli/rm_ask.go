package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"oax/internal/session"
	"oax/internal/term"
)

// ask shows what is to go and lets the person say yes, which is not the default. The
// error says that it is not to be done.
func (c *rmCommand) ask(ctx context.Context, env *Env, store *session.Store, entries []session.Entry, what string) error {
	if c.Yes {
		return nil
	}
	tty := env.person()
	if tty == nil {
		return &report{what: "needs --yes when not run from a terminal", hint: "oax rm --dry-run shows what would go", kind: "usage", code: exitUsage}
	}
	if tty != env.Stdin {
		defer tty.Close()
	}
	env.show(store, entries)
	these := "this session"
	if len(entries) > 1 {
		these = fmt.Sprintf("these %d sessions", len(entries))
	}
	fmt.Fprintf(env.Stderr, "%s? [y/N] ", fmt.Sprintf(what, these))
	line, err := await(ctx, func() (string, error) { return bufio.NewReader(tty).ReadString('\n') })
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if !strings.HasSuffix(line, "\n") {
		fmt.Fprintln(env.Stderr) // Ctrl-D
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return nil
	}
	return &report{what: "nothing was changed", kind: "cancelled", code: exitNothing}
}

// person returns the terminal at which somebody can be asked, or nil.
func (env *Env) person() *os.File {
	if ci := env.getenv("CI"); ci != "" && ci != "false" || !term.IsTerminal(env.Stderr) {
		return nil
	}
	if term.IsTerminal(env.Stdin) {
		return env.Stdin
	}
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil
	}
	return tty
}

// show lists sessions for a person to look at, the first of many.
func (env *Env) show(store *session.Store, entries []session.Entry) {
	const most = 10
	shown := entries
	if len(entries) > most {
		shown = entries[:most-1]
	}
	columns, _ := term.Size(env.Stderr)
	var all []session.Summary
	wide := 0
	for _, entry := range shown {
		s := env.summary(store, entry)
		all = append(all, s)
		wide = max(wide, term.Width(env.when(s)))
	}
	for _, s := range all {
		line := fmt.Sprintf("%s  %s  %s  %s", s.ID, pad(env.when(s), wide), counted(s.Turns, "turn"), term.Line(s.Title))
		fmt.Fprintln(env.Stderr, term.Cut(line, columns))
	}
	if len(shown) < len(entries) {
		last := env.summary(store, entries[len(entries)-1])
		fmt.Fprintln(env.Stderr, term.Cut(fmt.Sprintf("and %d more, the last one: %s  %s", len(entries)-len(shown), env.when(last), term.Line(last.Title)), columns))
	}
}
