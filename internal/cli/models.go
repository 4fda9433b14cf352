package cli

import (
	"context"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"oax/internal/config"
	"oax/internal/openai"
	"oax/internal/term"
)

// modelsCommand lists what the endpoint offers.
type modelsCommand struct{}

// Run prints the models, one a line.
func (modelsCommand) Run(ctx context.Context, env *Env) error {
	place, err := env.settle(ctx, nil)
	if err != nil {
		return err
	}
	defer place.close()
	models, err := place.client.Models(ctx)
	if err != nil {
		return place.addHints(ctx, explain(err))
	}
	place.rememberModels(env, models)
	var b strings.Builder
	for _, m := range models {
		if env.flags.JSON {
			line, err := json.Marshal(m)
			if err != nil {
				return err
			}
			b.Write(append(line, '\n'))
			continue
		}
		b.WriteString(modelLine(m) + "\n")
	}
	if env.flags.JSON || !term.IsTerminal(env.Stdout) {
		return env.print(b.String())
	}
	var aligned strings.Builder
	table := tabwriter.NewWriter(&aligned, 0, 0, 2, ' ', 0)
	if _, err := io.WriteString(table, b.String()); err != nil {
		return err
	}
	if err := table.Flush(); err != nil {
		return err
	}
	return env.print(aligned.String())
}

// modelLine is the ID, then whose the model is and how many tokens it takes, as far as
// that is known, with tabs.
func modelLine(m openai.Model) string {
	line := term.Line(m.ID) + "\t" + term.Line(m.OwnedBy)
	if m.Context > 0 {
		line += "\t" + strconv.Itoa(m.Context)
	}
	return strings.TrimRight(line, "\t")
}

// nearestModel asks the endpoint for the model whose name is nearest to the one
// that it does not have. It returns nothing if that takes long.
func (p *place) nearestModel(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	models, err := p.client.Models(ctx)
	if err != nil {
		return ""
	}
	var names []string
	for _, m := range models {
		names = append(names, m.ID)
	}
	return nearest(p.Model, names)
}

// nearest returns the name with the fewest slips, or nothing if there are names but
// none that resembles the word.
func nearest(word string, names []string) string {
	best, fewest := "", len(word)/2+2
	for _, name := range names {
		if d := config.Distance(word, name); d < fewest {
			best, fewest = name, d
		}
	}
	return best
}
