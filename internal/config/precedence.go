package config

import "cmp"

// Which of the sources of a setting wins, and what is told about it.

// The sources of a setting, the strongest first.
const (
	ByFlag  = "flag"
	ByEnv   = "environment"
	InFile  = "file"
	BuiltIn = "default"
)

// Source says where a value comes from.
type Source struct {
	From string // ByFlag, ByEnv, InFile or BuiltIn; empty if there is no value
	Name string // the flag, the variable, or the setting as profiles.work.model
}

// Setting is a value in effect. A key is masked, and so is what may hold one.
type Setting struct {
	Name   string
	Value  any // nil if there is none
	Source Source
}

// layer is what one source says about a setting; a zero value says nothing.
type layer[T comparable] struct {
	value T
	name  string // of the flag, the variable or the setting
}

// layers are what all sources say about a setting.
type layers[T comparable] struct {
	flag, env, file layer[T]
	builtIn         T
}

// strongest returns the value in effect: a flag wins over the environment, the
// environment over the file, and the file over what is built in.
func (l layers[T]) strongest() (T, Source) {
	var nothing T
	for _, source := range []struct {
		from string
		layer[T]
	}{{ByFlag, l.flag}, {ByEnv, l.env}, {InFile, l.file}, {BuiltIn, layer[T]{value: l.builtIn}}} {
		if source.value != nothing {
			return source.value, Source{source.from, source.name}
		}
	}
	return nothing, Source{}
}

// resolve puts the value in effect of a setting into e, and where it comes from.
func resolve[T comparable](e *Endpoint, name string, into *T, l layers[T]) {
	value, source := l.strongest()
	*into = value
	e.add(name, value, source)
}

// add adds a resolved value to the list.
func (e *Endpoint) add(name string, value any, source Source) {
	if source == (Source{}) {
		value = nil
	}
	e.Resolved = append(e.Resolved, Setting{name, value, source})
}

// Source returns where the value of a setting comes from.
func (e Endpoint) Source(name string) Source {
	for _, s := range e.Resolved {
		if s.Name == name {
			return s.Source
		}
	}
	return Source{}
}

// inFile is what the profile says about a setting.
func inFile[T comparable](profile, setting string, value T) layer[T] {
	return layer[T]{value, "profiles." + profile + "." + setting}
}

func (e *Endpoint) inFile(setting, value string) layer[string] {
	return inFile(e.Profile, setting, value)
}

// variable is what the environment says: the value of the first variable that is set.
func (s Settings) variable(names ...string) layer[string] {
	for _, name := range names {
		if value := s.env(name); value != "" {
			return layer[string]{value, name}
		}
	}
	return layer[string]{name: cmp.Or(names...)}
}

// Show returns every setting of a run and where it comes from, without running
// key_command. The error is Endpoint's; the list then has what was resolved before it.
func (f *File) Show(s Settings) ([]Setting, error) {
	e, p, err := f.resolved(s)
	list := e.Resolved
	if err == nil {
		list = append(list, p.keySetting(e, s))
	}
	format := Setting{Name: "display.time"}
	if f.TimeFormat != "" {
		format.Value, format.Source = f.TimeFormat, Source{InFile, format.Name}
	}
	wrap := Setting{Name: "display.wrap"}
	if f.Wrap != nil {
		wrap.Value, wrap.Source = *f.Wrap, Source{InFile, wrap.Name}
	}
	notify := Setting{Name: "display.notify"}
	if f.Notify != 0 {
		notify.Value, notify.Source = f.Notify, Source{InFile, notify.Name}
	}
	return append(list, format, wrap, notify), err
}

// keySetting says where the key comes from, without running key_command.
func (p profile) keySetting(e Endpoint, s Settings) Setting {
	if p.KeyCommand != "" {
		return Setting{"key", "from key_command", Source{InFile, e.inFile("key_command", "").name}}
	}
	key, name := p.storedKey(s)
	switch {
	case key == "":
		return Setting{Name: "key"}
	case name == "key":
		return Setting{"key", p.secret, Source{InFile, e.inFile("key", "").name}}
	}
	return Setting{"key", secret(key), Source{ByEnv, name}}
}
