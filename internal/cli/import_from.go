package cli

import (
	"context"
	"os"
	"path/filepath"

	"oax/internal/importer"
)

// importPath is a path with chats of a source.
type importPath struct{ source, path string }

// importFrom tells the source from the paths. Without paths it is where the program
// keeps its chats that counts; without a source what is at each path.
func (env *Env) importFrom(ctx context.Context, words []string) (from []importPath, err error) {
	names := map[string]bool{}
	for _, s := range importer.Sources() {
		names[s.Name] = true
	}
	if len(words) == 0 {
		return nil, &report{what: "import wants a source or a path", hint: "oax import chatgpt export.zip; oax import --help lists the sources", code: exitUsage, kind: "usage"}
	}
	if !names[words[0]] {
		return env.guessed(ctx, words)
	}
	for _, path := range words[1:] {
		from = append(from, importPath{words[0], path})
	}
	if len(from) > 0 {
		return from, nil
	}
	places := importer.Places(words[0], env.dirs())
	for _, place := range places {
		if exists(place) {
			return []importPath{{words[0], place}}, nil
		}
	}
	r := &report{what: "import " + words[0] + " wants a path", hint: "oax import " + words[0] + " PATH", code: exitUsage, kind: "usage"}
	if len(places) > 0 {
		r.what = "nothing of " + words[0] + " is at " + places[0]
	}
	return nil, r
}

// guessed tells what source each path is of, and says so.
func (env *Env) guessed(ctx context.Context, paths []string) (from []importPath, err error) {
	for _, path := range paths {
		source := importer.Guess(ctx, path)
		switch {
		case source == "" && !exists(path):
			return nil, &report{what: "cannot read " + path + ": no such file or directory", hint: "oax import --help lists the sources", code: exitNothing, kind: "nothing"}
		case source == "":
			return nil, &report{what: "cannot tell what program " + path + " is of", hint: "oax import SOURCE " + path + "; oax import --help lists the sources", code: exitUsage, kind: "usage"}
		}
		env.said.note("reading " + path + " as " + source)
		from = append(from, importPath{source, path})
	}
	return from, nil
}

// dirs are where programs keep their files.
func (env *Env) dirs() importer.Dirs {
	home, _ := os.UserHomeDir() // without one, no place is found there
	config, _ := os.UserConfigDir()
	cache, _ := os.UserCacheDir()
	if path := env.getenv("XDG_CONFIG_HOME"); filepath.IsAbs(path) {
		config = path
	}
	return importer.Dirs{Home: home, Config: config, Data: dataHome(), Cache: cache, Env: env.getenv}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
