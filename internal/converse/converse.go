// Package converse is a conversation at a terminal: one turn after the other, until the
// person leaves.
//
// It promises three things. What was typed is never lost: a message that cannot be sent
// comes back as the text of the next prompt, and is a draft on disk until it is saved in
// the session. Ctrl-C ends no more than the turn. And a disk that fails ends nothing: the
// conversation goes on, says so before each prompt, and saves what it can later.
//
// The model, the profile and the system message that the commands of a conversation set
// belong to the conversation. What was typed on the command line stays as it is.
package converse

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"oax/internal/config"
	"oax/internal/converse/lineedit"
	"oax/internal/endpoint"
	"oax/internal/export"
	"oax/internal/openai"
	"oax/internal/prompt"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/session/record"
	"oax/internal/term"
	"oax/internal/tools"
	"oax/internal/turn"
)

// Options are what a conversation is made of. All must be set but Session, First, Draft,
// Last and the flags.
//
// The functions get the report.Writer of the message they are called for: each message
// may have a hint of its own.
type Options struct {
	Stdin, Stdout, Stderr *os.File
	Getenv                func(string) string
	Environ               []string // for other programs: without keys
	Now                   func() time.Time

	Store   *session.Store
	Session *session.Session // goes on; nil: a new one
	// First is sent before the person types anything. If it is empty, only its system
	// message counts, which goes with the first message. It need not be checked.
	First  prompt.Prompt
	Reader prompt.Reader
	Editor prompt.Editor
	Draft  prompt.Draft
	Style  export.Style // of the earlier messages that are shown

	Tools *tools.Offer // that /tools changes
	// Ready returns why the first message of the session could not be sent, as far as that is
	// known without running key_command and without the network: there is no key, say.
	Ready func(s *session.Session) error
	// Resolve makes an endpoint for the session. An empty profile is that of the command
	// line, and so is an empty model, unless that is for another profile.
	Resolve func(ctx context.Context, log *report.Writer, profile, model string, s *session.Session) (*endpoint.Endpoint, error)
	// Turn runs one turn and prints the answer. It also reads the attachments of earlier
	// prompts again. It runs the calls of tools, and asks about them while lend lends the terminal.
	Turn func(ctx context.Context, log *report.Writer, e *endpoint.Endpoint, r openai.Request, saver turn.Saver, s *session.Session, lend func(func())) turn.Result
	// Notify tells a person who looks elsewhere that a turn has ended. It does so only if
	// Notifies is set.
	Notify   func(turn.Result)
	Notifies bool
	// Pick lets the person pick a session.
	Pick func(ctx context.Context, log *report.Writer, query string) (*session.Session, error)
	// Suggest returns the models of a profile, the profiles or the sessions that begin so,
	// for a kind of model, profile or session. An empty profile is that of the command line.
	Suggest func(kind, profile, begin string) []lineedit.Candidate
	// Cost prices the turn of an answer by its usage, if the price is known.
	Cost func(profile string, usage json.RawMessage, models ...string) (amount float64, known bool)

	Interrupts *Interrupts
	Last       int  // turns of the history to send; 0: all
	Raw        bool // hidden characters are copied too
	Color      bool // of the prompt
	NoSave     bool
	Quiet      bool
}

// conversation holds everything that was said, whether or not it could be saved.
type conversation struct {
	o        Options
	log      *report.Writer   // of the message that is being answered
	session  *session.Session // without an ID nothing of it is saved yet
	target   target
	endpoint *endpoint.Endpoint // of target; nil: not resolved yet
	reader   reader
	text     string        // what the next message begins with
	asked    string        // the last message, if it is sent only when it is typed again
	unsent   string        // the last message, if it could not be sent: commands do not drop it
	attached prompt.Prompt // the files that go with the next message
	fork     bool          // the next turn begins a session of its own
	lost     error         // why the last turn is not on disk; nil if it is
	unsaved  []record.Message
	apart    bool         // an empty line goes before the next prompt
	times    report.Times // of the last answer, if it came in this conversation
}

// reader reads what the person types, as a lineedit.Editor does.
type reader interface {
	Read(ctx context.Context, start string) (string, error)
	Focused() bool  // the window is known to have the focus
	Collect()       // what is typed until the next Read is part of that message, unsent
	Lend(do func()) // another program may read the terminal meanwhile
	Restore()       // sets the terminal up as it was; any goroutine may call it
	Close()
}

// meant has the messages that are most likely not for the model: the command that is
// meant, and what it does.
var meant = map[string]struct{ command, does string }{
	"exit": {"/quit", "leave"}, "quit": {"/quit", "leave"}, "help": {"/help", "see the commands"},
}

// errQuit is what a command returns to end the conversation.
var errQuit = errors.New("quit")

// Run holds a conversation. It returns nil when the person leaves, the cause of ctx when
// that ends, and a *report.Error if a turn could not be saved and never was.
func Run(ctx context.Context, o Options) error {
	c := newConversation(o)
	c.reader = c.newReader()
	return c.run(ctx)
}

func newConversation(o Options) *conversation {
	c := &conversation{o: o, session: new(session.Session)}
	if o.Session != nil {
		*c.session = *o.Session
	}
	c.target.system = o.First.NewSystem(c.session.History())
	c.newMessage()
	return c
}

