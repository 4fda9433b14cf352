// Package doctor checks what a run of oax depends on: the configuration, the network to
// the endpoint, its models and its first token, the terminal, and the sessions. Each check
// prints what is configured, whether it works, and what to do if it does not.
package doctor

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"oax/internal/config"
	"oax/internal/endpoint"
	"oax/internal/report"
	"oax/internal/term"
)

// Options say what to check and how to print it.
type Options struct {
	Stdout   *os.File
	Log      *report.Writer
	Getenv   func(string) string
	Now      func() time.Time
	Version  string          // of the program
	Settings config.Settings // the flags and the environment
	DryRun   bool            // send nothing
	JSON     bool            // print one object a check
	Color    string          // auto, always or never
	Serving  string          // where oax serve runs; empty: it does not
}

// The states of a check.
const (
	ok   = "ok"
	bad  = "bad"
	none = "none" // it does not apply, or could not be made
)

// check is what was found out about one thing.
type check struct {
	Name    string             `json:"check"`
	State   string             `json:"state"`
	Text    string             `json:"text"`
	Hint    string             `json:"hint,omitempty"`
	Seconds map[string]float64 `json:"seconds,omitempty"` // how long its steps took

	code int // the exit code if it is bad
}

// doctor prints checks as they are made.
type doctor struct {
	Options
	failed   []check
	trace    endpoint.Trace // of the last request
	writeErr error          // of standard output
}

