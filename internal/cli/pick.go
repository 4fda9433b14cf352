package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"oax/internal/chat"
	"oax/internal/picker"
	"oax/internal/session"
	"oax/internal/term"
)

// mostItems is how many sessions the finder gets: each key costs it time for each.
const mostItems = 5000

// pickCommand is the child process in which the finder runs.
type pickCommand struct{}

// Run lets a person choose among the items on standard input.
func (pickCommand) Run(_ context.Context, env *Env) error {
	env.flags.NoSave = true // it only reads
	store, err := env.openStore()
	if err != nil {
		return err
	}
	preview := func(id string, columns, _ int) string {
		chosen, err := env.quietly().load(store, id)
		if err != nil {
			return err.Error()
		}
		return conversation(chosen.Session, speaker)
	}
	err = picker.Child(env.Stdin, env.Stdout, preview)
	if err == nil || errors.Is(err, picker.ErrCancelled) {
		return err
	}
	return &report{code: exitNothing} // the parent has been told
}

// speaker is the line above a message where there is little room.
func speaker(m session.Message) string {
	if m.State == chat.Incomplete {
		return string(m.Role) + ", incomplete"
	}
	return string(m.Role)
}

// quietly returns an environment that says nothing: the finder has the screen.
func (env *Env) quietly() *Env {
	silent := *env
	silent.said = sayer{quiet: true}
	return &silent
}

// pick lets the person choose a session.
func (env *Env) pick(ctx context.Context, store *session.Store, query string) (*past, error) {
	items := env.items(store, query)
	tty, _ := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if tty != nil {
		defer tty.Close()
	}
	o := picker.Options{Command: env.pickAgain, TTY: tty, Out: env.Stderr, Query: query}
	if term.IsTerminal(env.Stdin) {
		o.In = env.Stdin
	}
	id, err := picker.Choose(ctx, items, o)
	if err != nil {
		return nil, err
	}
	return env.load(store, id)
}

// pickAgain returns the command that runs this program as the finder.
func (env *Env) pickAgain(ctx context.Context) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	return exec.CommandContext(ctx, self, "__pick")
}

// items are the newest sessions, a line each. The finder can begin with a query only
// if that is ASCII; with another one they are those that have all its words, if any
// has.
func (env *Env) items(store *session.Store, query string) []picker.Item {
	var all, matching []picker.Item
	for entry, err := range store.Newest() {
		if err != nil {
			env.said.line("cannot list sessions: " + plainError(err))
			continue
		}
		if len(all) == mostItems {
			break
		}
		s, err := store.Summary(entry)
		if err != nil {
			continue
		}
		title := term.Cut(term.Line(s.Title), 48)
		item := picker.Item{ID: s.ID, Label: fmt.Sprintf("%s  %s  %d", title, env.clock(s.Time), s.Turns)}
		all = append(all, item)
		if hasWords(s.Title, query) {
			matching = append(matching, item)
		}
	}
	beyondASCII := strings.ContainsFunc(query, func(r rune) bool { return r > '~' })
	if beyondASCII && len(matching) > 0 {
		return matching
	}
	return all
}

// hasWords reports whether text has every word of query, large letters or small.
func hasWords(text, query string) bool {
	text = strings.ToLower(text)
	for _, word := range strings.Fields(strings.ToLower(query)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// promptFor reads what to say in a session that was picked: standard input, or a
// line typed at the terminal.
func (env *Env) promptFor(ctx context.Context, chosen *past) (prompt, error) {
	if !term.IsTerminal(env.Stdin) {
		return env.readPrompt(ctx, nil)
	}
	columns, _ := term.Size(env.Stdin)
	fmt.Fprintf(env.Stderr, "%s\n> ", term.Cut(term.Line(chosen.Title), columns))
	line, err := await(ctx, func() (string, error) { return bufio.NewReader(env.Stdin).ReadString('\n') })
	if ctx.Err() != nil {
		return prompt{}, context.Cause(ctx)
	}
	if err != nil && line == "" {
		fmt.Fprintln(env.Stderr) // the shell's prompt gets a line of its own
		return prompt{}, picker.ErrCancelled
	}
	if line = strings.TrimRight(line, "\r\n"); strings.TrimSpace(line) == "" {
		return prompt{}, picker.ErrCancelled
	}
	return env.text(line, 0)
}
