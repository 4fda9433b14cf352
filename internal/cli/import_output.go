package cli

import (
	"encoding/json"
	"fmt"
	"time"

	"oax/internal/chat"
	"oax/internal/importer"
	"oax/internal/session"
	"oax/internal/term"
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
	turns, title := 0, term.Line(c.Title)
	for _, m := range c.Messages {
		if m.Role != chat.User {
			continue
		}
		if turns++; title == "" {
			title = term.Cut(term.Line(cut(m.Text, 1000)), 60)
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
		line := fmt.Sprintf("%s\t%s\t%d\t%s", outcome, r.env.clock(c.Time), turns, title)
		if term.IsTerminal(r.env.Stdout) {
			columns, _ := term.Size(r.env.Stdout)
			line = term.Cut(fmt.Sprintf("%-7s  %s  %3d  %s", outcome, r.env.clock(c.Time), turns, title), columns)
		}
		_, err = fmt.Fprintln(r.out, line)
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
