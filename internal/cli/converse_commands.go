package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"oax/internal/chat"
	"oax/internal/config"
	"oax/internal/lineedit"
	"oax/internal/term"
)

// slash is a command of a conversation.
type slash struct {
	name, args, help string
	run              func(c *interactive, ctx context.Context, args string) error
}

// slashes are all there are, in the order of /help.
func slashes() []slash {
	return []slash{
		{"help", "", "show this", (*interactive).help},
		{"model", "[NAME]", "show the model, or ask another one", (*interactive).model},
		{"profile", "[NAME]", "show the endpoint, or ask another one", (*interactive).profile},
		{"system", "TEXT", "say from now on who the model is", (*interactive).system},
		{"retry", "", "ask the last question again", func(c *interactive, ctx context.Context, _ string) error { return c.again(ctx) }},
		{"edit", "", "write the next message in the editor (or Ctrl-X Ctrl-E)", (*interactive).edit},
		{"code", "[N]", "print the Nth code block of the last answer alone", (*interactive).code},
		{"copy", "[N]", "copy the last answer, or its Nth code block", (*interactive).copy},
		{"attach", "FILE", "send a file with the next message", (*interactive).attachFile},
		{"title", "TEXT", "name the session", (*interactive).title},
		{"fork", "[N]", "go on in a new session, from turn N", (*interactive).branch},
		{"sessions", "", "pick another session", (*interactive).sessions},
		{"stats", "", "show the tokens of the last answer", (*interactive).stats},
		{"quit", "", "leave (or Ctrl-D)", func(*interactive, context.Context, string) error { return errLeave }},
	}
}

// command runs a line that begins with a slash.
func (c *interactive) command(ctx context.Context, text string) error {
	name, args, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(text), "/"), " ")
	var names []string
	for _, s := range slashes() {
		if s.name == name {
			return s.run(c, ctx, strings.TrimSpace(args))
		}
		names = append(names, s.name)
	}
	c.start = text // it need not be typed again
	hint := "/help; a message that begins with / is typed with //"
	if near := nearest(name, names); near != "" {
		hint = "did you mean /" + near + "? A message that begins with / is typed with //"
	}
	return &report{what: "no command /" + name, hint: hint, code: exitUsage, kind: "usage"}
}

// complete returns the commands that begin as the line does.
func (c *interactive) complete(before string) []lineedit.Candidate {
	var candidates []lineedit.Candidate
	if !strings.HasPrefix(before, "/") || strings.ContainsAny(before, " \n") {
		return nil
	}
	for _, s := range slashes() {
		if strings.HasPrefix("/"+s.name, before) {
			candidates = append(candidates, lineedit.Candidate{Value: "/" + s.name, About: s.help})
		}
	}
	return candidates
}

func (c *interactive) help(context.Context, string) error {
	var b strings.Builder
	for _, s := range slashes() {
		fmt.Fprintf(&b, "  %-16s  %s\n", strings.TrimSpace("/"+s.name+" "+s.args), s.help)
	}
	b.WriteString("  Alt-Enter, or \\ at the end of a line, begins a new line.\n  Ctrl-C stops an answer.\n")
	_, err := c.env.Stderr.WriteString(b.String())
	return err
}

func (c *interactive) model(ctx context.Context, name string) error {
	if name != "" {
		c.env.flags.Model = name
		c.disconnect()
	}
	return c.where(ctx)
}

func (c *interactive) profile(ctx context.Context, name string) error {
	was := c.env.flags.requestFlags
	if name != "" {
		c.env.flags.Profile, c.env.flags.Model = name, ""
		c.disconnect()
	}
	err := c.where(ctx)
	if err != nil {
		c.env.flags.requestFlags = was
	}
	return err
}

// where says which model is asked, and where.
func (c *interactive) where(ctx context.Context) error {
	if err := c.settle(ctx); err != nil {
		return err
	}
	at := c.place.BaseURL
	if c.place.Profile == config.Demo {
		at = "the built-in demo"
	}
	c.env.said.line(c.place.Model + " at " + at)
	return nil
}

func (c *interactive) system(_ context.Context, text string) error {
	if text == "" {
		return &report{what: "/system needs a text", hint: "/system you answer in one sentence", code: exitUsage, kind: "usage"}
	}
	c.env.flags.System = text
	return nil
}

