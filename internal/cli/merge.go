package cli

import (
	"context"

	"oax/internal/report"
)

// mergeCommand merges copies of sessions that grew apart. It is an import from oax itself.
type mergeCommand struct {
	DryRun bool `help:"Show what would be merged, and save nothing."`
	listFlags

	Paths []string `arg:"" name:"path" help:"Copies of sessions: files, or directories that are copies of the sessions' directory. They are not changed; but a conflict copy among your sessions is removed once it is merged."`
}

// Help says what becomes of two copies.
func (c *mergeCommand) Help() string {
	return `A session that is not here is added. Of one that is, the longer copy wins if it has all of the other. If both went on, the part that came later becomes a session of its own, a fork. Nothing is lost, and to merge again changes nothing.

Conflict copies that Syncthing, rclone and others leave among your sessions are merged by themselves.`
}

// Run merges the copies at each path.
func (c *mergeCommand) Run(ctx context.Context, p *Process, log *report.Writer) error {
	for _, path := range c.Paths {
		if !exists(path) {
			hint := "oax merge DIRECTORY"
			if len(c.Paths) > 1 { // oax merge two sorted lists
				hint = "to ask it: oax -- merge" + quoted(c.Paths)
			}
			return report.Nothing("cannot read "+path+": no such file or directory", hint)
		}
	}
	again := importCommand{DryRun: c.DryRun, listFlags: c.listFlags, Words: append([]string{"oax"}, c.Paths...)}
	return again.Run(ctx, p, log)
}
