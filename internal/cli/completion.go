package cli

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"oax/internal/completion"
	"oax/internal/config"
	"oax/internal/endpoint"
	"oax/internal/importer"
	"oax/internal/manual"
	"oax/internal/prompt"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/tools"
)

// completionCommand prints the script that sets a shell up to complete oax.
type completionCommand struct {
	baseFlags

	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Run prints the script, which begins with how to install it.
func (c *completionCommand) Run(_ context.Context, p *Process, _ *report.Writer) error {
	return p.print(completion.Script(c.Shell))
}

// completeCommand is what the script runs when somebody presses Tab. Its arguments are the
// words after oax, of which the last one is completed; bash passes others.
//
// It writes nothing, runs no key_command and uses no network, and if anything fails it
// prints nothing: a person is about to type on.
type completeCommand struct {
	baseFlags

	Shell   string   `arg:""`
	Columns int      `arg:""` // of the terminal
	Words   []string `arg:"" optional:""`
}

// Run prints the suggestions in the form that the shell reads.
func (c *completeCommand) Run(_ context.Context, p *Process, _ *report.Writer) error {
	return p.print(completion.Reply(c.Shell, c.Columns, c.Words, func(words []string) completion.Suggestions {
		last := len(words) - 1
		return complete(p, words[:last], words[last])
	}))
}

// complete returns what word may become after these words, by the grammar that reads them.
// In a prompt, files are all there is to suggest.
func complete(p *Process, args []string, word string) completion.Suggestions {
	t := readTyped(p, asking, args)
	if t == nil {
		return completion.Suggestions{}
	}
	if l := splitLine(t.app.Flags, args); l.command != "" {
		c, _ := commandNamed(l.command)
		if t = readTyped(p, c, append(l.flags, l.words...)); t == nil {
			return completion.Suggestions{}
		}
	}
	name, value, hasValue := strings.Cut(word, "=")
	switch {
	case t.flag != nil:
		return t.values(t.flag.Value, word)
	case t.onlyWords || !strings.HasPrefix(word, "-"):
		return t.positional(word)
	case hasValue && strings.HasPrefix(word, "--"):
		flag := t.known[name]
		if flag == nil || flag.IsBool() {
			return completion.Suggestions{}
		}
		found := t.values(flag.Value, value)
		for i := range found.All {
			found.All[i].Word = name + "=" + found.All[i].Word
		}
		return found
	}
	return t.flags(word)
}

// typed is what stands on the line before the word that is completed.
type typed struct {
	p         *Process
	app       *kong.Application
	known     flagSet
	flag      *kong.Flag        // the word is the value of this one, or nil
	set       map[string]string // the flags that are there already, and the values of some
	words     int
	onlyWords bool // after --
}

// readTyped reads the words before the cursor as the command would, but accepts mistakes.
func readTyped(p *Process, c command, args []string) *typed {
	parser := c.parser(p)
	t := &typed{p: p, app: parser.Model, known: knownFlags(parser.Model.Flags), set: map[string]string{}}
	for _, arg := range args {
		switch {
		case t.flag != nil:
			t.set[t.flag.Name] = arg
			t.flag = nil
		case t.onlyWords || arg == "-" || !strings.HasPrefix(arg, "-"):
			t.words++
		case arg == "--":
			t.onlyWords = true
		default:
			flag, value, hasValue := t.known.find(arg)
			if flag == nil {
				continue
			}
			t.set[flag.Name] = value
			if !hasValue && !flag.IsBool() {
				t.flag = flag
			}
		}
	}
	return t
}

// flags suggests those that can still be given.
func (t *typed) flags(begin string) completion.Suggestions {
	var s completion.Suggestions
	for _, flag := range t.app.Flags {
		_, set := t.set[flag.Name]
		if flag.Hidden || set && !flag.IsCumulative() {
			continue
		}
		s.Add("--"+flag.Name, flag.Help)
		if flag.Tag.Negatable != "" {
			s.Add("--no-"+flag.Name, flag.Help)
		}
		if flag.Short != 0 && len(begin) > 1 {
			s.Add("-"+string(flag.Short), flag.Help)
		}
	}
	return s.Beginning(begin)
}

// positional suggests what a word that is no flag may become.
func (t *typed) positional(word string) completion.Suggestions {
	_, picks := t.set["recall"] // the words are what to search for
	if picks || len(t.app.Positional) == 0 {
		return completion.Suggestions{}
	}
	i := min(t.words, len(t.app.Positional)-1)
	arg := t.app.Positional[i]
	if t.words > i && !arg.IsCumulative() {
		return completion.Suggestions{}
	}
	if t.words == 0 && !t.onlyWords && t.app.Name == "oax" {
		if found := commandNames().Beginning(word); len(found.All) > 0 {
			return found
		}
	}
	return t.values(arg, word)
}

func commandNames() (s completion.Suggestions) {
	for _, c := range commands() {
		if !c.hidden {
			s.Add(c.name, c.help)
		}
	}
	return s
}

// values suggests the value of a flag or an argument. Its name or placeholder says what
// it is.
func (t *typed) values(v *kong.Value, word string) completion.Suggestions {
	is := func(names ...string) bool {
		return slices.Contains(names, v.Name) || v.Flag != nil && slices.Contains(names, strings.ToLower(v.Flag.PlaceHolder))
	}
	var s completion.Suggestions
	switch {
	case v.Enum != "":
		s.AddWords(v.EnumSlice())
	case is("id", "session"):
		return t.sessions(word)
	case is("model"):
		s.AddWords(t.models())
	case is("template"):
		lib, _ := t.load()
		for _, template := range prompt.List(lib.file) {
			s.Add(template.Name, template.About)
		}
	case is("profile"):
		lib, _ := t.load()
		s.AddWords(lib.file.Profiles())
	case is("tool"):
		lib, _ := t.load()
		if t.words == 0 && v.Flag == nil { // of oax tools
			s.AddWords([]string{"run", "test"})
			break
		}
		for _, e := range tools.Entries(lib.file) {
			s.Add(e.Name, e.From)
		}
	case is("action"): // of oax config
		s.AddWords([]string{"path", "show", "init", "edit"})
	case is("topic"): // of oax help
		s = commandNames()
		s.AddWords(manual.Topics())
	case is("source path") && t.words == 0:
		for _, source := range importer.Sources() {
			s.Add(source.Name, source.Of)
		}
		if s = s.Beginning(word); len(s.All) == 0 {
			s.Files = true
		}
	case is("file", "path", "dir", "words", "source path"):
		s.Files = true
	}
	return s.Beginning(word)
}

// load returns the configuration and the sessions. Beside an error the configuration is
// empty.
func (t *typed) load() (*library, error) { return t.p.loadConfig(report.NewWriter(nil, true)) }

// models returns the model that the profile would ask, then those that its endpoint has
// listed before.
func (t *typed) models() []string {
	lib, _ := t.load()
	e, _ := lib.file.KnownEndpoint(config.Settings{Profile: t.set["profile"], Env: t.p.LookupEnv})
	listed := endpoint.ListedModels(lib.dirs, e.BaseURL)
	slices.Sort(listed)
	listed = slices.DeleteFunc(listed, func(name string) bool { return name == e.Model })
	return append([]string{e.Model}, listed...)
}

const (
	maxSuggested = 50   // sessions
	maxNumbered  = 1000 // sessions that are suggested as @N
)

// sessions suggests those used last whose reference begins so, with their titles; after --undo
// those in the trash.
func (t *typed) sessions(begin string) (s completion.Suggestions) {
	lib, err := t.load()
	if err != nil {
		return s
	}
	lib.store.ReadOnly = true
	var found []session.Entry
	references := map[session.Entry]string{}
	add := func(e session.Entry, reference string) bool {
		if strings.HasPrefix(reference, begin) {
			found = append(found, e)
			references[e] = reference
		}
		return len(found) < maxSuggested
	}
	_, undo := t.set["undo"]
	switch {
	case undo:
		all, _ := lib.store.Trash().All()
		for _, x := range all {
			if !add(x.Entry, x.ID) {
				break
			}
		}
	case strings.HasPrefix(begin, "@"):
		n := 0
		for e, err := range lib.store.Numbered() {
			if err != nil {
				continue
			}
			n++
			reference := "@" + strconv.Itoa(n)
			if n == 1 {
				reference = "@"
			}
			if !add(e, reference) || n == maxNumbered {
				break
			}
		}
	default:
		for e, err := range lib.store.List(session.Filter{Prefix: begin}) {
			if err == nil && !add(e, e.ID) {
				break
			}
		}
	}
	for _, g := range lib.store.Previews(found) {
		s.Add(references[g.Entry], g.Title)
	}
	return s.Beginning(begin)
}
