package cli

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"oax/internal/config"
	"oax/internal/manual"
	"oax/internal/report"
	"oax/internal/term"
)

// How a command line without a leading command is read. Flags stand before the words of
// the prompt or after them; between words, what looks like a flag is text:
//
//	oax -m gpt-5 why is the sky blue     flags, words
//	oax why is the sky blue -m gpt-5     words, flags
//	oax what does tar -c do              words
//	oax how do I use rm -rf              words: oax has no flags -rf
//	oax explain this --sttas             an error: did you mean --stats?
//	oax -- explain git commit --amend    words: all that follows --

// parse returns the command that args ask for, or nil if the answer has been printed
// already (--help, --version). A line of plain words needs no parser: kong costs as much
// as half of a start.
func parse(p *Process, args []string) (runner, error) {
	if len(args) == 1 && (args[0] == "--version" || args[0] == "version" && term.IsTerminal(p.Stdin)) {
		return nil, p.printHelp("oax " + p.Version + "\n")
	}
	if c, ok := isCommand(args); ok {
		return c.parser(p).read(p, args[1:], "")
	}
	if !slices.ContainsFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "-") }) {
		ask := &askCommand{Words: args}
		ask.Color = "auto"
		return ask, p.checkWords(args)
	}
	parser := asking.parser(p)
	l := splitLine(parser.Model.Flags, args)
	if l.command != "" {
		c, _ := commandNamed(l.command)
		return c.parser(p).read(p, append(l.flags, l.words...), "")
	}
	asText := ""
	if l.trailing {
		asText = "to send it as text: oax --" + quoted(args)
	}
	return parser.read(p, append(l.flags, append([]string{"--"}, l.words...)...), asText)
}

// isCommand returns the command that the first word names. help is a command only alone
// or before the name of a command or a topic, since it begins many a prompt.
func isCommand(args []string) (command, bool) {
	if len(args) == 0 {
		return command{}, false
	}
	c, ok := commandNamed(args[0])
	if ok && c.name == "help" && len(args) > 1 {
		_, known := commandNamed(args[1])
		return c, len(args) == 2 && (known || manual.Topic(args[1]) != "" || strings.HasPrefix(args[1], "-"))
	}
	return c, ok
}

// parser is kong's model of one command; a model of them all would cost every start the
// time to build what nobody asks for.
type parser struct {
	*kong.Kong
	command command
	target  runner       // what kong fills
	printed bytes.Buffer // what kong prints: help, the version
}

func (c command) parser(p *Process) *parser {
	name, text := "oax", c.help
	if c.name != "oax" {
		name, text = "oax "+c.name, c.help+"\n\n  "+strings.ReplaceAll(c.examples, "\n", "\n  ")
	}
	r := &parser{command: c, target: c.new()}
	r.Kong = kong.Must(r.target,
		kong.Name(name),
		kong.Writers(&r.printed, &r.printed),
		kong.Exit(func(int) {}),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Help(p.formatHelp),
	)
	// Not with the options above: kong looks for variables in each text, and again in each variable.
	r.Model.Help = text
	_ = kong.Vars{"version": "oax " + p.Version}.Apply(r.Kong)
	r.Model.HelpFlag.Help = "Show this help."
	if t, ok := r.target.(interface{ unlisted(*kong.Flag) bool }); ok {
		for _, flag := range r.Model.Flags {
			flag.Hidden = flag.Hidden || t.unlisted(flag)
		}
	}
	return r
}

// read lets kong read the flags and words of a command. The runner is nil if kong has
// printed the answer. asText is how to send the whole command line as a prompt, if that may
// be meant; else it is empty.
func (r *parser) read(p *Process, args []string, asText string) (runner, error) {
	_, err := r.Parse(args)
	switch {
	case r.printed.Len() > 0:
		return nil, p.printHelp(r.printed.String())
	case err != nil:
		return nil, r.command.badUsage(err, asText)
	}
	return r.target, nil
}

// badUsage puts kong's complaint, or that of a flag's decoder, into our words.
func (c command) badUsage(err error, asText string) error {
	help := "see " + strings.TrimSuffix("oax "+strings.TrimPrefix(c.name, "oax"), " ") + " --help"
	own, _ := errors.AsType[*report.Error](err)
	what, near, _ := strings.Cut(err.Error(), ", did you mean ")
	if flag, how, _ := strings.Cut(what, ": "); strings.HasSuffix(how, "(<EOL>)") || strings.HasPrefix(how, "missing value") || strings.Contains(how, " value but got ") {
		what = flag + " needs a value"
	}
	hint := help
	if c.name == "oax" {
		hint += "; to send a prompt that begins with -, put it after --"
	}
	if near = strings.NewReplacer(`"`, "", "?", "").Replace(near); near != "" {
		near = "did you mean " + near + "? "
		hint = near + "S" + help[1:]
	}
	if slices.Contains([]string{"unknown flag --key", "unknown flag --api-key", "unknown flag --token"}, what) {
		what, hint = "keys are not taken on the command line (visible in ps)", "set OPENAI_API_KEY, or key_command in the config file"
	}
	switch {
	case own != nil && asText == "":
		return own
	case own != nil:
		what = own.What
	}
	if asText != "" {
		hint = near + asText
	}
	return report.Usage(what, hint)
}

