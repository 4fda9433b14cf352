package config

import "cmp"

// The places a setting can be given in, the strongest first.
const (
	ByFlag  = "flag"
	ByEnv   = "environment"
	InFile  = "file"
	BuiltIn = "default"
)

// Source says where a value comes from.
type Source struct {
	Place string // ByFlag, ByEnv, InFile or BuiltIn; empty if there is no value
	Name  string // the flag, the variable, or the setting as profiles.work.model
}

// Setting is a value in effect. A key is masked, and so is what may hold one.
type Setting struct {
	Name   string
	Value  any // nil if there is none
	Source Source
}

// given is what one place says of a setting.
type given[T comparable] struct {
	value T
	name  string // of the flag, the variable or the setting
}

// layers are what the places say of a setting; a zero value says nothing.
type layers[T comparable] struct {
	flag, env, file given[T]
	builtIn         T
}

// strongest settles every setting that can be given in more than one place: a flag wins
// over the environment, that over the file, and that over what is built in.
func (l layers[T]) strongest() (T, Source) {
	var nothing T
	for _, at := range []struct {
		place string
		given[T]
	}{{ByFlag, l.flag}, {ByEnv, l.env}, {InFile, l.file}, {BuiltIn, given[T]{value: l.builtIn}}} {
		if at.value != nothing {
			return at.value, Source{at.place, at.name}
		}
	}
	return nothing, Source{}
}

// settle puts the strongest value of a setting into e, and where it comes from.
func settle[T comparable](e *Endpoint, name string, into *T, l layers[T]) {
	value, source := l.strongest()
	*into = value
	e.note(name, value, source)
}

// note adds a settled value to the list.
func (e *Endpoint) note(name string, value any, source Source) {
	if source == (Source{}) {
		value = nil
	}
	e.Settled = append(e.Settled, Setting{name, value, source})
}

// Source returns where the value of a setting comes from.
func (e Endpoint) Source(name string) Source {
	for _, s := range e.Settled {
		if s.Name == name {
			return s.Source
		}
	}
	return Source{}
}

// inFile is what the profile says of a setting.
func inFile[T comparable](profile, setting string, value T) given[T] {
	return given[T]{value, "profiles." + profile + "." + setting}
}

// variable is what the environment says: what the first of the variables that is set
// holds.
func (s Settings) variable(names ...string) given[string] {
	for _, name := range names {
		if value := s.env(name); value != "" {
			return given[string]{value, name}
		}
	}
	return given[string]{name: cmp.Or(names...)}
}
