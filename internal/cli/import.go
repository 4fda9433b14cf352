package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"oax/internal/chat"
	"oax/internal/config"
	"oax/internal/export"
	"oax/internal/importer"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/session/disk"
	"oax/internal/session/record"
	"oax/internal/term"
)

// importCommand imports chats from other programs.
type importCommand struct {
	DryRun bool `help:"Show what would be imported, and save nothing."`
	listFlags

	Words []string `arg:"" optional:"" name:"source path" help:"The program, and the files or directories of its chats. Without a path, the place where that program keeps them. Without a source, oax looks at the file."`
}

// Help lists the sources.
func (c *importCommand) Help() string {
	var b strings.Builder
	b.WriteString("Sources:\n")
	for _, s := range importer.Sources() {
		fmt.Fprintf(&b, "\n  %-12s  %s", s.Name, s.Of)
	}
	b.WriteString("\n\nA chat that was imported before is not imported again; if it has grown since, its session grows.")
	return b.String()
}

// Run reads the chats at each path and saves those that are new.
func (c *importCommand) Run(ctx context.Context, p *Process, log *report.Writer) error {
	lib, err := p.openLibrary(ctx, log, false)
	if err != nil {
		return err
	}
	from, err := c.sources(ctx, p, lib.dirs, log)
	if err != nil {
		return err
	}
	target, err := lib.store.Importer()
	if err != nil {
		return err
	}
	target.DryRun = c.DryRun
	r := &importRun{importCommand: c, library: lib, target: target, out: bufio.NewWriter(p.Stdout), ids: map[string]string{}, outcomes: map[session.Outcome]int{}}
	r.table = export.NewRows(r.out, p.Stdout, c.JSON)
	r.spinner = log.Spin(r.progress(), report.SpinOptions{Getenv: p.Getenv, Now: p.Now, Off: c.JSON})
	for _, f := range from {
		if err == nil && ctx.Err() == nil {
			err = r.read(ctx, f)
		}
	}
	return r.end(ctx, err)
}

// importPath is a path with chats of a source.
type importPath struct {
	source importer.Source
	path   string
}

// sources returns what the words name: a source and its paths, a source whose program
// keeps its chats at a known path, or only paths.
func (c *importCommand) sources(ctx context.Context, p *Process, dirs config.Dirs, log *report.Writer) (from []importPath, err error) {
	if len(c.Words) == 0 {
		return nil, report.Usage("import needs a source or a path", "oax import chatgpt export.zip; oax import --help lists the sources")
	}
	source, ok := importer.Find(c.Words[0])
	if !ok {
		return guessSources(ctx, c.Words, log)
	}
	for _, path := range c.Words[1:] {
		from = append(from, importPath{source, path})
	}
	if len(from) > 0 {
		return from, nil
	}
	// On Windows other programs keep their files in the directory that roams with the person,
	// while oax keeps its own on the machine.
	if roaming, err := os.UserConfigDir(); runtime.GOOS == "windows" && err == nil && !filepath.IsAbs(p.Getenv("XDG_CONFIG_HOME")) {
		dirs.Config = roaming
	}
	paths := source.DefaultPaths(importer.Dirs{Home: dirs.Home, Config: dirs.Config, Data: dirs.Data, Cache: dirs.Cache, Env: p.Getenv})
	for _, path := range paths {
		if exists(path) {
			return []importPath{{source, path}}, nil
		}
	}
	what := "import " + source.Name + " needs a path"
	if len(paths) > 0 {
		what = "no chats of " + source.Name + " found at " + paths[0]
	}
	return nil, report.Usage(what, "oax import "+source.Name+" PATH")
}

