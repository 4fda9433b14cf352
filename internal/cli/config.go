package cli

import (
	"context"
	_ "embed" // for first_config.toml
	"os"
	"path/filepath"
	"slices"

	"github.com/alecthomas/kong"

	"oax/internal/config"
	"oax/internal/report"
)

// configCommand shows the configuration (config_show.go) and edits its file
// (config_edit.go).
type configCommand struct {
	requestFlags
	listFlags

	Words []string `arg:"" optional:"" name:"action" help:"path: print where the file is. show: print each setting and where it comes from. init: write a file to start from. edit: edit the file in $$VISUAL or $$EDITOR."`
}

// unlisted reports whether --help leaves a flag out: show takes all flags of a request, and
// prints what they set, but few people look for them here.
func (c *configCommand) unlisted(flag *kong.Flag) bool {
	return !slices.Contains([]string{"help", "version", "quiet", "json", "profile", "model", "timeout"}, flag.Name)
}

// Run does what the first word says.
func (c *configCommand) Run(ctx context.Context, p *Process, log *report.Writer) error {
	dirs, err := config.FindDirs(p.Getenv)
	if err != nil {
		return err
	}
	action := ""
	if len(c.Words) == 1 {
		action = c.Words[0]
	}
	switch action {
	case "path":
		return p.print(dirs.ConfigFile() + "\n")
	case "show":
		return c.show(p, log)
	case "init":
		return initConfig(p, dirs.ConfigFile())
	case "edit":
		return editConfig(ctx, p, log, dirs)
	}
	hint := "oax config show"
	if len(c.Words) > 0 {
		hint = "to ask it: oax -- config" + quoted(c.Words)
	}
	return report.Usage("config needs one word: path, show, init or edit", hint)
}

// initConfig writes a file to start from. It does not touch one that exists.
func initConfig(p *Process, path string) error {
	if _, err := os.Lstat(path); err == nil {
		return report.Config(path+" exists", "oax config edit")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return report.CannotWrite(path, err)
	}
	if err := writeConfig(path, firstConfig); err != nil {
		return err
	}
	return p.print(path + "\n")
}

// firstConfig is the file that init writes: all of it is commented out.
//
//go:embed first_config.toml
var firstConfig string
