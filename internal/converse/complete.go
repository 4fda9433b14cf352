package converse

import (
	"cmp"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"oax/internal/converse/lineedit"
	"oax/internal/term"
)

// What Tab offers in a command: its name, and what its argument can be.

// argument is what a command takes, as far as it can be completed.
type argument string

const (
	nothing  argument = ""
	aModel   argument = "model"
	aProfile argument = "profile"
	aSession argument = "session"
	aFile    argument = "file"
	aTurn    argument = "turn"
)

// complete returns what can follow before[:from].
func (c *conversation) complete(before string) (from int, all []lineedit.Candidate) {
	if !strings.HasPrefix(before, "/") || strings.Contains(before, "\n") {
		return 0, nil
	}
	name, begin, hasArgument := strings.Cut(before, " ")
	begin = strings.TrimLeft(begin, " ")
	for _, known := range commands() {
		switch {
		case hasArgument && "/"+known.name == name:
			return len(before) - len(begin), c.arguments(known.takes, begin)
		case !hasArgument && strings.HasPrefix("/"+known.name, name):
			all = append(all, lineedit.Candidate{Value: "/" + known.name, About: known.help})
		}
	}
	return 0, all
}

// arguments returns what can begin so.
func (c *conversation) arguments(kind argument, begin string) (all []lineedit.Candidate) {
	switch kind {
	case nothing:
	case aFile:
		return c.files(begin)
	case aTurn:
		for i, text := range c.prompts() {
			if n := strconv.Itoa(i + 1); strings.HasPrefix(n, begin) {
				all = append(all, lineedit.Candidate{Value: n, About: text})
			}
		}
	default:
		profile := c.target.profile
		if c.endpoint != nil {
			profile = cmp.Or(profile, c.endpoint.Profile)
		}
		return c.o.Suggest(string(kind), profile, begin)
	}
	return all
}

// files returns the files whose path begins so, directories with a slash behind them.
// Hidden ones are offered only if the dot is there, and names that a terminal would not
// show are not.
func (c *conversation) files(begin string) (all []lineedit.Candidate) {
	dir, base := filepath.Split(begin)
	entries, _ := os.ReadDir(cmp.Or(c.path(dir), "."))
	for _, entry := range entries {
		name := entry.Name()
		hidden := strings.HasPrefix(name, ".") && !strings.HasPrefix(base, ".")
		if !strings.HasPrefix(name, base) || hidden || term.Line(name) != name {
			continue
		}
		if info, err := os.Stat(filepath.Join(c.path(dir), name)); err == nil && info.IsDir() {
			name += string(filepath.Separator)
		}
		all = append(all, lineedit.Candidate{Value: dir + name})
	}
	return all
}

// path returns the path of a file that was typed: ~/ stands for the home directory.
func (c *conversation) path(name string) string {
	if rest, ok := strings.CutPrefix(name, "~/"); ok {
		return filepath.Join(c.o.Getenv("HOME"), rest)
	}
	return name
}