// guessSources finds out which program wrote each path, and notes it.
func guessSources(ctx context.Context, paths []string, log *report.Writer) (from []importPath, err error) {
	const sources = "oax import --help lists the sources"
	for _, path := range paths {
		source, ok := importer.Guess(ctx, path)
		switch {
		case !ok && !exists(path):
			return nil, report.Nothing("cannot read "+path+": no such file or directory", sources)
		case !ok:
			return nil, report.Usage("cannot tell which program wrote "+path, "oax import SOURCE "+report.Quote(path)+"; "+sources)
		}
		log.Note("reading " + path + " as " + source.Name)
		from = append(from, importPath{source, path})
	}
	return from, nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// importRun is one run of the command.
type importRun struct {
	*importCommand
	*library
	target  *session.Importer
	out     *bufio.Writer
	table   export.Rows // printed to out
	spinner *report.Spinner
	ids     map[string]string // the sessions of chats that others may branch off from

	outcomes        map[session.Outcome]int
	unread, refused int // chats and files
}

func (r *importRun) progress() string { return r.words("importing:", "grown") }

// read reads the chats at one path.
func (r *importRun) read(ctx context.Context, from importPath) error {
	if from.source.Name == "oax" && session.HasSessions(from.path) { // not those of the earlier oax
		return r.merge(ctx, from.path)
	}
	for c, err := range from.source.Read(ctx, from.path, r.Now()) {
		if err == nil {
			err = r.add(from.source.Name, c)
		}
		if problem, ok := errors.AsType[*importer.Problem](err); ok {
			r.problem(problem)
		} else if err != nil {
			return err
		}
		r.spinner.Say(r.progress())
	}
	return nil
}

// add saves a chat, if it is new.
func (r *importRun) add(source string, c importer.Chat) error {
	chat := session.Import{Source: source, ID: c.ID, Title: c.Title, Time: c.Time, Messages: make([]record.Message, 0, len(c.Messages))}
	for _, m := range c.Messages {
		chat.Messages = append(chat.Messages, record.Message{Message: m.Message, Time: m.Time})
	}
	if b := c.Branch; b != nil && r.ids[b.ID] != "" {
		chat.ForkOf = &record.Fork{ID: r.ids[b.ID], Turn: b.Turn}
	}
	entry, outcome, err := r.target.Add(chat)
	if busy, ok := errors.AsType[*session.BusyError](err); ok {
		return &importer.Problem{Path: c.Title, What: report.Of(busy).What}
	}
	if err != nil {
		return cannotImport(err)
	}
	if c.Branch == nil {
		clear(r.ids) // its branches follow at once
		r.ids[c.ID] = entry.ID
	}
	r.outcomes[outcome]++
	turns, title := shown(c)
	if err := r.list(imported{entry.ID, outcome, source, c.ID, c.Time, turns, c.Title}, title); err != nil {
		return report.Output(err)
	}
	return nil
}

// merge merges the copies of sessions at a path.
func (r *importRun) merge(ctx context.Context, path string) error {
	for m, err := range r.target.Merge(path) {
		if ctx.Err() != nil {
			return nil
		}
		if copied, ok := errors.AsType[*session.CopyError](err); ok {
			file, foreign := errors.AsType[*disk.FileError](copied.Err)
			what := "cannot be merged: " + report.Cause(copied.Err)
			if foreign {
				what = "is " + file.What + "; refused"
			}
			r.problem(&importer.Problem{Path: copied.Path, What: what, Refused: foreign})
			continue
		}
		if err != nil {
			return cannotImport(err)
		}
		r.outcomes[m.Outcome]++
		entry := m.Entry
		if m.Outcome == session.Forked {
			entry = m.Branch
		}
		if r.JSON || r.DryRun {
			s, _ := r.store.Summary(session.Entry{ID: m.ID, Path: m.Copy}) // it was read a moment ago
			err = r.list(imported{entry.ID, m.Outcome, "oax", m.ID, s.Time, s.Turns, s.Title}, term.Line(s.Title))
		}
		if err != nil {
			return report.Output(err)
		}
		r.spinner.Say(r.progress())
	}
	return nil
}

// imported is a session that was imported, as --json prints it.
type imported struct {
	ID     string          `json:"id"`
	Status session.Outcome `json:"status"`
	Source string          `json:"source"`
	Origin string          `json:"source_id"`
	Time   time.Time       `json:"time"`
	Turns  int             `json:"turns"`
	Title  string          `json:"title,omitempty"`
}

// shown returns how many turns a chat has, and its title or the beginning of its first prompt.
func shown(c importer.Chat) (turns int, title string) {
	title = term.Line(c.Title)
	for _, m := range c.Messages {
		if m.Role != chat.User {
			continue
		}
		if turns++; title == "" {
			const enough = 1000 // bytes, of which 60 columns are shown
			title = term.Cut(term.Line(strings.ToValidUTF8(m.Text[:min(len(m.Text), enough)], "")), 60)
		}
	}
	return turns, title
}

// list prints a session, with --json, or in a dry run if it is new.
func (r *importRun) list(i imported, title string) error {
	if !r.JSON && (!r.DryRun || i.Status == session.Present) {
		return nil
	}
	when := term.Clock(i.Time, r.file.TimeFormat)
	return r.table.Add(i, []string{string(i.Status), when, strconv.Itoa(i.Turns), title}, fmt.Sprintf("%-7s  %s  %3d  %s", i.Status, when, i.Turns, title))
}

// problem reports what could not be read.
func (r *importRun) problem(problem *importer.Problem) {
	const maxProblems = 20 // that are reported one by one
	r.unread++
	if problem.Refused {
		r.refused++
	}
	if r.unread <= maxProblems {
		r.log.Note(problem.Error())
	} else if r.unread == maxProblems+1 {
		r.log.Note("and more")
	}
}

// end makes sure that what was imported survives a power loss, and reports how many
// sessions that are.
func (r *importRun) end(ctx context.Context, err error) error {
	if flushed := r.target.Flush(); flushed != nil && err == nil {
		err = cannotImport(flushed)
	}
	r.spinner.Stop()
	if failed := r.out.Flush(); failed != nil && err == nil {
		err = report.Output(failed)
	}
	if missing, ok := errors.AsType[*exec.Error](err); ok {
		return report.Failed("missing", missing.Name+" is not installed; this source is an SQLite database",
			"install it (sudo apt install sqlite3, or brew, dnf, pacman) and run the import again")
	}
	what := r.words("imported", "grew")
	if r.DryRun {
		what = r.words("would import", "would grow")
	}
	switch {
	case err != nil:
		return err
	case ctx.Err() != nil:
		r.log.Note(what)
		return context.Cause(ctx)
	case r.refused > 0:
		return report.New(report.ExitUsage, "refused", what, "")
	case r.unread > 0:
		return report.Failed("damaged", what, "")
	}
	r.log.Note(what)
	return nil
}

// cannotImport reports that the store takes no more.
func cannotImport(err error) error {
	return report.Disk("cannot save what is imported: "+report.Cause(err), "what was saved before is whole; oax import continues where it stopped")
}

// words returns how many chats had which outcome. The verbs are those for added and for
// grown sessions.
func (r *importRun) words(added, grown string) string {
	words := added + " " + report.Count(r.outcomes[session.Added]+r.outcomes[session.Forked], "session")
	for _, part := range []struct {
		n    int
		what string
	}{{r.outcomes[session.Grown], grown}, {r.outcomes[session.Present], "already there"}, {r.unread, "could not be read"}} {
		if part.n > 0 {
			words += fmt.Sprintf(", %d %s", part.n, part.what)
		}
	}
	return words
}
