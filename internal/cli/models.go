package cli

import (
	"context"
	"strconv"
	"time"

	"oax/internal/endpoint"
	"oax/internal/export"
	"oax/internal/report"
	"oax/internal/term"
)

// modelsCommand lists the models that the endpoint offers.
type modelsCommand struct {
	Profile string        `short:"p" placeholder:"NAME" help:"Profile whose models to list ($$OAX_PROFILE)." group:"Request:"`
	Timeout time.Duration `placeholder:"TIME" help:"How long the service may send nothing: 90s, 10m." group:"Request:"`
	Debug   optional      `placeholder:"FILE" help:"Log the requests, with the key masked, to a file in the state directory; =FILE names another." group:"Output:"`
	listFlags
}

// Run prints the models, one a line: the ID, the owner and how many tokens the model takes,
// as far as they are known.
func (c *modelsCommand) Run(ctx context.Context, p *Process, log *report.Writer) error {
	lib, err := p.loadConfig(log)
	if err != nil {
		return err
	}
	if err := lib.openDebug(c.Debug); err != nil {
		return err
	}
	e, err := endpoint.Resolve(ctx, endpoint.Options{
		File: lib.file, Dirs: lib.dirs, Version: p.Version, Log: log, Debug: lib.debug,
		// With any model set, Resolve need not list the models to choose one.
		Settings: endpointFlags{Profile: c.Profile, Model: "any", Timeout: c.Timeout}.endpointSettings(p),
	})
	defer func() { e.Close() }() // there is one beside an error too
	if err != nil {
		return err
	}
	models, err := e.Models(ctx)
	if err != nil {
		return e.Explain(ctx, err)
	}
	var list []export.Fact
	for _, m := range models {
		columns := []string{term.Line(m.ID)}
		if m.OwnedBy != "" || m.Context > 0 {
			columns = append(columns, term.Line(m.OwnedBy))
		}
		if m.Context > 0 {
			columns = append(columns, strconv.Itoa(m.Context))
		}
		list = append(list, export.Fact{Object: m, Columns: columns})
	}
	return p.printFacts(list, c.JSON, false)
}