func (c *interactive) edit(context.Context, string) error {
	text, err := c.env.edited("")
	c.start = text
	return err
}

// code prints a block alone, for the mouse.
func (c *interactive) code(_ context.Context, args string) error {
	text, err := c.block(cmp.Or(args, "1"))
	if err != nil {
		return err
	}
	return c.env.print(term.Visible(text))
}

// copy copies what a person has seen, without the characters that nobody sees.
func (c *interactive) copy(_ context.Context, args string) error {
	m, ok := c.lastAnswer()
	text := c.env.asSeen(m.Text)
	if args != "" {
		var err error
		if text, err = c.block(args); err != nil {
			return err
		}
	}
	if !ok || !c.env.copyText(text) {
		return &report{what: "nothing copied", kind: "nothing", code: exitNothing}
	}
	c.env.said.line("copied " + counted(strings.Count(strings.TrimSuffix(text, "\n"), "\n")+1, "line"))
	return nil
}

// block returns the nth code block of the last answer.
func (c *interactive) block(nth string) (string, error) {
	m, _ := c.lastAnswer()
	n, err := strconv.Atoi(nth)
	if err != nil || n < 1 {
		return "", &report{what: "code blocks are numbered from 1, not " + nth, hint: "/code 2", code: exitUsage, kind: "usage"}
	}
	text, err := codeChoice{nth: n}.of(m.Text)
	return c.env.asSeen(text), err
}

// attachFile reads a file, so that what is wrong with it is said at once.
func (c *interactive) attachFile(ctx context.Context, name string) error {
	if name == "" || name == "-" {
		return &report{what: "/attach needs a file", hint: "/attach notes.md", code: exitUsage, kind: "usage"}
	}
	names := append(slices.Clone(c.attach), name)
	files, err := c.env.attach(ctx, names)
	if err != nil {
		return err
	}
	c.attach, c.files = names, files
	c.env.said.line(counted(len(names), "file") + " will go with the next message")
	return nil
}

func (c *interactive) title(_ context.Context, text string) error {
	if c.past.ID == "" || text == "" {
		return &report{what: "/title needs a text and a saved session", hint: "/title a few words", code: exitUsage, kind: "usage"}
	}
	if err := c.store.Retitle(c.past.entry(), text); err != nil {
		return err
	}
	c.past.Title = text
	return nil
}

// branch goes on in a session of its own from the next turn on.
func (c *interactive) branch(_ context.Context, args string) error {
	turns := c.past.Turns()
	n := turns
	if args != "" {
		var err error
		if n, err = strconv.Atoi(args); err != nil || n < 1 || n > turns {
			return &report{what: fmt.Sprintf("/fork %s: there are %d %s", args, turns, plural(turns, "turn")), hint: "/fork 1", code: exitUsage, kind: "usage"}
		}
	}
	if c.past.ID == "" {
		return &report{what: "nothing is saved yet that could be forked", code: exitNothing, kind: "nothing"}
	}
	c.past, c.fork = c.past.until(n), true
	c.env.said.line(fmt.Sprintf("the next message begins a new session with %d %s of %s", n, plural(n, "turn"), c.past.ID))
	return nil
}

// sessions goes on with another session.
func (c *interactive) sessions(ctx context.Context, query string) error {
	chosen, err := c.env.pick(ctx, c.store, query)
	if err != nil {
		return err
	}
	c.past, c.fork, c.unsaved = chosen, false, nil
	c.disconnect()
	c.greet(nil)
	return nil
}

func (c *interactive) stats(context.Context, string) error {
	m, ok := c.lastAnswer()
	if !ok || m.Usage == nil {
		return &report{what: "the service sent no usage", code: exitNothing, kind: "nothing"}
	}
	c.env.said.line(term.Line(m.Model + " " + string(m.Usage)))
	return nil
}

func (c *interactive) lastAnswer() (chat.Message, bool) {
	for i := len(c.past.Messages) - 1; i >= 0; i-- {
		if m := c.past.Messages[i]; m.Role == chat.Assistant {
			return m.Message, true
		}
	}
	return chat.Message{}, false
}
