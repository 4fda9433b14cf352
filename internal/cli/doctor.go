package cli

import (
	"context"

	"oax/internal/config"
	"oax/internal/doctor"
	"oax/internal/report"
	"oax/internal/serve"
)

// doctorCommand checks what is configured and what works.
type doctorCommand struct {
	endpointFlags
	listFlags
	colorFlags
	DryRun bool `help:"Send nothing." group:"Request:"`
}

// Run makes the checks.
func (c *doctorCommand) Run(ctx context.Context, p *Process, log *report.Writer) error {
	settings := c.endpointSettings(p)
	settings.Params = map[string]config.Param{"max_tokens": {Value: 1, Flag: config.MaxTokensFlag}}
	serving := ""
	if dirs, err := config.FindDirs(p.Getenv); err == nil {
		serving = serve.Running(serve.StateDir(dirs))
	}
	return doctor.Run(ctx, doctor.Options{
		Stdout: p.Stdout, Log: log, Getenv: p.Getenv, Now: p.Now, Version: p.Version, Settings: settings,
		DryRun: c.DryRun, JSON: c.JSON, Color: c.Color, Serving: serving,
	})
}
