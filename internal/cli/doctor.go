package cli

import (
	"context"

	"oax/internal/config"
	"oax/internal/doctor"
	"oax/internal/pick"
	"oax/internal/report"
)

// doctorCommand checks what is configured and what works.
type doctorCommand struct {
	endpointFlags
	listFlags
	Color  string `enum:"auto,always,never" default:"auto" placeholder:"WHEN" help:"auto, always or never ($$NO_COLOR, $$FORCE_COLOR)." group:"Output:"`
	DryRun bool   `help:"Send nothing." group:"Request:"`
}

// Run makes the checks.
func (c *doctorCommand) Run(ctx context.Context, p *Process, log *report.Writer) error {
	settings := c.endpointSettings(p)
	settings.Params = map[string]config.Param{"max_tokens": {Value: 1, Flag: config.MaxTokensFlag}}
	return doctor.Run(ctx, doctor.Options{
		Stdout: p.Stdout, Log: log, Getenv: p.Getenv, Now: p.Now, Version: p.Version, Settings: settings,
		DryRun: c.DryRun, JSON: c.JSON, Color: c.Color,
	})
}

// pickCommand is the child process in which the fuzzy finder runs.
type pickCommand struct{ baseFlags }

// Run lets a person choose among the sessions on standard input.
func (pickCommand) Run(_ context.Context, p *Process, log *report.Writer) error {
	lib, err := p.openLibrary(log, true)
	if err != nil {
		return err
	}
	return pick.Picker{Store: lib.store, Stdin: p.Stdin, Now: p.Now, TimeFormat: lib.file.TimeFormat, Log: log}.Child(p.Stdout)
}
