package turn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"oax/internal/report"
	"oax/internal/term"
)

// Person asks at a terminal whether calls may run.
type Person struct {
	Stdin, Stderr *os.File
	Getenv        func(string) string
	// Lend gives the terminal back for as long as do runs; nil: it was not taken.
	Lend func(do func())
}

// CanAsk reports whether somebody is there who can be asked: standard input is a terminal.
// Elsewhere a question would wait for nobody, or take its answer from what is piped in.
func (p Person) CanAsk() bool {
	return term.IsTerminal(p.Stdin) && term.Person(p.Stdin, p.Stderr, p.Getenv) != nil
}

// Ask shows the whole call and asks whether it may run. What is not yes means no. The error
// is the cause of ctx, or that of reading.
func (p Person) Ask(ctx context.Context, q Question) (reply Reply, err error) {
	if p.Lend == nil {
		return p.ask(ctx, q)
	}
	p.Lend(func() { reply, err = p.ask(ctx, q) })
	return reply, err
}

func (p Person) ask(ctx context.Context, q Question) (Reply, error) {
	columns, _ := term.Size(p.Stderr)
	fmt.Fprint(p.Stderr, q.text(columns))
	answer, err := term.ReadLine(ctx, p.Stdin)
	if err != nil {
		fmt.Fprintln(p.Stderr) // Ctrl-C and Ctrl-D leave the cursor after the question
		if !errors.Is(err, io.EOF) {
			return No, err
		}
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return Yes, nil
	case "a", "always":
		return Always, nil
	}
	return No, nil
}

// text returns the question for a terminal with so many columns. What the model sent is
// indented, so that it cannot look like the question.
func (q Question) text(columns int) string {
	const indent = "    "
	var b strings.Builder
	line := func(before, text string) {
		for _, part := range term.Wrap(term.Visible(text), max(columns-len(before)-1, 20)) {
			b.WriteString(before + part + "\n")
		}
	}
	is := ""
	switch {
	case q.Tool.Server != "":
		is = ", a tool of the server " + q.Tool.Server
	case len(q.Tool.Argv) > 0:
		is = ", which runs " + report.CommandLine(q.Tool.Argv)
	}
	line("", "the model wants to call "+q.Tool.Name+is+":")
	arguments := strings.TrimSpace(q.Call.Arguments)
	if arguments == "" {
		arguments = "{}"
	}
	line(indent, term.EscapeJSON(arguments)) // hidden characters too
	if q.Allowed > 0 {
		line("", report.Count(q.Allowed, "call")+" of it allowed in this session so far")
	}
	if q.Again {
		line("", "the same call was recorded before")
	}
	b.WriteString("run it? [y/N/a = always in this session] ")
	return b.String()
}
