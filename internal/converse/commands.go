package converse

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"oax/internal/chat"
	"oax/internal/config"
	"oax/internal/report"
	"oax/internal/term"
)

// command is a command of a conversation.
type command struct {
	name, args, help string
	run              func(c *conversation, ctx context.Context, args string) error
	takes            argument // what Tab completes
}

// commands returns all of them, in the order of /help.
func commands() []command {
	return []command{
		{"help", "", "show this", (*conversation).help, nothing},
		{"model", "[NAME]", "list the models, or ask another one", (*conversation).model, aModel},
		{"models", "", "list the models of the endpoint", (*conversation).models, nothing},
		{"profile", "[NAME]", "show the endpoint, or ask another one", (*conversation).profile, aProfile},
		{"system", "[TEXT]", "show the system messages, or add one", (*conversation).system, nothing},
		{"retry", "", "ask the last question again", (*conversation).retry, nothing},
		{"undo", "", "take the last turn back, and go on before it", (*conversation).undo, nothing},
		{"edit", "[N]", "change the Nth message, or write one in the editor", (*conversation).edit, aTurn},
		{"code", "[N]", "print only the Nth code block of the last answer", (*conversation).code, nothing},
		{"copy", "[N]", "copy the last answer, or its Nth code block", (*conversation).copy, nothing},
		{"save", "FILE [N]", "write the last answer, or its Nth code block, to a file", (*conversation).save, aFile},
		{"tools", "[NAME]", "list the tools; with a name, switch that tool on or off", (*conversation).tools, nothing},
		{"attach", "FILE", "send a file with the next message", (*conversation).attach, aFile},
		{"title", "TEXT", "name the session", (*conversation).title, nothing},
		{"fork", "[N]", "continue in a new session, from turn N", (*conversation).forkAt, aTurn},
		{"new", "", "begin a new session", (*conversation).newSession, nothing},
		{"clear", "", "clear the screen", (*conversation).clear, nothing},
		{"sessions", "[WORDS]", "pick another session, or name it by its ID", (*conversation).sessions, aSession},
		{"stats", "", "show the tokens and timings of the last answer", (*conversation).stats, nothing},
		{"quit", "", "leave (or Ctrl-D)", func(*conversation, context.Context, string) error { return errQuit }, nothing},
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
	hint := "/help; to send a message that begins with /, begin it with //"
	if near := config.Nearest(name, names); near != "" {
		hint = "did you mean /" + near + "? To send a message that begins with /, begin it with //"
	}
	return report.Usage("no command /"+name, hint)
}

// help lists the commands. In a narrow window what a command does stands below it.
func (c *conversation) help(context.Context, string) error {
	columns, _ := term.Size(c.o.Stderr)
	var b strings.Builder
	line := func(before, text string) {
		indent := "\n" + strings.Repeat(" ", len(before))
		b.WriteString(before + strings.Join(term.WrapWords(text, columns-len(before)), indent) + "\n")
	}
	for _, known := range commands() {
		name := strings.TrimSpace("/" + known.name + " " + known.args)
		if columns >= 80 {
			line(fmt.Sprintf("  %-18s  ", name), known.help)
			continue
		}
		line("  ", name)
		line("      ", known.help)
	}
	line("  ", "Alt-Enter, or \\ at the end of a line, begins a new line.")
	line("  ", "Ctrl-C stops an answer. oax help conversation lists the keys.")
	_, err := c.o.Stderr.WriteString(b.String())
	return err
}

func (c *conversation) model(ctx context.Context, name string) error {
	if name == "" {
		return c.models(ctx, "")
	}
	to := c.target
	to.model = name
	return c.switchTo(ctx, to)
}

// models lists the models of the endpoint, and marks the one that is asked.
func (c *conversation) models(ctx context.Context, _ string) error {
	if err := c.switchTo(ctx, c.target); err != nil {
		return err
	}
	ctx, done := c.o.Interrupts.Turn(ctx)
	defer done()
	waiting := c.log.Spin("listing the models", report.SpinOptions{Getenv: c.o.Getenv, Now: c.o.Now})
	models, err := c.endpoint.Models(ctx)
	waiting.Stop()
	if err != nil {
		return c.endpoint.Explain(ctx, err)
	}
	names := []string{c.endpoint.Model} // which need not be among them
	for _, m := range models {
		names = append(names, m.ID)
	}
	if slices.Contains(names[1:], names[0]) || names[0] == "" {
		names = names[1:]
	}
	var b strings.Builder
	for _, name := range names {
		mark := " "
		if name == c.endpoint.Model {
			mark = "*"
		}
		b.WriteString(mark + " " + term.Line(name) + "\n")
	}
	_, err = c.o.Stderr.WriteString(b.String())
	return err
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

// edit goes back to a message, or opens the editor.
func (c *conversation) edit(ctx context.Context, args string) error {
	if args != "" {
		n, err := c.turnNumber("/edit", args)
		if err != nil {
			return err
		}
		return c.editTurn(ctx, n)
	}
	var err error
	c.reader.Lend(func() { c.text, err = c.o.Editor.Edit("") })
	return err
}

// attach reads a file now, so that the person learns at once what is wrong with it.
func (c *conversation) attach(ctx context.Context, name string) error {
	if name == "" || name == "-" {
		return report.Usage("/attach needs a file", "/attach notes.md")
	}
	ctx, done := c.o.Interrupts.Turn(ctx)
	defer done()
	if err := c.promptReader().Attach(ctx, &c.attached, []string{c.path(name)}); err != nil {
		return err
	}
	c.log.Line(report.Count(len(c.attached.Files), "file") + " will go with the next message")
	return nil
}

// tools lists the tools and marks those that are offered. One that is named is switched on or
// off, from the next message on.
func (c *conversation) tools(_ context.Context, name string) error {
	offered, known := c.o.Tools.Names()
	if name != "" {
		if i := slices.Index(offered, name); i >= 0 {
			offered = slices.Delete(offered, i, i+1)
		} else {
			offered = append(offered, name)
		}
		if err := c.o.Tools.Change(offered); err != nil {
			return err
		}
	}
	for _, name := range offered {
		if !slices.Contains(known, name) { // one tool of a server
			known = append(known, name)
		}
	}
	var b strings.Builder
	for _, name := range known {
		mark := " "
		if slices.Contains(offered, name) {
			mark = "*"
		}
		b.WriteString(mark + " " + term.Line(name) + "\n")
	}
	_, err := c.o.Stderr.WriteString(b.String())
	return err
}

// clear clears the screen, and what a terminal keeps of it is left.
func (c *conversation) clear(context.Context, string) error {
	if term.IsTerminal(c.o.Stderr) && term.MovesCursor(c.o.Getenv("TERM"), c.o.Getenv) {
		_, err := c.o.Stderr.WriteString("\x1b[H\x1b[2J")
		return err
	}
	return nil
}
