package cli

import (
	"context"
	"errors"
	"io"

	"oax/internal/report"
	"oax/internal/term"
)

// pagerFlags are those of commands whose output can be longer than a screen.
type pagerFlags struct {
	NoPager bool `help:"Do not use a pager for output longer than the screen ($$OAX_PAGER, $$PAGER, less)." group:"Output:"`
}

// paged lets print write to standard output; if that is a terminal and the text does not
// fit on its screen, to a pager. Output for other programs (--json), and output that may
// move the cursor (--raw), never goes to a pager.
func (f pagerFlags) paged(ctx context.Context, p *Process, lib *library, o outputFlags, print func(io.Writer) error) error {
	if !f.NoPager && !o.JSON && !o.Raw && term.IsTerminal(p.Stdout) {
		if pager := term.FindPager(ctx, p.Stdout, p.LookupEnv, lib.file.WithoutKeys(p.Environ)); pager != nil {
			screen := term.NewPager(ctx, p.Stdout, pager)
			printed := print(screen)
			if err := screen.Close(); err != nil {
				return endOfOutput(ctx, err)
			}
			if errors.Is(printed, term.ErrPagerLeft) {
				return nil
			}
			return printed
		}
	}
	out := term.NewSteadyWriter(term.Writer(ctx, p.Stdout))
	printed := print(out)
	if err := out.Flush(); err != nil {
		return endOfOutput(ctx, err)
	}
	return printed
}

// endOfOutput returns why standard output could not be written: the run was ended, or the
// error of the system.
func endOfOutput(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return report.Output(err)
}
