package endpoint

// The models that an endpoint offers. The last list is remembered for completion.

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"oax/internal/config"
	"oax/internal/openai"
	"oax/internal/term"
)

// Models asks the endpoint what it offers, and remembers the names for ListedModels. The
// error is that of the client, or a cause of ctx.
func (e *Endpoint) Models(ctx context.Context) ([]openai.Model, error) {
	models, err := e.Client.Models(ctx)
	if err == nil && !e.options.NoSave && !e.IsDemo() {
		remember(e.options.Dirs, e.BaseURL, models)
	}
	return models, err
}

// ListedModels returns the names that the endpoint at a base URL listed when it was last
// asked, or nothing.
func ListedModels(dirs config.Dirs, baseURL string) []string {
	if dirs.Cache == "" {
		return nil
	}
	list, err := os.ReadFile(dirs.Models(baseURL))
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(list), "\n"), "\n")
}

// remember keeps the names in a cache, one a line. A cache that cannot be written costs
// completions, nothing else.
func remember(dirs config.Dirs, baseURL string, models []openai.Model) {
	if dirs.Cache == "" {
		return
	}
	var b strings.Builder
	for _, m := range models {
		if term.Line(m.ID) == m.ID {
			b.WriteString(m.ID + "\n")
		}
	}
	path := dirs.Models(baseURL)
	if os.MkdirAll(filepath.Dir(path), 0o700) == nil {
		_ = os.WriteFile(path, []byte(b.String()), 0o600)
	}
}
