package cli

import (
	"context"

	"oax/internal/report"
	"oax/internal/tools"
	"oax/internal/tools/inspect"
)

// toolsCommand lists the tools that a model can be offered, and runs one by hand.
type toolsCommand struct {
	Debug optional `placeholder:"FILE" help:"Log what servers write to standard error to a file in the state directory; =FILE names another." group:"Output:"`
	listFlags

	Words []string `arg:"" optional:"" name:"tool" help:"run NAME [JSON]: call a tool with these arguments. test NAME [JSON]: show what the model is told about a tool and what a call would run; for a server, list its tools. With neither, list what -T takes; no server is started for that."`
}

// Run does what the first word says.
func (c *toolsCommand) Run(ctx context.Context, p *Process, log *report.Writer) error {
	lib, err := p.loadConfig(log)
	if err == nil {
		err = lib.openDebug(c.Debug)
	}
	if err != nil {
		return err
	}
	o := inspect.Options{
		Options: tools.Options{Config: lib.file, Environ: p.Environ, Log: lib.debug, Version: p.Version, Now: p.Now},
		Stdout:  p.Stdout, JSON: c.JSON,
	}
	words := append(c.Words, "", "", "")
	switch n := len(c.Words); {
	case n == 0:
		return inspect.List(o)
	case words[0] == "test" && (n == 2 || n == 3):
		return inspect.Test(ctx, o, words[1], words[2])
	case words[0] == "run" && (n == 2 || n == 3):
		return inspect.Run(ctx, o, words[1], words[2])
	}
	return report.Usage("tools takes run NAME [JSON], test NAME [JSON], or nothing", "to ask it: oax -- tools"+quoted(c.Words))
}
