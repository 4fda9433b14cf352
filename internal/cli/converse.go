package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"

	"oax/internal/chat"
	"oax/internal/lineedit"
	"oax/internal/session"
	"oax/internal/term"
)

// interactive is a chat at a terminal: one turn after the other, until the person
// leaves. It holds all that was said, whether or not it could be saved.
type interactive struct {
	env    *Env
	store  *session.Store
	past   *past // what was said; without an ID nothing of it is saved yet
	reader reader
	place  *place   // where the next turn goes; nil: to be settled
	start  string   // what the next message begins with
	attach []string // the files that go with the next message
	files  attached // what is in them
	fork   bool     // the next turn begins a session of its own
	// lost is why the last turn is not on the disk, and unsaved what is not.
	lost    error
	unsaved []session.Message
}

// reader reads what the person types, beginning as start.
type reader interface {
	Read(ctx context.Context, start string) (string, error)
}

// errLeave is what a command returns to end the conversation.
var errLeave = errors.New("the person leaves")

// converse goes on with a session, or begins one with the first message, until the
// person leaves. The first prompt is asked at once, if it has a text; its examples are
// part of the chat from the beginning.
func (env *Env) converse(ctx context.Context, store *session.Store, earlier *past, first *prompt) error {
	env.Caught() // the terminal is to be left as it was found
	c := &interactive{env: env, store: store, past: earlier}
	if earlier == nil {
		c.past = &past{&session.Session{}}
	}
	for _, m := range first.examples {
		c.unsaved = append(c.unsaved, session.Message{Message: m})
	}
	c.past.Messages = append(c.past.Messages, c.unsaved...)
	first.examples = nil
	if first.text == "" {
		first = nil
	}
	c.reader = c.newReader()
	if c.start = readDraft(); c.start != "" {
		env.said.note("what was typed last time and not sent is back; Ctrl-U drops it")
	}
	defer c.disconnect()
	c.greet(first)
	if first != nil {
		c.say(c.turn(ctx, *first))
	}
	for {
		switch err := c.next(ctx); {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, errLeave), errors.Is(err, io.EOF), errors.Is(err, lineedit.ErrGone):
			return c.left()
		default:
			c.say(err)
		}
	}
}

func (c *interactive) newReader() reader {
	const sign = "> "
	if !term.MovesCursor(c.env.getenv("TERM"), c.env.getenv) {
		return lineedit.NewPlain(os.Stdin, c.env.Stderr, sign)
	}
	return lineedit.New(lineedit.Options{In: os.Stdin, Prompt: sign, History: c.asked(), Complete: c.complete, Edit: c.env.edited})
}

// next reads one message and answers it.
func (c *interactive) next(ctx context.Context) error {
	if c.lost != nil {
		c.env.said.line("NOT SAVING — " + diskWord(c.lost))
	}
	start := c.start
	c.start = ""
	text, err := c.reader.Read(ctx, start)
	switch {
	case ctx.Err() != nil:
		c.keepDraft(text)
		return err
	case errors.Is(err, lineedit.ErrGone):
		c.keepDraft(text)
		select { // the signal that says so may be on its way
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond):
		}
		return err
	case errors.Is(err, lineedit.ErrInterrupted):
		c.keepDraft(text)
		c.env.said.note("press Ctrl-D or type /quit to leave")
		return nil
	case err != nil:
		return err
	case strings.TrimSpace(text) == "":
		return nil
	}
	if strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "//") {
		return c.command(ctx, text)
	}
	return c.ask(ctx, strings.TrimPrefix(text, "/"))
}

// ask asks what was typed. Until it is saved with the turn it is kept as a draft.
func (c *interactive) ask(ctx context.Context, text string) error {
	asked, err := c.env.prompt(rawPrompt{text: text, files: c.files})
	if err != nil {
		return err
	}
	c.keepDraft(text)
	c.files, c.attach = attached{}, nil
	err = c.turn(ctx, asked)
	if c.lost == nil {
		dropDraft()
	}
	return err
}

// say says how a turn or a command failed. The conversation goes on.
func (c *interactive) say(err error) {
	if err == nil {
		return
	}
	r := *explain(err)
	if r.signal == os.Interrupt {
		r.what, r.newLine = "stopped", false
		if r.saved != "" {
			r.what, r.saved = "stopped; partial answer kept", ""
		}
	}
	c.env.said.report(&r)
}

// left ends the conversation: not well if a turn of it is lost.
func (c *interactive) left() error {
	if c.lost != nil {
		r := *explain(c.lost)
		r.hint = ""
		return &r
	}
	return nil
}

// diskWord says in short why something could not be saved.
func diskWord(err error) string {
	if errors.Is(err, syscall.ENOSPC) {
		return "disk full"
	}
	if r, ok := errors.AsType[*report](err); ok {
		return r.what
	}
	return explain(err).what
}

// greet says where one is, and shows the end of what was said before.
func (c *interactive) greet(first *prompt) {
	if first != nil {
		return
	}
	if c.past.ID == "" {
		c.env.said.note("/help shows the commands, Ctrl-D leaves")
		return
	}
	columns, _ := term.Size(c.env.Stderr)
	title := fmt.Sprintf("%s (%d %s)", term.Line(c.past.Title), c.past.Turns(), plural(c.past.Turns(), "turn"))
	fmt.Fprintln(c.env.Stderr, term.Cut(title, columns))
	c.showLast()
}

// showLast prints the last question and what was answered.
func (c *interactive) showLast() {
	from := len(c.past.Messages)
	for from > 0 && (from == len(c.past.Messages) || c.past.Messages[from].Role != chat.User) {
		from--
	}
	tail := *c.past.Session
	tail.Messages = tail.Messages[from:]
	c.env.print(c.env.transcript(&tail, false, c.env.newViewer()))
}

// asked returns the prompts of this chat and those before it, oldest first, to go
// back to with the arrow keys.
func (c *interactive) asked() []string {
	const sessions, most, largest = 20, 200, 1 << 20 // a huge chat would hold up the first prompt
	var newest []string
	seen := map[string]bool{}
	add := func(s *session.Session) {
		for i := len(s.Messages) - 1; i >= 0 && len(newest) < most; i-- {
			if m := s.Messages[i]; m.Role == chat.User && !seen[m.Text] && len(m.Text) < 4096 {
				seen[m.Text] = true
				newest = append(newest, m.Text)
			}
		}
	}
	add(c.past.Session)
	n := 0
	for entry, err := range c.store.Newest() {
		if n++; n > sessions || err != nil {
			break
		}
		if info, err := os.Stat(entry.Path); err != nil || info.Size() > largest {
			continue
		}
		if s, err := c.store.Load(entry); err == nil {
			add(s)
		}
	}
	for i, j := 0, len(newest)-1; i < j; i, j = i+1, j-1 {
		newest[i], newest[j] = newest[j], newest[i]
	}
	return newest
}

func (c *interactive) disconnect() {
	if c.place != nil {
		c.place.close()
		c.place = nil
	}
}
