package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"oax/internal/config"
	"oax/internal/importer"
)

// positional returns what a word that is no flag may become.
func (env *Env) positional(l *line, word string) suggestions {
	_, picks := l.given["recall"] // the words are what to look for
	if picks || len(l.app.Positional) == 0 {
		return suggestions{}
	}
	i := min(l.words, len(l.app.Positional)-1)
	arg := l.app.Positional[i]
	if l.words > i && !arg.IsCumulative() {
		return suggestions{}
	}
	if l.words == 0 && !l.onlyWords && l.app.Name == "oax" {
		if found := commandNames().that(word); len(found.all) > 0 {
			return found
		}
	}
	return env.values(l, arg, word)
}

func commandNames() suggestions {
	var s suggestions
	for _, c := range commands() {
		if !c.hidden {
			s.all = append(s.all, suggestion{c.name, c.help})
		}
	}
	return s
}

func importSources() suggestions {
	var s suggestions
	for _, source := range importer.Sources() {
		s.all = append(s.all, suggestion{source.Name, source.Of})
	}
	return s
}

// values returns what the value of a flag or an argument may be. Its name tells what
// it is, or its placeholder.
func (env *Env) values(l *line, v *kong.Value, word string) suggestions {
	is := func(names ...string) bool {
		return slices.Contains(names, v.Name) || v.Flag != nil && slices.Contains(names, strings.ToLower(v.Flag.PlaceHolder))
	}
	switch {
	case v.Enum != "":
		return named(v.EnumSlice()...).that(word)
	case is("id", "session"):
		return env.sessions(l, word)
	case is("model"):
		return named(env.modelNames(l.given["profile"])...).that(word)
	case is("template"):
		return env.templateNames().that(word)
	case is("profile"):
		return named(env.profileNames()...).that(word)
	case is("action"): // of oax config
		return named("path", "show", "init", "edit").that(word)
	case is("source path") && l.words == 0:
		if found := importSources().that(word); len(found.all) > 0 {
			return found
		}
		return suggestions{files: true}
	case is("file", "path", "dir", "words", "source path"):
		return suggestions{files: true}
	}
	return suggestions{}
}

func (env *Env) profileNames() []string { return env.fileOrNone().Profiles() }

// modelNames are the model that a profile would ask, then those that its endpoint has
// listed before.
func (env *Env) modelNames(profile string) []string {
	done, cancel := context.WithCancel(context.Background())
	cancel() // so that no key_command is run
	// Without a key there is an error, but the base URL is settled before.
	endpoint, _ := env.fileOrNone().Endpoint(done, config.Settings{Profile: profile, Env: env.LookupEnv})
	listed := listedModels(endpoint.BaseURL)
	slices.Sort(listed)
	listed = slices.DeleteFunc(listed, func(name string) bool { return name == endpoint.Model })
	return append([]string{endpoint.Model}, listed...)
}

// fileOrNone returns the configuration, or that of a person who has none if it is
// broken.
func (env *Env) fileOrNone() *config.File {
	if file, err := env.file(); err == nil {
		return file
	}
	return &config.File{}
}
