// Package inspect lists the tools that a model can be offered, shows what a model is told of
// one, and runs one for a person: the command oax tools.
package inspect

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"oax/internal/chat"
	"oax/internal/export"
	"oax/internal/report"
	"oax/internal/term"
	"oax/internal/tools"
)

// Options say which tools there are and how they are shown.
type Options struct {
	tools.Options
	Stdout *os.File
	JSON   bool // print objects
}

// List prints what can be named: its name, what it is, and what it does. It starts nothing.
func List(o Options) error {
	var list []export.Fact
	for _, e := range tools.Entries(o.Config) {
		row := entry{Entry: e}
		var err error
		if row.Description, err = e.Describe(); err != nil {
			row.Problem = err.Error()
		}
		list = append(list, export.Fact{Object: row, Columns: []string{term.Line(e.Name), term.Line(e.From), term.Line(row.Description + row.Problem)}})
	}
	return o.facts(list, true)
}

// entry is a line of the list.
type entry struct {
	tools.Entry
	Description string `json:"description,omitempty"`
	Problem     string `json:"problem,omitempty"` // why it cannot be used
}

func (o Options) facts(list []export.Fact, cut bool) error {
	text, err := export.Facts(list, o.Stdout, o.JSON, cut)
	if err != nil {
		return err
	}
	return report.Print(o.Stdout, text)
}

// Test prints what a model is told of a tool, and what a call with these arguments would
// run; without arguments it makes some up. Of a server it prints the tools.
func Test(ctx context.Context, o Options, name, arguments string) error {
	return o.with(ctx, name, func(_ *tools.Set, all []*tools.Tool) error {
		if len(all) == 1 && all[0].Name == name {
			return o.show(all[0], arguments)
		}
		var list []export.Fact
		for _, t := range all {
			list = append(list, export.Fact{Object: t, Columns: []string{term.Line(t.Name), term.Line(t.Description)}})
		}
		return o.facts(list, true)
	})
}

// Run calls a tool and prints all of its output. The error is a *report.Error if the call
// fails.
func Run(ctx context.Context, o Options, name, arguments string) error {
	dir, err := os.MkdirTemp("", "oax-tools-") // for an output that is long
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	o.Dir = dir
	return o.with(ctx, name, func(set *tools.Set, all []*tools.Tool) error {
		if len(all) != 1 || all[0].Name != name {
			return report.Usage(name+" is a server", "oax tools test "+report.Quote(name)+" lists its tools")
		}
		if err := all[0].Check(arguments); err != nil {
			return err
		}
		out := set.Run(ctx, all[0], chat.ToolCall{ID: "by-hand", Arguments: arguments}, nil)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := o.print(out); err != nil || !out.Failed {
			return err
		}
		return report.Failed("tool", "the tool "+name+" failed", "")
	})
}

// print prints an output: on a terminal what can be shown of it, elsewhere its bytes.
func (o Options) print(out tools.Output) error {
	if out.Failed || term.IsTerminal(o.Stdout) || out.File == "" {
		text := strings.TrimRight(out.Text, "\n") + "\n"
		if term.IsTerminal(o.Stdout) {
			text = term.Visible(text)
		}
		return report.Print(o.Stdout, text)
	}
	whole, err := os.Open(out.File)
	if err != nil {
		return err
	}
	defer whole.Close()
	if _, err = io.Copy(o.Stdout, whole); err != nil {
		return report.Output(err)
	}
	return nil
}

// with calls f with the tools of a name, and ends what was started for them.
func (o Options) with(ctx context.Context, name string, f func(*tools.Set, []*tools.Tool) error) error {
	set, err := tools.Open(o.Options, []string{name})
	if err != nil {
		return err
	}
	defer set.Close()
	all, err := set.Tools(ctx)
	switch {
	case err == nil:
		return f(set, all)
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return err
}

// show prints what a model is told of a tool, and what a call would run.
func (o Options) show(t *tools.Tool, arguments string) error {
	if arguments == "" {
		arguments = t.Example()
	} else if err := t.Check(arguments); err != nil {
		return err
	}
	if o.JSON {
		return o.facts([]export.Fact{{Object: t}}, false)
	}
	call := report.CommandLine([]string{"oax", "tools", "run", t.Name, arguments})
	if t.Argv != nil {
		call = "printf %s " + report.Quote(arguments) + " | " + report.CommandLine(t.Argv)
	}
	var schema bytes.Buffer
	_ = json.Indent(&schema, t.Parameters, "", "  ") // it is JSON
	return report.Print(o.Stdout, fmt.Sprintf("name         %s, for a model %s\ndescription  %s\napprove      %s\na call       %s\nparameters   %s\n",
		term.Line(t.Name), t.Wire, term.Line(t.Description), t.Approve, term.Line(call), term.Visible(schema.String())))
}
