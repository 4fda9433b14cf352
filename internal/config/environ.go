package config

import (
	"slices"
	"strings"
)

// KeyVariables returns the environment variables that may hold a key: those of the
// built-in endpoints and those that the file names.
func (f *File) KeyVariables() []string {
	var list []string
	for _, e := range builtins() {
		list = append(list, e.keyEnv)
	}
	for _, p := range f.profiles {
		list = append(list, p.KeyEnv)
	}
	return list
}

// WithoutKeys returns the environment for other programs: they need no key. A nil File
// names no variables of its own.
func (f *File) WithoutKeys(environ []string) []string {
	if f == nil {
		f = &File{}
	}
	keys := f.KeyVariables()
	return slices.DeleteFunc(slices.Clone(environ), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return strings.HasSuffix(name, "_API_KEY") || slices.Contains(keys, name)
	})
}