// line is a command line, split into flags and words.
type line struct {
	flags    []string // with their values
	words    []string
	command  string // the first word, if it names a command: words are its arguments then
	trailing bool   // some of the flags stand after the words
}

// splitLine splits args, of which flags are the ones that oax knows.
func splitLine(flags []*kong.Flag, args []string) line {
	known := knownFlags(flags)
	n := known.leading(args)
	l := line{flags: args[:n:n]}
	rest := args[n:]
	switch {
	case len(rest) == 0:
		return l
	case rest[0] == "--":
		l.words = rest[1:]
		return l
	}
	if c, ok := isCommand(rest); ok {
		l.command, l.words = c.name, rest[1:]
		return l
	}
	end := len(rest)
	for i, arg := range rest {
		if arg == "--" {
			l.words = append(rest[:i:i], rest[i+1:]...)
			return l
		}
	}
	for i := 1; i < len(rest); i++ {
		if strings.HasPrefix(rest[i], "-") && known.areFlags(rest[i:]) {
			end = i
			break
		}
	}
	l.words, l.trailing = rest[:end:end], end < len(rest)
	l.flags = append(l.flags, rest[end:]...)
	return l
}

// flagSet holds the flags of a command by what is typed: --model, --no-markdown, -m.
type flagSet map[string]*kong.Flag

func knownFlags(flags []*kong.Flag) flagSet {
	known := flagSet{}
	for _, f := range flags {
		known["--"+f.Name] = f
		if f.Tag.Negatable != "" {
			known["--no-"+f.Name] = f
		}
		if f.Short != 0 {
			known["-"+string(f.Short)] = f
		}
	}
	return known
}

// find returns the flag that an argument is, and the value that is part of the argument. Of
// several letters in one argument, as in -cm NAME, it is the last flag: all must be flags,
// and the first that takes a value takes the rest of the letters, if there are any. The
// flag is nil if there is none.
func (known flagSet) find(arg string) (flag *kong.Flag, value string, hasValue bool) {
	if strings.HasPrefix(arg, "--") {
		name, value, hasValue := strings.Cut(arg, "=")
		return known[name], value, hasValue
	}
	if !strings.HasPrefix(arg, "-") {
		return nil, "", false
	}
	for i := 1; i < len(arg); i++ {
		flag = known["-"+arg[i:i+1]]
		if flag == nil || !flag.IsBool() {
			return flag, arg[i+1:], i+1 < len(arg)
		}
	}
	return flag, "", false
}

// next returns how many of args, the first of which is a flag, belong together. The name
// of a template may be left out.
func (known flagSet) next(args []string) int {
	flag, _, hasValue := known.find(args[0])
	alone := flag == nil || flag.IsBool() || hasValue || len(args) < 2
	if alone || flag.Name == "template" && strings.HasPrefix(args[1], "-") {
		return 1
	}
	return 2
}

// leading returns how many of args are flags with their values. Kong complains about those
// that oax does not have.
func (known flagSet) leading(args []string) int {
	n := 0
	for n < len(args) && strings.HasPrefix(args[n], "-") && args[n] != "-" && args[n] != "--" {
		n += known.next(args[n:])
	}
	return n
}

// areFlags reports whether args are flags of oax with their values, and nothing else. A
// mistyped flag counts: it is an error then, and not a text that is paid for.
func (known flagSet) areFlags(args []string) bool {
	for len(args) > 0 {
		n := known.mistyped(args)
		if flag, _, _ := known.find(args[0]); flag != nil {
			n = known.next(args)
		}
		if n == 0 {
			return false
		}
		args = args[n:]
	}
	return true
}

// mistyped returns how many of args belong to a mistyped long flag, or 0 if the first of
// them is none: its name must nearly be that of a flag of oax, or nothing may follow it.
func (known flagSet) mistyped(args []string) int {
	name, _, hasValue := strings.Cut(args[0], "=")
	if !strings.HasPrefix(name, "--") || len(name) < 4 {
		return 0
	}
	near := config.Nearest(name, slices.Sorted(maps.Keys(known)))
	switch {
	case near == "" || config.Distance(name, near) > 2:
	case hasValue:
		return 1
	default:
		return known.next(append([]string{near}, args[1:]...))
	}
	if len(args) == 1 {
		return 1
	}
	return 0
}

// quoted returns words as they are typed at a shell, each after a space.
func quoted(words []string) string {
	var b strings.Builder
	for _, word := range words {
		b.WriteString(" " + report.Quote(word))
	}
	return b.String()
}
