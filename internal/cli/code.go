package cli

import (
	"fmt"
	"strconv"
	"strings"

	"oax/internal/term"

	"github.com/alecthomas/kong"
)

// codeChoice is the value of --code, --code=2 or --code=all. The zero value is that of
// a flag that is not there.
type codeChoice struct {
	asked bool
	nth   int // from 1; 0: all
}

// Decode takes what is behind = and leaves the next argument alone.
func (c *codeChoice) Decode(ctx *kong.DecodeContext) error {
	*c = codeChoice{asked: true, nth: 1}
	if ctx.Scan.Peek().Type != kong.FlagValueToken {
		return nil
	}
	value := ctx.Scan.Pop().String()
	n, err := strconv.Atoi(value)
	switch {
	case value == "all":
		c.nth = 0
	case err != nil || n < 1:
		return fmt.Errorf("wants a number from 1 on or all, not %q", value)
	default:
		c.nth = n
	}
	return nil
}

// IsBool tells kong that the flag needs no value.
func (c *codeChoice) IsBool() bool { return true }

// of returns the chosen code of some texts, its bytes as they are, or an error that
// says what there is.
func (c codeChoice) of(texts ...string) (string, error) {
	var blocks []codeBlock
	for _, text := range texts {
		blocks = append(blocks, codeBlocks(text)...)
	}
	switch {
	case len(blocks) == 0:
		return "", &report{what: "there is no code block", code: exitNothing, kind: "nothing"}
	case c.nth > len(blocks):
		return "", &report{what: fmt.Sprintf("there is no code block %d, only %d", c.nth, len(blocks)), code: exitNothing, kind: "nothing"}
	case c.nth > 0:
		return blocks[c.nth-1].text, nil
	}
	var all strings.Builder
	for _, b := range blocks {
		all.WriteString(b.text)
	}
	return all.String(), nil
}

// asSeen returns code as a person has seen it, without the characters that nobody
// sees: what runs is to be what was read. --raw leaves them in.
func (env *Env) asSeen(code string) string {
	if env.flags.Raw {
		return code
	}
	if n, _ := term.Invisible(code); n > 0 {
		env.said.note(counted(n, "hidden character") + " removed; --raw keeps them")
	}
	return term.WithoutInvisible(code)
}
