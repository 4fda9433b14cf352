package doctor

import (
	"context"
	"fmt"
	"os/exec"
	"time"

	"oax/internal/config"
	"oax/internal/report"
	"oax/internal/term"
	"oax/internal/tools"
)

// checkTools checks whether the programs can be found and their schemas read, and whether
// the servers answer.
func (d *doctor) checkTools(ctx context.Context, file *config.File) {
	for _, e := range tools.Entries(file) {
		if ctx.Err() != nil {
			return
		}
		name := "tool " + e.Name
		_, err := e.Describe()
		switch {
		case err != nil:
			d.fail(name, err)
		case e.Server && d.DryRun:
			d.skip(name, "not started; "+e.From, "")
		case e.Server:
			d.checkServer(ctx, file, name, e)
		case e.Program != "":
			if _, err := exec.LookPath(e.Program); err != nil {
				d.fail(name, report.Config("there is no program "+e.Program, ""))
			} else {
				d.pass(name, e.From)
			}
		}
	}
}

func (d *doctor) checkServer(ctx context.Context, file *config.File, name string, e tools.Entry) {
	begun := time.Now()
	set, err := tools.Open(tools.Options{Config: file, Environ: d.Settings.Environ, Version: d.Version, Now: d.Now}, []string{e.Name})
	if err != nil {
		d.fail(name, err)
		return
	}
	defer set.Close()
	all, err := set.Tools(ctx)
	took := time.Since(begun)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		d.fail(name, err)
	default:
		d.timed(name, fmt.Sprintf("%s in %s; %s", report.Count(len(all), "tool"), term.Duration(took), e.From), map[string]time.Duration{"list": took})
	}
}
