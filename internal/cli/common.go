package cli

import (
	"cmp"
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"

	"oax/internal/config"
	"oax/internal/endpoint"
	"oax/internal/pick"
	"oax/internal/prompt"
	"oax/internal/report"
	"oax/internal/session"
)

// What a command reads before it does anything, and which sessions it is about.

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
func (p *Process) openLibrary(log *report.Writer, readOnly bool) (*library, error) {
	lib, err := p.loadConfig(log)
	if err != nil || readOnly {
		return lib, err
	}
	recovered, err := lib.store.Recover()
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

// picker returns what finds sessions: by their IDs, on standard input, or with the fuzzy
// finder, which runs in a child process of this program.
func (l *library) picker() pick.Picker {
	return pick.Picker{
		Store: l.store, Stdin: l.Stdin, Stderr: l.Stderr, Log: l.log, Now: l.Now, TimeFormat: l.file.TimeFormat,
		Getenv: l.Getenv, Command: finderProcess,
	}
}

// editor returns the person's editor.
func (l *library) editor() prompt.Editor {
	return prompt.Editor{
		Command: cmp.Or(l.Getenv("VISUAL"), l.Getenv("EDITOR")), Stdin: l.Stdin, Screen: l.Stderr,
		Environ: l.file.WithoutKeys(l.Environ), Dir: l.dirs.StateDir(),
	}
}

func finderProcess(ctx context.Context) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	return exec.CommandContext(ctx, self, "__pick")
}

// pickCommand is the child process in which the fuzzy finder runs.
type pickCommand struct{ baseFlags }

// Run lets a person choose among the sessions on standard input.
func (pickCommand) Run(_ context.Context, p *Process, log *report.Writer) error {
	lib, err := p.openLibrary(log, true)
	if err != nil {
		return err
	}
	return lib.picker().Child(p.Stdout)
}

// sessionArgs say which sessions a command is about.
type sessionArgs struct {
	Recall bool     `short:"r" help:"Pick the session with the fuzzy finder; the IDs are then words to search for."`
	IDs    []string `arg:"" optional:"" name:"id" help:"Sessions: IDs or their beginnings, @ for the one used last, @2 for the one before. - reads IDs, one a line, from standard input. Default: the session used last."`
}

// find returns the sessions that the arguments of a command name, or the one picked with
// -r. Without arguments it is the session used last.
func (a sessionArgs) find(ctx context.Context, lib *library, command string) ([]session.Entry, error) {
	entries, err := lib.picker().Choose(ctx, a.Recall, a.IDs)
	return entries, orPrompt(err, append([]string{command}, a.IDs...))
}

// orPrompt adds to the error of finding a session how to send the command line as a
// prompt, if that is what its words look like: `oax cat videos of cats`. The first word is
// the command. An ID nearly always has a digit.
func orPrompt(err error, words []string) error {
	unfound, _ := errors.AsType[*session.NotFoundError](err)
	badID, _ := errors.AsType[*session.BadIDError](err)
	if len(words) < 3 || slices.Contains(words, "-") || unfound == nil && badID == nil || unfound != nil && strings.ContainsAny(unfound.Ref, "0123456789@") {
		return err
	}
	hint := "to ask it: oax --" + quoted(words)
	const maxHint = 200 // bytes
	if len(hint) > maxHint {
		return err
	}
	r := *report.Of(err)
	r.Hint = hint
	return &r
}
