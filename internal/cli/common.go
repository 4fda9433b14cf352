package cli

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"

	"oax/internal/config"
	"oax/internal/endpoint"
	"oax/internal/pick"
	"oax/internal/report"
	"oax/internal/session"
)

// library is what a command reads before it does anything: the configuration and the
// sessions.
type library struct {
	dirs  config.Dirs
	file  *config.File
	store *session.Store
	debug *endpoint.DebugLog // nil until --debug opens it
}

// loadConfig finds the directories and reads the configuration. It prints the warnings
// about it.
func (p *Process) loadConfig(log *report.Writer) (config.Dirs, *config.File, error) {
	dirs, err := config.FindDirs(p.Getenv)
	if err != nil {
		return dirs, nil, err
	}
	file, warnings, err := config.Load(dirs.ConfigFile())
	if err != nil {
		return dirs, nil, err
	}
	for _, w := range warnings {
		log.Note(w.String())
		log.Hint(w.Hint)
	}
	return dirs, file, nil
}

// openLibrary reads the configuration and opens the store. Unless nothing is to be
// written (readOnly), the answers that dead processes left are saved first.
func (p *Process) openLibrary(log *report.Writer, readOnly bool) (*library, error) {
	dirs, file, err := p.loadConfig(log)
	if err != nil {
		return nil, err
	}
	store := session.New(session.Options{Dir: dirs.Sessions(), Rescue: os.TempDir(), Now: p.Now})
	lib := &library{dirs: dirs, file: file, store: store}
	if readOnly {
		return lib, nil
	}
	recovered, err := store.Recover()
	if err != nil {
		log.Note("cannot recover an unfinished answer: " + report.Cause(err))
	}
	noteRecovered(log, recovered)
	return lib, nil
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
func (p *Process) picker(lib *library, log *report.Writer) pick.Picker {
	return pick.Picker{
		Store: lib.store, Stdin: p.Stdin, Stderr: p.Stderr, Log: log, Now: p.Now, TimeFormat: lib.file.TimeFormat,
		Getenv: p.Getenv, Command: finderProcess,
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
	return pick.Picker{Store: lib.store, Stdin: p.Stdin, Now: p.Now, TimeFormat: lib.file.TimeFormat, Log: log}.Child(p.Stdout)
}

// sessionArgs say which sessions a command is about.
type sessionArgs struct {
	Recall bool     `short:"r" help:"Pick the session with the fuzzy finder; the IDs are then words to search for."`
	IDs    []string `arg:"" optional:"" name:"id" help:"Sessions: IDs or their beginnings, @ for the one used last, @2 for the one before. - reads IDs, one a line, from standard input. Default: the session used last."`
}

// find returns the sessions that the arguments of a command name, or the one picked with
// -r. Without arguments it is the session used last.
func (a sessionArgs) find(ctx context.Context, p *Process, lib *library, log *report.Writer, command string) ([]session.Entry, error) {
	entries, err := p.picker(lib, log).Choose(ctx, a.Recall, a.IDs)
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
	hint := "to ask it: oax --"
	for _, word := range words {
		hint += " " + report.Quote(word)
	}
	const maxHint = 200 // bytes
	if len(hint) > maxHint {
		return err
	}
	r := *report.Of(err)
	r.Hint = hint
	return &r
}

// summaryOf returns what a list shows of a session; of one that cannot be read, its name.
func summaryOf(store *session.Store, entry session.Entry) session.Summary {
	s, err := store.Summary(entry)
	if err != nil {
		return session.Summary{Entry: entry, Damaged: true}
	}
	return s
}