// Run makes the checks. The error is a *report.Error with the exit code of the first
// check that failed, the cause of ctx, or that of writing to standard output.
func Run(ctx context.Context, o Options) error {
	d := &doctor{Options: o}
	dirs, err := config.FindDirs(o.Getenv)
	if err != nil {
		d.fail("configuration", err)
	} else if file := d.checkFile(dirs); file != nil {
		d.checkEndpoint(ctx, dirs, file)
		d.checkTools(ctx, file)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	d.checkTerminal()
	if err == nil {
		d.checkStore(dirs)
	}
	if d.Serving != "" {
		d.pass("server", "oax serve runs at "+d.Serving)
	}
	switch {
	case d.writeErr != nil:
		return report.Output(d.writeErr)
	case len(d.failed) == 0:
		return nil
	}
	var names []string
	for _, c := range d.failed {
		names = append(names, c.Name)
	}
	problem := "there is a problem with: "
	if len(names) > 1 {
		problem = "there are problems with: "
	}
	return report.New(d.failed[0].code, "doctor", problem+strings.Join(names, ", "), "")
}

func (d *doctor) pass(name, text string) { d.print(check{Name: name, State: ok, Text: text}) }

func (d *doctor) skip(name, text, hint string) {
	d.print(check{Name: name, State: none, Text: text, Hint: hint})
}

// fail prints what an error means.
func (d *doctor) fail(name string, err error) {
	e := report.Of(err)
	d.print(check{Name: name, State: bad, Text: e.What, Hint: e.Hint, code: e.Code})
}

// timed prints a check that passed, with how long its steps took.
func (d *doctor) timed(name, text string, steps map[string]time.Duration) {
	seconds := map[string]float64{}
	for step, took := range steps {
		seconds[step] = took.Seconds()
	}
	d.print(check{Name: name, State: ok, Text: text, Seconds: seconds})
}

// print prints a check: an object, or its name beside what was found and what to do,
// wrapped on a terminal.
func (d *doctor) print(c check) {
	const indent = 19 // sign and name
	if c.State == bad {
		d.failed = append(d.failed, c)
	}
	var text string
	if d.JSON {
		text, _ = term.JSONLine(c, term.IsTerminal(d.Stdout)) // of strings and numbers: cannot fail
	} else {
		rows := d.wrap(term.Line(c.Text), indent)
		if c.Hint != "" && !d.Log.Quiet() {
			rows = append(rows, d.wrap("hint: "+term.Line(c.Hint), indent)...)
		}
		sign := map[string]string{ok: "ok", bad: "!!", none: "--"}[c.State]
		if term.Colour(d.Color, term.IsTerminal(d.Stdout), d.Getenv) {
			sign = "\x1b[" + map[string]string{ok: "32", bad: "1;31", none: "2"}[c.State] + "m" + sign + "\x1b[0m"
		}
		text = sign + fmt.Sprintf("  %-*s", indent-4, c.Name) + strings.Join(rows, "\n"+strings.Repeat(" ", indent)) + "\n"
	}
	if _, err := io.WriteString(d.Stdout, text); d.writeErr == nil {
		d.writeErr = err
	}
}

func (d *doctor) wrap(text string, indent int) []string {
	if !term.IsTerminal(d.Stdout) {
		return []string{text}
	}
	columns, _ := term.Size(d.Stdout)
	return term.Wrap(text, max(columns-indent, 16))
}

// checkFile returns the configuration, or nil if it cannot be read.
func (d *doctor) checkFile(dirs config.Dirs) *config.File {
	const name = "configuration"
	path := dirs.ConfigFile()
	file, warnings, err := config.Load(path)
	if err != nil {
		d.fail(name, err)
		return nil
	}
	for _, w := range warnings {
		d.fail(name, report.Config(w.String(), w.Hint))
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		d.skip(name, "none; "+path+" would be it", "oax config init")
	case len(warnings) == 0:
		d.pass(name, fmt.Sprintf("%s (%04o)", path, info.Mode().Perm()))
	}
	return file
}

// checkEndpoint checks the settings of the endpoint, and then the endpoint itself if
// anything can be sent to it.
func (d *doctor) checkEndpoint(ctx context.Context, dirs config.Dirs, file *config.File) {
	settings, _ := file.Show(d.Settings)
	e, err := endpoint.Resolve(ctx, endpoint.Options{
		File: file, Dirs: dirs, Settings: d.Settings, Version: d.Version, Log: d.Log, DryRun: d.DryRun, NoSave: true,
		Timeout: silence, OnTrace: d.see,
	})
	defer func() { e.Close() }() // there is one beside an error too
	if ctx.Err() != nil {
		return
	}
	about := settingOf(err)
	for _, name := range []string{"profile", "base_url", "api", "model", "key"} {
		if name == about {
			d.fail(strings.ReplaceAll(name, "_url", " URL"), err)
			continue
		}
		if i := slices.IndexFunc(settings, func(s config.Setting) bool { return s.Name == name }); i >= 0 {
			d.checkSetting(e, settings[i])
		}
	}
	if err != nil && about == "" {
		d.fail("settings", err)
	}
	if e.Client != nil && !d.DryRun {
		d.checkNetwork(ctx, e)
	}
}

// settingOf returns the setting that an error is about, or nothing.
func settingOf(err error) string {
	switch err.(type) {
	case *config.UnknownProfileError:
		return "profile"
	case *config.NoBaseURLError, *config.BaseURLError, *config.PlainHTTPError:
		return "base_url"
	case *config.NoKeyError, *config.KeyCommandError, *config.KeyError:
		return "key"
	}
	return ""
}

// checkSetting prints a setting and where it comes from.
func (d *doctor) checkSetting(e *endpoint.Endpoint, s config.Setting) {
	source := cmp.Or(s.Source.Name, s.Source.From)
	switch {
	case s.Name == "api" && s.Value == nil:
	case s.Name == "base_url" && e.IsDemo():
		d.pass("base URL", e.BaseURL+" (inside oax; nothing leaves this machine)")
	case s.Name == "base_url":
		d.pass("base URL", fmt.Sprintf("%s (%s)", e.BaseURL, source))
	case s.Name == "key" && e.Key.Reveal() == "":
		d.skip("key", "none, and none is needed", "")
	case s.Name == "key" && e.Key.Tail() != "":
		d.pass("key", fmt.Sprintf("…%s (%s)", e.Key.Tail(), e.KeySource))
	case s.Name == "model" && e.Model == "" && e.NeedsModel:
		d.fail("model", report.Config("no model is named", "oax models lists them; then -m NAME, or model in the configuration"))
	case s.Name == "model" && e.Model == "":
		d.skip("model", "none is named: the endpoint decides", "")
	case s.Name == "model" && s.Value == nil:
		d.pass("model", e.Model+" (the first that the endpoint lists)")
	default:
		d.pass(s.Name, fmt.Sprintf("%v (%s)", s.Value, source))
	}
}
