package cli

import (
	"context"
	"os"
	"os/exec"
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
	store, err := session.New(session.Options{Dir: dirs.Sessions(), Rescue: os.TempDir(), Now: p.Now})
	if err != nil {
		return nil, err
	}
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

// sessionArgs say which sessions a command is about.
type sessionArgs struct {
	Recall bool     `short:"r" help:"Pick the session with the fuzzy finder; the IDs are then words to search for."`
	IDs    []string `arg:"" optional:"" name:"id" help:"Sessions: IDs or their beginnings, @ for the one used last, @2 for the one before. - reads IDs, one a line, from standard input. Default: the session used last."`
}
