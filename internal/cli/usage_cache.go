package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The endpoints that refuse stream_options are remembered in a cache, one base URL
// a line. Without it the first request of every run to them would be sent twice.
func usageCache() string { return filepath.Join(cacheHome(), "oax", "no-stream-options") }

func (env *Env) refusesUsage(baseURL string) bool {
	list, err := os.ReadFile(usageCache())
	return err == nil && slices.Contains(strings.Split(string(list), "\n"), baseURL)
}

// rememberUsage notes an endpoint that has just refused. A cache that cannot be
// written costs a request, nothing else.
func (p *place) rememberUsage(env *Env) {
	if !p.client.OmitUsage || env.flags.NoSave || p.demo != nil || env.refusesUsage(p.BaseURL) {
		return
	}
	path := usageCache()
	if os.MkdirAll(filepath.Dir(path), 0o700) != nil {
		return
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return
	}
	defer f.Close()
	f.WriteString(p.BaseURL + "\n")
}