func (c *conversation) newReader() reader {
	const sign = "> "
	if term.MovesCursor(c.o.Getenv("TERM"), c.o.Getenv) {
		out := c.o.Stdout
		if !term.IsTerminal(out) {
			out = c.o.Stderr
		}
		editor, err := lineedit.New(lineedit.Options{
			In: c.o.Stdin, Out: out, Prompt: sign, Color: c.o.Color, Focus: c.o.Notifies && term.ReportsFocus(c.o.Getenv),
			History: c.earlierPrompts(), Complete: c.complete, Edit: c.o.Editor.Edit,
		})
		if err == nil {
			return editor
		}
	}
	return lineedit.NewPlain(c.o.Stdin, c.o.Stderr, sign)
}

func (c *conversation) run(ctx context.Context) error {
	defer c.disconnect()
	c.o.Interrupts.onDeath(c.reader.Restore)
	defer c.o.Interrupts.onDeath(nil)
	defer c.reader.Close()
	if c.text = c.o.Draft.Load(); c.text != "" {
		c.log.Note("what was typed last time and not sent is back; Ctrl-U drops it")
	}
	if first := c.o.First; !first.Empty() {
		typed := first.Text
		if strings.HasPrefix(typed, "/") {
			typed = "/" + typed // no command, if it comes back
		}
		c.report(c.send(ctx, first, typed))
	} else {
		if err := c.greet(); err != nil {
			return err
		}
		c.report(c.o.Ready(c.session))
	}
	for {
		c.newMessage()
		switch err := c.next(ctx); {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, errQuit), errors.Is(err, io.EOF), errors.Is(err, lineedit.ErrHangup):
			return c.end()
		default:
			c.report(err)
		}
	}
}

// newMessage lets a hint be printed again.
func (c *conversation) newMessage() { c.log = report.NewWriter(c.o.Stderr, c.o.Quiet) }

// next reads one message and answers it.
func (c *conversation) next(ctx context.Context) error {
	if c.apart && term.IsTerminal(c.o.Stderr) {
		fmt.Fprintln(c.o.Stderr)
	}
	c.apart = false
	if c.lost != nil {
		c.log.Line(report.NotSaving(c.lost))
	}
	start, asked := c.text, c.asked
	c.text, c.asked = "", ""
	text, err := c.reader.Read(ctx, start)
	switch {
	case ctx.Err() != nil:
		c.saveDraft(text)
		return err
	case errors.Is(err, lineedit.ErrHangup):
		c.saveDraft(text)
		select { // SIGHUP may be on its way
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond):
		}
		return err
	case errors.Is(err, lineedit.ErrInterrupted):
		c.saveDraft(text)
		c.log.Note("press Ctrl-D or type /quit to leave")
		return nil
	case err != nil:
		return err
	case strings.TrimSpace(text) == "" && asked != "":
		return c.command(ctx, meant[asked].command)
	case strings.TrimSpace(text) == "":
		c.unsent = ""
		return nil
	case strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "//"):
		err := c.command(ctx, text)
		c.text = cmp.Or(c.text, c.unsent)
		return err
	}
	word := strings.TrimSpace(text)
	if is, ok := meant[word]; ok && word != asked {
		c.asked = word
		c.log.Line("press Enter to " + is.does + ", or type " + word + " again to send it to the model")
		return nil
	}
	message := c.attached
	message.Text = strings.TrimPrefix(text, "/")
	return c.send(ctx, message, text)
}

// send sends a prompt. What was typed for it is a draft until the prompt is saved in the
// session. If the prompt cannot be sent, what was typed is the text of the next one, and
// the files stay attached.
func (c *conversation) send(ctx context.Context, p prompt.Prompt, typed string) error {
	c.saveDraft(typed)
	started, err := c.ask(ctx, p)
	c.unsent = ""
	switch {
	case !started:
		c.attached, c.attached.Text = p, ""
		c.text = strings.TrimSuffix(typed+"\n"+c.text, "\n") // an earlier draft may wait there
		c.unsent = c.text
	case c.lost == nil:
		c.attached = prompt.Prompt{}
		c.o.Draft.Remove()
	default: // it is not on disk: the draft stays
		c.attached = prompt.Prompt{}
	}
	return err
}

// report prints how a turn or a command failed. The conversation goes on.
func (c *conversation) report(err error) {
	if err == nil {
		return
	}
	r := *report.Of(err)
	if r.Signal == os.Interrupt {
		r.What = "stopped"
		_, r.NewLine = errors.AsType[report.Interrupted](err) // else the answer's end took care of it
		if r.Saved != "" {
			r.What, r.Saved = "stopped; partial answer kept", ""
		}
	}
	if _, noKey := errors.AsType[*config.NoKeyError](err); noKey {
		r.Hint = strings.Replace(r.Hint, "oax -p demo", "/profile demo", 1) // what can be typed here
	}
	c.log.Error(&r)
}

// end ends the conversation: with an error if a turn of it is lost.
func (c *conversation) end() error {
	if c.lost == nil {
		return nil
	}
	r := *report.Of(c.lost)
	r.Hint = ""
	return &r
}

// saveDraft keeps what was typed for the next conversation.
func (c *conversation) saveDraft(text string) {
	if err := c.o.Draft.Save(text); err != nil {
		c.log.Note("cannot keep what was typed: " + report.Cause(err))
	}
}

// promptReader returns what reads files and checks prompts.
func (c *conversation) promptReader() prompt.Reader {
	r := c.o.Reader
	r.Log = c.log
	return r
}

func (c *conversation) disconnect() {
	if c.endpoint != nil {
		c.endpoint.Close()
		c.endpoint = nil
	}
}
