package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"oax/internal/importer"
	"oax/internal/session"
	"oax/internal/term"

	"github.com/adrg/xdg"
)

// imported is a session that came in, as --json prints it.
type imported struct {
	ID     string          `json:"id"`
	Status session.Outcome `json:"status"`
	Source string          `json:"source"`
	Origin string          `json:"source_id"`
	Time   time.Time       `json:"time"`
	Turns  int             `json:"turns"`
	Title  string          `json:"title,omitempty"`
}

// list prints a session that came in, if that was asked for: always with --json, and
// the new ones of a dry run.
func (r *importRun) list(source string, c importer.Chat, e session.Entry, outcome session.Outcome) error {
	turns := 0
	for _, m := range c.Messages {
		if m.Role == "user" {
			turns++
		}
	}
	var err error
	switch {
	case r.env.flags.JSON:
		var line []byte
		if line, err = json.Marshal(imported{e.ID, outcome, source, c.ID, c.Time, turns, c.Title}); err == nil {
			_, err = fmt.Fprintf(r.out, "%s\n", line)
		}
	case r.dry && outcome != session.Present:
		_, err = fmt.Fprintf(r.out, "%s\t%s\t%d\t%s\n", outcome, r.env.clock(c.Time), turns, term.Line(c.Title))
	}
	if err != nil {
		return outputError(err)
	}
	return nil
}

// progress is a line on a terminal that tells how far a command is.
type progress struct {
	last  time.Time
	shown bool
}

const progressInterval = 100 * time.Millisecond

func (p *progress) update(env *Env, t importTally) {
	if env.flags.Quiet || !term.IsTerminal(env.Stderr) || env.getenv("TERM") == "dumb" || time.Since(p.last) < progressInterval {
		return
	}
	p.last, p.shown = time.Now(), true
	columns, _ := term.Size(env.Stderr)
	fmt.Fprintf(env.Stderr, "\r%s\x1b[K", term.Cut("importing: "+t.words(false)[len("imported "):], columns-1))
}

// clear takes the line away, for others to be printed.
func (p *progress) clear(env *Env) {
	if p.shown {
		fmt.Fprint(env.Stderr, "\r\x1b[K")
		p.shown = false
	}
}

// dirs are where programs keep their files.
func (env *Env) dirs() importer.Dirs {
	home, _ := os.UserHomeDir() // without one, no place is found there
	config, _ := os.UserConfigDir()
	cache, _ := os.UserCacheDir()
	if path := env.getenv("XDG_CONFIG_HOME"); filepath.IsAbs(path) {
		config = path
	}
	return importer.Dirs{Home: home, Config: config, Data: xdg.DataHome, Cache: cache, Env: env.getenv}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
