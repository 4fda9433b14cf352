// Package cli is the command line of oax: the grammar, and one file a command. A command
// is a struct that holds what a person typed and a method Run, which calls the packages
// that do the work and prints what they return.
//
// Standard output carries the answer, or the list that was asked for, and nothing else.
// What is written to standard error, and in which words, package report decides.
package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"oax/internal/config"
	"oax/internal/converse"
	"oax/internal/converse/lineedit"
	"oax/internal/endpoint"
	"oax/internal/prompt"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/tools"
	"oax/internal/turn"
)

// Process is what the operating system gives to one run. It is made in main and never
// changed.
type Process struct {
	Stdin, Stdout, Stderr *os.File
	Environ               []string // NAME=value
	Now                   func() time.Time
	Version               string
	Interrupts            *converse.Interrupts // what Ctrl-C ends
}

// LookupEnv returns the value of an environment variable, and whether it is set.
func (p *Process) LookupEnv(name string) (string, bool) {
	for _, variable := range slices.Backward(p.Environ) {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value, true
		}
	}
	return "", false
}

// Getenv returns the value of an environment variable, or nothing.
func (p *Process) Getenv(name string) string {
	value, _ := p.LookupEnv(name)
	return value
}

// print writes text to standard output.
func (p *Process) print(text string) error { return report.Print(p.Stdout, text) }

// printHelp writes help to standard output. A reader that has seen enough is no error, so
// that `oax --help | head -1` always ends alike.
func (p *Process) printHelp(text string) error {
	if _, err := io.WriteString(p.Stdout, text); err != nil && !errors.Is(err, syscall.EPIPE) {
		return report.Output(err)
	}
	return nil
}

// Exit says how the process is to end: with a code, or by a signal it caught, so that
// its parent sees a real death by that signal.
type Exit struct {
	Code   int
	Signal os.Signal
}

// Run runs one command line, without the program's name.
func Run(ctx context.Context, p *Process, args []string) Exit {
	command, err := parse(p, args)
	log := report.NewWriter(p.Stderr, err == nil && command != nil && command.quiet())
	if err == nil && command != nil {
		func() {
			defer crashed(p, &err)
			err = command.Run(ctx, p, log)
		}()
	}
	if err == nil {
		return Exit{}
	}
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	end := report.Of(err)
	log.Error(end)
	return Exit{end.Code, end.Signal}
}

// crashed makes an error of a panic, and writes what happened to a file. Neither what was
// asked nor a key is part of it: the value of a panic is kept only if the runtime made it.
func crashed(p *Process, err *error) {
	value := recover()
	if value == nil {
		return
	}
	stack := debug.Stack()
	switch other := value.(type) { // of another goroutine
	case *lineedit.Panic:
		value, stack = other.Value, other.Stack
	case *turn.Panic:
		value, stack = other.Value, other.Stack
	}
	what := fmt.Sprintf("a %T", value)
	if e, ok := value.(interface{ RuntimeError() }); ok {
		what = fmt.Sprint(e)
	}
	text := fmt.Sprintf("oax %s, %s: %s\n\n%s", p.Version, p.Now().UTC().Format("2006-01-02T15:04:05Z"), what, stack)
	dirs, fileErr := config.FindDirs(p.Getenv)
	path := ""
	if fileErr == nil {
		path, fileErr = prompt.NewFile(dirs.StateDir(), "crash-*.txt", text)
	}
	*err = report.Failed("crash", "internal error, please report", "the details are in "+path)
	if fileErr != nil {
		*err = report.Failed("crash", fmt.Sprintf("internal error, please report (%s; the details cannot be written: %s)", what, report.Cause(fileErr)), "")
	}
}

// library is the configuration and the sessions of one run.
type library struct {
	*Process
	log   *report.Writer
	dirs  config.Dirs
	file  *config.File
	store *session.Store
	debug *endpoint.DebugLog // nil until --debug opens it
}

// loadConfig reads the configuration, prints the warnings about it, and opens the store.
// The library beside an error has an empty configuration and no store.
func (p *Process) loadConfig(log *report.Writer) (*library, error) {
	lib := &library{Process: p, log: log, file: &config.File{}}
	var err error
	if lib.dirs, err = config.FindDirs(p.Getenv); err != nil {
		return lib, err
	}
	file, warnings, err := config.Load(lib.dirs.ConfigFile())
	if err != nil {
		return lib, err
	}
	for _, w := range warnings {
		log.Note(w.String())
		log.Hint(w.Hint)
	}
	lib.file = file
	lib.store = session.New(session.Options{Dir: lib.dirs.Sessions(), Rescue: os.TempDir(), Now: p.Now})
	return lib, nil
}

// openLibrary is loadConfig, and saves the answers that dead processes left, unless nothing
// is to be written (readOnly).
func (p *Process) openLibrary(ctx context.Context, log *report.Writer, readOnly bool) (*library, error) {
	lib, err := p.loadConfig(log)
	if err != nil || readOnly {
		return lib, err
	}
	recovered, err := lib.store.Recover(ctx)
	if ctx.Err() != nil {
		return lib, context.Cause(ctx)
	}
	if err != nil {
		log.Note("cannot recover an unfinished answer: " + report.Cause(err))
	}
	noteRecovered(log, recovered)
	return lib, nil
}

// openDebug opens the log of --debug, if that is set, the first time it is called.
func (l *library) openDebug(f optional) (err error) {
	if f.set && l.debug == nil {
		l.debug, err = endpoint.OpenDebug(f.value, l.dirs, l.Version, l.log)
	}
	return err
}

func noteRecovered(log *report.Writer, recovered []session.Recovered) {
	var ids []string
	for _, r := range recovered {
		ids = append(ids, r.ID)
		for _, note := range r.Notes {
			log.Note("session " + r.ID + ": " + note)
		}
	}
	switch n := len(ids); {
	case n == 0:
	case n == 1:
		log.Note("recovered session " + ids[0])
	case n > 5:
		log.Note("recovered " + report.Count(n, "session") + ": " + strings.Join(ids[:5], ", ") + ", ...")
	default:
		log.Note("recovered sessions " + strings.Join(ids, ", "))
	}
}

// load reads a session and notes what is damaged in its file.
func (l *library) load(entry session.Entry) (*session.Session, error) {
	s, err := l.store.Load(entry)
	if err != nil {
		return nil, err
	}
	for _, note := range s.Notes {
		l.log.Note("session " + s.ID + ": " + note)
	}
	return s, nil
}

// offer returns the tools that flags name.
func (l *library) offer(f requestFlags) *tools.Offer {
	return tools.NewOffer(tools.Options{Config: l.file, Environ: l.Environ, Dir: l.store.Outputs(), Version: l.Version, Now: l.Now}, f.Tools)
}

// editor returns the person's editor.
func (l *library) editor() prompt.Editor {
	return prompt.Editor{
		Command: cmp.Or(l.Getenv("VISUAL"), l.Getenv("EDITOR")), Stdin: l.Stdin, Screen: l.Stderr,
		Environ: l.file.WithoutKeys(l.Environ), Dir: l.dirs.StateDir(),
	}
}
