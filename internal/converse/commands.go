package converse

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"oax/internal/chat"
	"oax/internal/config"
	"oax/internal/converse/lineedit"
	"oax/internal/endpoint"
	"oax/internal/export"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/term"
	"oax/internal/turn"
)

// command is a command of a conversation.
type command struct {
	name, args, help string
	run              func(c *conversation, ctx context.Context, args string) error
}

// commands returns all of them, in the order of /help.
func commands() []command {
	return []command{
		{"help", "", "show this", (*conversation).help},
		{"model", "[NAME]", "show the model, or ask another one", (*conversation).model},
		{"profile", "[NAME]", "show the endpoint, or ask another one", (*conversation).profile},
		{"system", "[TEXT]", "show the system messages, or add one", (*conversation).system},
		{"retry", "", "ask the last question again", (*conversation).retry},
		{"undo", "", "take the last turn back: the next message goes on before it", (*conversation).undo},
		{"edit", "", "write the next message in the editor (or Ctrl-X Ctrl-E)", (*conversation).edit},
		{"code", "[N]", "print only the Nth code block of the last answer", (*conversation).code},
		{"copy", "[N]", "copy the last answer, or its Nth code block", (*conversation).copy},
		{"attach", "FILE", "send a file with the next message", (*conversation).attach},
		{"title", "TEXT", "name the session", (*conversation).title},
		{"fork", "[N]", "continue in a new session, from turn N", (*conversation).forkAt},
		{"new", "", "begin a new session", (*conversation).newSession},
		{"clear", "", "clear the screen", (*conversation).clear},
		{"sessions", "[WORDS]", "pick another session", (*conversation).sessions},
		{"stats", "", "show the tokens and timings of the last answer", (*conversation).stats},
		{"quit", "", "leave (or Ctrl-D)", func(*conversation, context.Context, string) error { return errQuit }},
	}
}

// command runs a line that begins with a slash.
func (c *conversation) command(ctx context.Context, text string) error {
	name, args, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(text), "/"), " ")
	var names []string
	for _, known := range commands() {
		if known.name == name {
			return known.run(c, ctx, strings.TrimSpace(args))
		}
		names = append(names, known.name)
	}
	c.text = text // to be corrected
	hint := "/help; to send a message that begins with /, begin it with //"
	if near := config.Nearest(name, names); near != "" {
		hint = "did you mean /" + near + "? To send a message that begins with /, begin it with //"
	}
	return report.Usage("no command /"+name, hint)
}

// completions returns the commands that begin with the text before the cursor.
func completions(before string) (from int, candidates []lineedit.Candidate) {
	if !strings.HasPrefix(before, "/") || strings.ContainsAny(before, " \n") {
		return 0, nil
	}
	for _, known := range commands() {
		if strings.HasPrefix("/"+known.name, before) {
			candidates = append(candidates, lineedit.Candidate{Value: "/" + known.name, About: known.help})
		}
	}
	return 0, candidates
}

func (c *conversation) help(context.Context, string) error {
	var b strings.Builder
	for _, known := range commands() {
		fmt.Fprintf(&b, "  %-18s  %s\n", strings.TrimSpace("/"+known.name+" "+known.args), known.help)
	}
	b.WriteString("  Alt-Enter, or \\ at the end of a line, begins a new line.\n  Ctrl-C stops an answer. oax help conversation lists the keys.\n")
	_, err := c.o.Stderr.WriteString(b.String())
	return err
}

func (c *conversation) model(ctx context.Context, name string) error {
	to := c.target
	to.model = cmp.Or(name, to.model)
	return c.switchTo(ctx, to)
}

func (c *conversation) profile(ctx context.Context, name string) error {
	to := c.target
	if name != "" {
		to.profile, to.model = name, ""
	}
	return c.switchTo(ctx, to)
}

// switchTo changes where the next message goes, unless that fails, and shows it.
func (c *conversation) switchTo(ctx context.Context, to target) error {
	ctx, done := c.o.Interrupts.Turn(ctx)
	defer done()
	if c.endpoint == nil || to != c.target {
		e, err := c.resolve(ctx, to)
		if err != nil {
			return err
		}
		c.disconnect()
		c.endpoint, c.target = e, to
	}
	at := c.endpoint.BaseURL
	if c.endpoint.IsDemo() {
		at = "the built-in demo"
	}
	c.log.Line(c.endpoint.Model + " at " + at)
	return nil
}

func (c *conversation) system(_ context.Context, text string) error {
	if text != "" {
		c.target.system = text
		c.log.Line("this system message goes with the next message")
		return nil
	}
	var all []string
	for _, m := range c.session.History() {
		if m.Role == chat.System {
			all = append(all, m.Text)
		}
	}
	if c.target.system != "" {
		all = append(all, c.target.system)
	}
	if all == nil {
		return report.Nothing("there is no system message", "/system You answer in one sentence.")
	}
	return report.Print(c.o.Stdout, term.Visible(strings.Join(all, "\n\n"))+"\n")
}

func (c *conversation) edit(context.Context, string) error {
	var err error
	c.reader.Lend(func() { c.text, err = c.o.Editor.Edit("") })
	return err
}

