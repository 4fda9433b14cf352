package config

// Show returns every setting that a run would have, and where it comes from, without
// running key_command. The error is Endpoint's; what was settled before it is returned.
func (f *File) Show(s Settings) ([]Setting, error) {
	e, p, err := f.settled(s)
	list := e.Settled
	if err == nil {
		list = append(list, p.keySetting(e, s))
	}
	for _, of := range []struct{ name, value string }{{"sessions.name", f.SessionName}, {"display.time", f.TimeFormat}} {
		setting := Setting{Name: of.name}
		if of.value != "" {
			setting.Value, setting.Source = of.value, Source{InFile, of.name}
		}
		list = append(list, setting)
	}
	return list, err
}

// keySetting tells where the key comes from, in the order of key.
func (p profile) keySetting(e Endpoint, s Settings) Setting {
	switch {
	case p.KeyCommand != "":
		return Setting{"key", "from key_command", Source{InFile, e.inFile("key_command", "").name}}
	case s.env(p.KeyEnv) != "":
		return Setting{"key", secret(s.env(p.KeyEnv)), Source{ByEnv, p.KeyEnv}}
	case p.secret.Reveal() != "":
		return Setting{"key", p.secret, Source{InFile, e.inFile("key", "").name}}
	case s.env(p.fallbackEnv) != "":
		return Setting{"key", secret(s.env(p.fallbackEnv)), Source{ByEnv, p.fallbackEnv}}
	}
	return Setting{Name: "key"}
}

// KeyVariables returns the variables that may hold a key: those of the built-in endpoints
// and those that the file names. No child of the program needs them.
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
