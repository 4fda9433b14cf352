package converse

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"

	"oax/internal/endpoint"
	"oax/internal/export"
	"oax/internal/report"
	"oax/internal/term"
)

// Commands about the last answer.

// code prints a block alone, to be selected with the mouse.
func (c *conversation) code(_ context.Context, args string) error {
	text, err := c.codeBlock(cmp.Or(args, "1"))
	if err != nil {
		return err
	}
	return report.Print(c.o.Stdout, term.Visible(text))
}

func (c *conversation) copy(_ context.Context, args string) error {
	text, err := c.answerOrCode(args)
	if err != nil {
		return err
	}
	how, err := c.copyText(text)
	if err == nil {
		c.log.Line(how)
	}
	return err
}

// save writes an answer or a code block to a new file.
func (c *conversation) save(ctx context.Context, args string) error {
	name, nth := args, ""
	if i := strings.LastIndexByte(args, ' '); i > 0 {
		if _, err := strconv.Atoi(args[i+1:]); err == nil {
			name, nth = strings.TrimSpace(args[:i]), args[i+1:]
		}
	}
	if name == "" {
		return report.Usage("/save needs the name of a new file", "/save answer.md, or /save script.sh 1")
	}
	path := c.path(name)
	if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() {
		return report.Usage(name+" exists", "/save with another name")
	}
	text, err := c.answerOrCode(nth)
	if err != nil {
		return err
	}
	if text = strings.TrimSuffix(text, "\n") + "\n"; text == "\n" {
		text = ""
	}
	ctx, done := c.o.Interrupts.Turn(ctx)
	defer done()
	err = export.ToFile(ctx, path, false, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
	if err == nil {
		c.log.Line("wrote " + report.Count(strings.Count(text, "\n"), "line") + " to " + name)
	}
	return err
}

// answerOrCode returns the last answer, or its nth code block if that is not empty.
func (c *conversation) answerOrCode(nth string) (string, error) {
	answer, ok := c.session.LastAnswer()
	switch {
	case !ok:
		return "", report.Nothing("there is no answer yet", "")
	case nth != "":
		return c.codeBlock(nth)
	}
	return c.asSeen(answer.Text), nil
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
