package lineedit

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"oax/internal/term"
)

// Plain reads messages of one line from a terminal that cannot move its cursor.
type Plain struct {
	in     *bufio.Reader
	out    io.Writer
	prompt string
}

// NewPlain returns a reader that writes its prompt to out.
func NewPlain(in *os.File, out io.Writer, prompt string) *Plain {
	return &Plain{bufio.NewReader(in), out, prompt}
}

// Read returns the next line, without its end. A line that ends in a backslash goes
// on in the next one. start cannot be edited here: Read shows it, and returns it if the
// person types nothing but Enter. The error is io.EOF, or the cause of ctx.
func (p *Plain) Read(ctx context.Context, start string) (string, error) {
	if start != "" {
		fmt.Fprintf(p.out, "(Enter alone sends this)\n%s\n", term.Visible(start))
	}
	var lines []string
	for {
		fmt.Fprint(p.out, p.prompt)
		text, err := p.line(ctx)
		if text == "" && lines == nil && err == nil {
			return start, nil
		}
		lines = append(lines, strings.TrimSuffix(text, `\`))
		if err != nil || !strings.HasSuffix(text, `\`) {
			return strings.Join(lines, "\n"), err
		}
	}
}

// line returns the next line as it was typed. After the last one the error is io.EOF.
func (p *Plain) line(ctx context.Context) (string, error) {
	return term.Await(ctx, func() (string, error) {
		text, err := p.in.ReadString('\n')
		text = strings.TrimRight(text, "\r\n")
		if text != "" {
			err = nil
		}
		return text, err
	})
}

// Focused returns false: it cannot be told.
func (p *Plain) Focused() bool { return false }

// Collect does nothing, as Lend, Restore and Close do: the terminal itself collects what is
// typed.
func (p *Plain) Collect()       {}
func (p *Plain) Lend(do func()) { do() }
func (p *Plain) Restore()       {}
func (p *Plain) Close()         {}
