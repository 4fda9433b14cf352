package lineedit

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
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
// on in the next. The error is io.EOF, or the cause of ctx; start is only shown.
func (p *Plain) Read(ctx context.Context, start string) (string, error) {
	if start != "" {
		fmt.Fprintf(p.out, "(%s)\n", start)
	}
	var lines []string
	for {
		fmt.Fprint(p.out, p.prompt)
		text, err := p.line(ctx)
		lines = append(lines, strings.TrimSuffix(text, `\`))
		if err != nil || !strings.HasSuffix(text, `\`) {
			return strings.Join(lines, "\n"), err
		}
	}
}

func (p *Plain) line(ctx context.Context) (string, error) {
	type result struct {
		text string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		text, err := p.in.ReadString('\n')
		done <- result{strings.TrimRight(text, "\r\n"), err}
	}()
	select {
	case r := <-done:
		if r.text != "" {
			return r.text, nil
		}
		return "", r.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}
