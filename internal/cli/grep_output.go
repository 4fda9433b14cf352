package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"oax/internal/chat"
	"oax/internal/session"
	"oax/internal/term"
)

// grepOutput writes what a search finds. The forms: lines for people under a heading
// a session, on a terminal; a line a hit with tabs, into a pipe; objects; and only IDs
// or numbers.
type grepOutput struct {
	env     *Env
	store   *session.Store
	command *grepCommand
	pattern *regexp.Regexp
	to      *bufio.Writer
	flushed time.Time
	screen  *grepScreen // nil: not a terminal
}

// flushEvery is how long a line waits while more come: somebody may have seen enough.
const flushEvery = 10 * time.Millisecond

func newGrepOutput(ctx context.Context, env *Env, store *session.Store, c *grepCommand, pattern *regexp.Regexp) *grepOutput {
	o := &grepOutput{env: env, store: store, command: c, pattern: pattern}
	o.to = bufio.NewWriterSize(abandoning{ctx, env.Stdout}, 64<<10)
	if !env.flags.Raw && (term.IsTerminal(env.Stdout) || env.flags.Color == "always") {
		columns, _ := term.Size(env.Stdout)
		o.screen = &grepScreen{columns: columns, colour: term.Colour(env.flags.Color, true, env.getenv)}
	}
	return o
}

// session writes what was found in one.
func (o *grepOutput) session(f session.Found) error {
	switch {
	case o.env.flags.JSON:
		o.objects(f)
	case o.command.List:
		fmt.Fprintln(o.to, f.ID)
	case o.command.Count && o.screen != nil:
		fmt.Fprintln(o.to, o.screen.fit(fmt.Sprintf("%s  %4d  %s", f.ID, len(f.Hits), o.title(f))))
	case o.command.Count:
		fmt.Fprintf(o.to, "%s\t%d\n", f.ID, len(f.Hits))
	case o.screen != nil:
		o.paragraph(f)
	default:
		o.fields(f)
	}
	if o.screen == nil && time.Since(o.flushed) < flushEvery {
		return nil
	}
	err := o.to.Flush()
	o.flushed = time.Now()
	return err
}

// fields are the lines for other programs: ID, turn, role and the line as it is.
func (o *grepOutput) fields(f session.Found) {
	var role chat.Role
	var shown string
	for _, h := range f.Hits {
		if h.Role != role {
			role, shown = h.Role, term.Line(string(h.Role))
		}
		o.to.WriteString(f.ID)
		o.to.WriteByte('\t')
		o.to.Write(strconv.AppendInt(o.to.AvailableBuffer(), int64(h.Turn), 10))
		o.to.WriteByte('\t')
		o.to.WriteString(shown)
		o.to.WriteByte('\t')
		o.to.WriteString(h.Line)
		o.to.WriteByte('\n')
	}
}

// objects are one a hit, or one a session where only that is asked for.
func (o *grepOutput) objects(f session.Found) {
	encoder := json.NewEncoder(o.to)
	encoder.SetEscapeHTML(false)
	if o.command.List || o.command.Count {
		found := struct {
			Session string `json:"session"`
			Count   int    `json:"count,omitempty"`
		}{Session: f.ID}
		if o.command.Count {
			found.Count = len(f.Hits)
		}
		encoder.Encode(found)
		return
	}
	for _, h := range f.Hits {
		encoder.Encode(struct {
			Session string    `json:"session"`
			Turn    int       `json:"turn"`
			Role    chat.Role `json:"role"`
			Line    string    `json:"line"`
			Match   string    `json:"match"` // the first in the line
		}{f.ID, h.Turn, h.Role, h.Line, h.Line[h.Start:h.End]})
	}
}

// paragraph is a heading with the lines below it.
func (o *grepOutput) paragraph(f session.Found) {
	if !o.flushed.IsZero() {
		o.to.WriteByte('\n')
	}
	o.screen.heading(o.to, f.ID+"  "+o.title(f))
	for _, h := range f.Hits {
		o.screen.line(o.to, h, o.pattern)
	}
}

// title is when a session began and its title.
func (o *grepOutput) title(f session.Found) string {
	s, err := o.store.Summary(f.Entry)
	if err != nil {
		return "(damaged)"
	}
	return o.env.clock(s.Time) + "  " + term.Line(s.Title)
}
