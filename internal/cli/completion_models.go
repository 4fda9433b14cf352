package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"

	"oax/internal/openai"
	"oax/internal/term"
)

// What an endpoint has listed is kept for Tab in a cache, one model a line. The name
// of the file is a hash: a base URL is no file name, and nobody else's business.
func modelsCache(baseURL string) string {
	sum := sha256.Sum256([]byte(baseURL))
	return filepath.Join(cacheHome(), "oax", "models", hex.EncodeToString(sum[:8]))
}

// listedModels returns what rememberModels kept.
func listedModels(baseURL string) []string {
	list, err := os.ReadFile(modelsCache(baseURL))
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(list), "\n"), "\n")
}

// rememberModels keeps the list. A cache that cannot be written costs completions,
// nothing else.
func (p *place) rememberModels(env *Env, models []openai.Model) {
	if env.flags.NoSave || p.demo != nil {
		return
	}
	var b strings.Builder
	for _, m := range models {
		if term.Line(m.ID) == m.ID {
			b.WriteString(m.ID + "\n")
		}
	}
	path := modelsCache(p.BaseURL)
	if os.MkdirAll(filepath.Dir(path), 0o700) == nil {
		os.WriteFile(path, []byte(b.String()), 0o600)
	}
}
