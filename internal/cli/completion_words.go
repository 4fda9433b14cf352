package cli

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// complete returns what word may become behind these words, by the grammar that
// reads them. Where a prompt is typed, files are all there is to offer.
func (env *Env) complete(args []string, word string) suggestions {
	asking := command{name: "oax", sends: allFlags, new: func() runner { return &askCommand{} }}
	line := env.read(asking, args)
	if line == nil {
		return suggestions{}
	}
	if flags, _, at := split(line.app, args); at >= 0 {
		c, _ := commandNamed(args[at])
		if line = env.read(c, append(flags, args[at+1:]...)); line == nil {
			return suggestions{}
		}
	}
	name, value, hasValue := strings.Cut(word, "=")
	switch {
	case line.flag != nil:
		return env.values(line, line.flag.Value, word)
	case line.onlyWords || !strings.HasPrefix(word, "-"):
		return env.positional(line, word)
	case hasValue && strings.HasPrefix(word, "--"):
		flag, _ := line.flagOf(name)
		if flag == nil || flag.IsBool() {
			return suggestions{}
		}
		found := env.values(line, flag.Value, value)
		for i := range found.all {
			found.all[i].word = name + "=" + found.all[i].word
		}
		return found
	}
	return line.flags(word)
}

// line is what stands before the word that is completed.
type line struct {
	app       *kong.Application
	flag      *kong.Flag        // the word is to be the value of this one
	given     map[string]string // the flags there are already, and the values of some
	words     int
	onlyWords bool // after --
}

// read reads what is left of the word as the command would, but takes nothing amiss.
func (env *Env) read(c command, args []string) *line {
	parser, err := env.parser(c.name, "", c.new(), c.sends)
	if err != nil {
		return nil
	}
	l := &line{app: parser.Model, given: map[string]string{}}
	for _, arg := range args {
		switch {
		case l.flag != nil:
			l.given[l.flag.Name] = arg
			l.flag = nil
		case l.onlyWords || arg == "-" || !strings.HasPrefix(arg, "-"):
			l.words++
		case arg == "--":
			l.onlyWords = true
		default:
			flag, value := l.flagOf(arg)
			if flag == nil {
				continue
			}
			l.given[flag.Name] = value
			if value == "" && !flag.IsBool() && !strings.Contains(arg, "=") {
				l.flag = flag
			}
		}
	}
	return l
}

// flagOf returns the flag that arg is, or ends with if it is letters, and the value
// that is part of arg. It returns nil if there is none.
func (l *line) flagOf(arg string) (flag *kong.Flag, value string) {
	if long, ok := strings.CutPrefix(arg, "--"); ok {
		name, value, _ := strings.Cut(long, "=")
		return l.find(func(f *kong.Flag) bool { return f.Name == name }), value
	}
	for i, letter := range arg[1:] {
		flag = l.find(func(f *kong.Flag) bool { return f.Short == letter })
		if flag == nil || !flag.IsBool() {
			return flag, arg[1+i+len(string(letter)):]
		}
	}
	return flag, ""
}

func (l *line) find(is func(*kong.Flag) bool) *kong.Flag {
	if i := slices.IndexFunc(l.app.Flags, is); i >= 0 {
		return l.app.Flags[i]
	}
	return nil
}

// flags are those that can still be given.
func (l *line) flags(begin string) suggestions {
	var s suggestions
	for _, flag := range l.app.Flags {
		_, given := l.given[flag.Name]
		if flag.Hidden || given && !flag.IsCumulative() {
			continue
		}
		s.all = append(s.all, suggestion{"--" + flag.Name, flag.Help})
		if flag.Tag.Negatable != "" {
			s.all = append(s.all, suggestion{"--no-" + flag.Name, flag.Help})
		}
		if flag.Short != 0 && len(begin) > 1 {
			s.all = append(s.all, suggestion{"-" + string(flag.Short), flag.Help})
		}
	}
	return s.that(begin)
}
