package turn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"oax/internal/chat"
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

// manyLines is how many lines of arguments may come between what is called and the question.
const manyLines = 12

// text returns the question for a terminal with so many columns. What the model and a server
// sent is indented, so that it cannot look like the question. Who sees only the end of it
// knows what is asked.
func (q Question) text(columns int) string {
	const indent = "    "
	var b strings.Builder
	line := func(before, further, text string) (lines int) {
		for _, part := range term.Wrap(term.Visible(text), max(columns-len(further)-1, 20)) {
			b.WriteString(before + part + "\n")
			before = further
			lines++
		}
		return lines
	}
	is := term.Line(q.Tool.Name)
	switch {
	case q.Tool.Server != "":
		is += ", a tool of the server " + q.Tool.Server
	case len(q.Tool.Argv) > 0:
		is += ", which runs " + report.CommandLine(q.Tool.Argv)
	}
	line("", indent, "the model wants to call "+is+":")
	arguments := strings.TrimSpace(q.Call.Arguments)
	if arguments == "" {
		arguments = "{}"
	}
	if line(indent, indent, term.EscapeJSON(arguments)) > manyLines { // hidden characters too
		line("", indent, "all this is one call of "+is)
	}
	if q.Allowed > 0 {
		line("", indent, report.Count(q.Allowed, "call")+" of it allowed in this session so far")
	}
	if q.Again {
		line("", indent, "the same call was recorded before")
	}
	b.WriteString("run " + q.name() + "? [y/N/a = always in this session] ")
	return b.String()
}

// name returns what the tool is called, in one short word: the name that the model knows, if
// a server has it in another form.
func (q Question) name() string {
	plain := strings.NewReplacer(".", "_", "/", "_").Replace(q.Tool.Name)
	if chat.ToolName(plain) != plain {
		return q.Tool.Wire
	}
	return q.Tool.Name
}
