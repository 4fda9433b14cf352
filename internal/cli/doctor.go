package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"oax/internal/term"
)

// doctorCommand tells what is configured, what works, and what to do about the rest.
type doctorCommand struct{}

// Run makes one check after the other. It ends with the exit code of the first that is
// not good.
func (doctorCommand) Run(ctx context.Context, env *Env) error {
	d := &doctor{env: env}
	place := d.checkSettings(ctx)
	defer place.close()
	if ctx.Err() == nil && place.client != nil {
		d.checkNetwork(ctx, place)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	d.checkTerminal()
	d.checkStore()
	if d.unsaid != nil {
		return d.unsaid
	}
	return d.verdict()
}

// The states of a check.
const (
	fine   = "ok"
	bad    = "bad"
	absent = "none" // it does not apply, or could not be made
)

// check is what was found out about one thing.
type check struct {
	Name    string             `json:"check"`
	State   string             `json:"state"` // ok, bad or none
	Text    string             `json:"text"`
	Hint    string             `json:"hint,omitempty"`    // what to do
	Seconds map[string]float64 `json:"seconds,omitempty"` // what took how long

	code int // the exit code, if it is bad
}

// doctor gathers the checks and tells each as soon as it is made.
type doctor struct {
	env    *Env
	failed []check
	trip   trip  // of the last request
	unsaid error // standard output does not take it
}

func (d *doctor) ok(name, text string) { d.tell(check{Name: name, State: fine, Text: text}) }

func (d *doctor) none(name, text, hint string) {
	d.tell(check{Name: name, State: absent, Text: text, Hint: hint})
}

// bad tells what an error means.
func (d *doctor) bad(name string, err error) {
	r := explain(err)
	d.tell(check{Name: name, State: bad, Text: r.what, Hint: r.hint, code: r.code})
}

func (d *doctor) tell(c check) {
	if c.State == bad {
		d.failed = append(d.failed, c)
	}
	line := d.line(c)
	if d.env.flags.JSON {
		object, err := json.Marshal(c)
		if err != nil {
			d.unsaid = err
			return
		}
		line = string(object) + "\n"
	}
	if err := d.env.print(line); err != nil && d.unsaid == nil {
		d.unsaid = err
	}
}

// line is a check in words, and below it what to do. On a terminal both are wrapped
// beside the name.
func (d *doctor) line(c check) string {
	const names = 15
	sign := map[string]string{fine: "ok", bad: "!!", absent: "--"}[c.State]
	rows := d.wrap(term.Line(c.Text), names+4)
	text := d.paint(c.State, sign) + fmt.Sprintf("  %-*s", names, c.Name) + rows[0] + "\n"
	rows = rows[1:]
	if c.Hint != "" && !d.env.said.quiet {
		rows = append(rows, d.wrap("hint: "+term.Line(c.Hint), names+4)...)
	}
	for _, row := range rows {
		text += strings.Repeat(" ", names+4) + row + "\n"
	}
	return text
}

func (d *doctor) wrap(text string, indent int) []string {
	if !term.IsTerminal(d.env.Stdout) {
		return []string{text}
	}
	columns, _ := term.Size(d.env.Stdout)
	return term.Wrap(text, max(columns-indent, 16))
}

func (d *doctor) paint(state, text string) string {
	style := map[string]string{fine: "32", bad: "1;31", absent: "2"}[state]
	if !term.Colour(d.env.flags.Color, term.IsTerminal(d.env.Stdout), d.env.getenv) {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

// verdict is nil if all is well.
func (d *doctor) verdict() error {
	if len(d.failed) == 0 {
		return nil
	}
	var names []string
	for _, c := range d.failed {
		names = append(names, c.Name)
	}
	return &report{what: "not as it should be: " + strings.Join(names, ", "), code: d.failed[0].code, kind: "doctor"}
}