// code prints a block alone, to be selected with the mouse.
func (c *conversation) code(_ context.Context, args string) error {
	text, err := c.codeBlock(cmp.Or(args, "1"))
	if err != nil {
		return err
	}
	return report.Print(c.o.Stdout, term.Visible(text))
}

func (c *conversation) copy(_ context.Context, args string) error {
	answer, ok := c.session.LastAnswer()
	if !ok {
		return report.Nothing("there is no answer yet", "")
	}
	text := ""
	if args == "" {
		text = c.asSeen(answer.Text)
	} else {
		var err error
		if text, err = c.codeBlock(args); err != nil {
			return err
		}
	}
	how, err := c.copyText(text)
	if err == nil {
		c.log.Line(how)
	}
	return err
}

// codeBlock returns the nth code block of the last answer.
func (c *conversation) codeBlock(nth string) (string, error) {
	n, err := strconv.Atoi(nth)
	if err != nil || n < 1 {
		return "", report.Usage("code blocks are numbered from 1, not "+nth, "/code 2")
	}
	answer, _ := c.session.LastAnswer()
	text, err := export.Code{Nth: n}.Of(answer.Text)
	if missing, ok := errors.AsType[*report.Error](err); ok {
		missing.Hint = "" // the answer is on the screen
	}
	return c.asSeen(text), err
}

// asSeen returns text without the characters that nobody has seen.
func (c *conversation) asSeen(text string) string {
	if c.o.Raw {
		return text
	}
	return export.AsSeen(text, c.log)
}

// attach reads a file now, so that the person learns at once what is wrong with it.
func (c *conversation) attach(ctx context.Context, name string) error {
	if name == "" || name == "-" {
		return report.Usage("/attach needs a file", "/attach notes.md")
	}
	ctx, done := c.o.Interrupts.Turn(ctx)
	defer done()
	if err := c.promptReader().Attach(ctx, &c.attached, []string{name}); err != nil {
		return err
	}
	c.log.Line(report.Count(len(c.attached.Files), "file") + " will go with the next message")
	return nil
}

func (c *conversation) title(_ context.Context, text string) error {
	if c.session.ID == "" || text == "" {
		return report.Usage("/title needs a text and a saved session", "/title a few words")
	}
	if err := c.o.Store.Retitle(c.session.Entry(), text); err != nil {
		return err
	}
	c.session.Title = text
	c.log.Line("the title of this session is now: " + text)
	return nil
}

// forkAt makes the next turn the first of a new session.
func (c *conversation) forkAt(_ context.Context, args string) error {
	turns := c.session.Turns()
	n := turns
	if args != "" {
		var err error
		if n, err = strconv.Atoi(args); err != nil || n < 1 || n > turns {
			return report.Usage(fmt.Sprintf("/fork %s: this session has %s", args, report.Count(turns, "turn")), "/fork 1")
		}
	}
	if c.session.ID == "" {
		return report.Nothing("nothing is saved yet that could be forked", "")
	}
	c.session, c.fork = c.session.Until(n), true
	c.log.Line(fmt.Sprintf("the next message begins a new session with %s of %s", report.Count(n, "turn"), c.session.ID))
	return nil
}

// undo makes the next turn the first of a branch that does not have the last turn, and its
// prompt the text of the next message.
func (c *conversation) undo(ctx context.Context, _ string) error {
	last, before, ok := c.session.LastPrompt()
	if !ok {
		return report.Nothing("nothing was asked yet", "")
	}
	c.text = last.Text
	if strings.HasPrefix(c.text, "/") {
		c.text = "/" + c.text // no command
	}
	turns := 0
	for _, m := range before {
		if m.Role == chat.User {
			turns++
		}
	}
	if c.session.ID == "" || turns == 0 {
		return c.newSession(ctx, "")
	}
	return c.forkAt(ctx, strconv.Itoa(turns))
}

// newSession makes the next turn the first of a new session.
func (c *conversation) newSession(context.Context, string) error {
	c.session, c.fork, c.unsaved, c.times = new(session.Session), false, nil, turn.Times{}
	c.log.Line("the next message begins a new session")
	return nil
}

// clear clears the screen, and what a terminal keeps of it is left.
func (c *conversation) clear(context.Context, string) error {
	if term.IsTerminal(c.o.Stderr) && term.MovesCursor(c.o.Getenv("TERM"), c.o.Getenv) {
		_, err := c.o.Stderr.WriteString("\x1b[H\x1b[2J")
		return err
	}
	return nil
}

// sessions continues another session.
func (c *conversation) sessions(ctx context.Context, query string) error {
	var picked *session.Session
	var err error
	c.reader.Lend(func() { picked, err = c.o.Pick(ctx, c.log, query) })
	if err != nil {
		return err
	}
	c.session, c.fork, c.unsaved, c.times = picked, false, nil, turn.Times{}
	c.disconnect()
	return c.greet()
}

// stats shows what the last answer took, as far as it is known.
func (c *conversation) stats(context.Context, string) error {
	answer, ok := c.session.LastAnswer()
	if !ok {
		return report.Nothing("there is no answer yet", "")
	}
	profile, model := c.session.LastAsked()
	cost := ""
	if amount, known := c.o.Cost(profile, answer.Usage, model, answer.Model); known {
		cost = endpoint.Money(amount)
	}
	c.log.Line(answer.Model + ": " + c.times.Line(answer.Usage, cost))
	return nil
}
