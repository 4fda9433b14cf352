package cli

import (
	"cmp"
	"context"
	"strings"

	"github.com/alecthomas/kong"

	"oax/internal/manual"
	"oax/internal/report"
)

// manCommand prints the manual page of oax, made from the same grammar as --help.
type manCommand struct{ baseFlags }

// Run prints the page.
func (manCommand) Run(_ context.Context, p *Process, _ *report.Writer) error {
	page := manual.Page{Version: p.Version, Date: p.Now(), Description: description}
	asks := asking.parser(p)
	page.Options, _ = flagItems(asks.Model.Flags, nil)
	for _, c := range commands() {
		if c.hidden {
			continue
		}
		parser := c.parser(p)
		out := manual.Command{Usage: "oax " + c.name, Help: c.help, Examples: c.examples}
		for _, arg := range parser.Model.Positional {
			name := strings.ToUpper(arg.Name)
			out.Usage += " [" + name + "]"
			out.Items = append(out.Items, manual.Item{Word: name, Text: arg.Help})
		}
		items, shared := flagItems(parser.Model.Flags, asks.Model.Flags)
		out.Items, out.Shared = append(out.Items, items...), shared
		page.Commands = append(page.Commands, out)
	}
	return p.print(page.String())
}

// flagItems returns the flags that are not among some others with the same help, and the
// names of those that are.
func flagItems(list, others []*kong.Flag) (items []manual.Item, shared []string) {
	known := map[string]bool{}
	for _, f := range others {
		known[f.Name+" "+f.Help] = true
	}
	for _, f := range list {
		word := "--" + f.Name
		if f.Tag.Negatable != "" {
			word = "--[no-]" + f.Name
		}
		switch {
		case f.Hidden:
			continue
		case known[f.Name+" "+f.Help]:
			shared = append(shared, word)
			continue
		case f.IsBool() && f.PlaceHolder != "":
			word += "[=" + f.PlaceHolder + "]"
		case !f.IsBool():
			word += " " + cmp.Or(f.PlaceHolder, strings.ToUpper(f.Name))
		}
		if f.Short != 0 {
			word = "-" + string(f.Short) + ", " + word
		}
		items = append(items, manual.Item{Word: word, Text: f.Help})
	}
	return items, shared
}
