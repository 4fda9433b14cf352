package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// command is a word that may come first on the command line. Without one, oax asks.
type command struct {
	name, help string
	examples   string  // two lines a person could type
	sends      sending // the flags of a request that it takes
	hidden     bool
	new        func() runner
}

// runner is the struct of a command, which kong fills from the command line.
type runner interface {
	Run(ctx context.Context, env *Env) error
}

// commands are all there are, in the order of --help.
func commands() []command {
	return []command{
		{name: "ls", help: "List sessions, newest first.", new: func() runner { return &lsCommand{} },
			examples: "oax ls -n 20\noax ls --since monday --json | jq -r .title"},
		{name: "cat", help: "Print sessions.", new: func() runner { return &catCommand{} },
			examples: "oax cat @2 --last > answer.md\noax cat --code=2 | tee script.py"},
		{name: "grep", help: "Search the text of every session.", new: func() runner { return &grepCommand{} },
			examples: "oax grep 'rate limit' --since 3w\noax grep -l 'func \\w+Reader' | oax cat -"},
		{name: "mv", help: "Give a session a title.", new: func() runner { return &mvCommand{} },
			examples: "oax mv @ Why channels block\noax mv k3f ''"},
		{name: "cp", help: "Copy a session, to go on in another way.", new: func() runner { return &cpCommand{} },
			examples: "oax cp k3f --at 2\noax --session \"$(oax cp @)\" and in Rust?"},
		{name: "rm", help: "Remove sessions, or bring them back.", new: func() runner { return &rmCommand{} },
			examples: "oax rm --older-than 6mo --dry-run\noax rm --undo"},
		{name: "retry", help: "Ask the last question of a session again.", sends: allFlags, new: func() runner { return &retryCommand{} },
			examples: "oax retry\noax retry k3f -m gpt-5"},
		{name: "import", help: "Bring chats in from other programs.", new: func() runner { return &importCommand{} },
			examples: "oax import chatgpt export.zip\noax import llm --dry-run"},
		{name: "models", help: "List what the endpoint offers.", sends: allFlags, new: func() runner { return &modelsCommand{} },
			examples: "oax models\noax models -p ollama"},
		{name: "config", help: "Tell of the configuration file, or change it.", sends: allFlags, new: func() runner { return &configCommand{} },
			examples: "oax config show\noax config edit"},
		{name: "doctor", help: "Tell what is configured, what works and what does not.", sends: allFlags, new: func() runner { return &doctorCommand{} },
			examples: "oax doctor\noax doctor -p ollama --json"},
		{name: "completion", help: "Print what makes Tab complete oax in a shell.", new: func() runner { return &completionCommand{} },
			examples: "oax completion fish > ~/.config/fish/completions/oax.fish\neval \"$(oax completion bash)\""},
		{name: "__complete", hidden: true, new: func() runner { return &completeCommand{} }},
		{name: "__man", hidden: true, new: func() runner { return &manCommand{} }},
		{name: "__pick", hidden: true, new: func() runner { return &pickCommand{} }},
	}
}

// flags are those that more than one command takes.
type flags struct {
	requestFlags
	outputFlags
}

// requestFlags say what is sent and where.
type requestFlags struct {
	everydayFlags
	rareFlags
}

// everydayFlags are the only ones that most command lines have.
type everydayFlags struct {
	NoSave bool `help:"Keep nothing of this chat." group:"Sessions:"`

	Model   string `short:"m" placeholder:"NAME" help:"Model to ask ($$OAX_MODEL)." group:"Request:"`
	Profile string `short:"p" placeholder:"NAME" help:"Endpoint to ask ($$OAX_PROFILE); demo needs no key." group:"Request:"`
	System  string `short:"s" placeholder:"TEXT" help:"System message." group:"Request:"`
}

// rareFlags are the others. Kong takes half a millisecond to make them out, which is
// spared where none is given.
type rareFlags struct {
	Temperature *float64          `placeholder:"N" help:"Sampling temperature." group:"Request:"`
	TopP        *float64          `name:"top-p" placeholder:"N" help:"Choose among the likeliest words that make up this share, 0 to 1." group:"Request:"`
	MaxTokens   *int              `placeholder:"N" help:"Longest answer, in tokens." group:"Request:"`
	Stop        []string          `sep:"none" placeholder:"TEXT" help:"End the answer before this text; may be given several times." group:"Request:"`
	Seed        *int64            `placeholder:"N" help:"Make answers repeatable, as far as the service can." group:"Request:"`
	Effort      string            `placeholder:"LEVEL" help:"How much to reason: none, minimal, low, medium, high; see the model." group:"Request:"`
	Schema      schemaFile        `placeholder:"FILE" help:"Have the answer fit a JSON Schema; exit 3 if it does not." group:"Request:"`
	Option      map[string]string `short:"o" placeholder:"KEY=JSON" mapsep:"none" help:"Any field of the request body." group:"Request:"`
	Last        int               `placeholder:"N" help:"Send only the last N turns of a session." group:"Request:"`
	Timeout     time.Duration     `placeholder:"TIME" help:"Longest silence of the service: 90s, 10m. Default 5m before the answer, 2m within." group:"Request:"`
	MaxInput    int64             `placeholder:"MIB" help:"Largest standard input, in MiB. Default 10." group:"Request:"`
	StripHidden bool              `help:"Leave out of the prompt what nobody can see." group:"Request:"`
	Code        codeChoice        `placeholder:"N" help:"Print only the Nth code block of the answer, 1 if no N is given, its bytes exactly." group:"Output:"`
	Reasoning   bool              `help:"Print what the model thinks before it answers." group:"Output:"`
	Stats       bool              `help:"Tell tokens and times." group:"Output:"`

	DryRun bool `type:"dryrun" placeholder:"curl" help:"Print the request, the key masked, and send nothing; =curl prints a command for a shell." group:"Request:"`
	curl   bool // as a command for a shell

	Debug     debugFile `placeholder:"FILE" help:"Write down what goes over the wire, the key masked: in FILE, or in the state directory." group:"Output:"`
	DebugText bool      `help:"As --debug, with what is asked and answered." group:"Output:"`
	log       *debugLog
}

// outputFlags say what is printed.
type outputFlags struct {
	JSON  bool `name:"json" help:"One JSON object a line." group:"Output:"`
	Raw   bool `help:"The answer's bytes and nothing added." group:"Output:"`
	Quiet bool `short:"q" help:"No hints on standard error." group:"Output:"`

	Markdown *bool  `negatable:"" help:"Style the answer, or not. Default: on a terminal." group:"Output:"`
	Color    string `enum:"auto,always,never" default:"auto" placeholder:"WHEN" help:"auto, always or never ($$NO_COLOR, $$FORCE_COLOR)." group:"Output:"`

	Version kong.VersionFlag `help:"Print the version."`
}

// which says what sessions a command is about.
type which struct {
	Recall bool     `short:"r" help:"Pick the session with the fuzzy finder; IDs are then words to look for."`
	IDs    []string `arg:"" optional:"" name:"id" help:"Sessions: IDs or their starts, @ the newest, @2 the one before. - reads IDs, one a line, from standard input. Default: the newest."`
}

const description = `Ask a chat model and see the answer as it comes. Every chat is kept.

  oax why is the sky blue          ask; the words are the prompt
  git diff | oax review this       the words, then what is piped in
  oax -c and at night?             continue the newest session
  oax -- ls                        after -- everything is the prompt
  oax -p demo hello                try it without a key`

// parse returns the command that args ask for, or nil if kong has answered by
// itself (--help, --version).
func parse(env *Env, args []string) (func(context.Context) error, error) {
	if len(args) > 0 {
		if c, ok := commandNamed(args[0]); ok {
			return c.parse(env, args[1:])
		}
	}
	return parseAsk(env, args)
}

// parseAsk takes all words for the prompt, unless the first behind some flags is a
// command. Kong by itself takes no words behind a flag that stands between them. Where
// there is no flag it has nothing to make out, and costs as much as the rest of a start.
func parseAsk(env *Env, args []string) (func(context.Context) error, error) {
	if !slices.ContainsFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "-") }) {
		ask := env.wordsOnly(args)
		return func(ctx context.Context) error { return ask.Run(ctx, env) }, nil
	}
	helps := slices.Contains(args, "--help") || slices.Contains(args, "-h")
	if !helps {
		if run, err := parseAskWith(env, args, everyday); err == nil {
			return run, nil
		}
	}
	return parseAskWith(env, args, allFlags)
}

// wordsOnly returns what kong makes of a line of words.
func (env *Env) wordsOnly(words []string) *askCommand {
	env.flags = &flags{}
	env.flags.Color = "auto"
	return &askCommand{Words: words, only: len(words) == 1}
}

func parseAskWith(env *Env, args []string, sends sending) (func(context.Context) error, error) {
	ask := &askCommand{only: len(args) == 1}
	parser, err := env.parser("oax", description, ask, sends)
	if err != nil {
		return nil, err
	}
	flags, words, at := split(parser.Model, args)
	if len(words) > 0 {
		words = append([]string{"--"}, words...)
	}
	if at >= 0 {
		c, _ := commandNamed(args[at])
		return c.parse(env, append(flags, args[at+1:]...))
	}
	return env.run(parser, ask, append(flags, words...), "oax")
}

// parse returns the command, with its own flags and words.
func (c command) parse(env *Env, args []string) (func(context.Context) error, error) {
	target, name := c.new(), "oax "+c.name
	text := c.help + "\n\n  " + strings.ReplaceAll(c.examples, "\n", "\n  ")
	parser, err := env.parser(name, text, target, c.sends)
	if err != nil {
		return nil, err
	}
	return env.run(parser, target, args, name)
}

// sending says which of the flags of a request a parser knows.
type sending int

const (
	noFlags sending = iota
	everyday
	allFlags
)

// parser makes kong's model of one command. One of all of them would cost every
// start the time to build what is not asked for.
func (env *Env) parser(name, text string, target runner, sends sending) (*kong.Kong, error) {
	env.flags = &flags{}
	options := []kong.Option{
		kong.Name(name),
		kong.Description(text),
		kong.Writers(env.Stdout, env.Stderr),
		kong.Vars{"version": "oax " + env.Version},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Help(help),
	}
	if sends >= everyday {
		options = append(options, kong.Embed(&env.flags.everydayFlags))
	}
	if sends == allFlags {
		options = append(options, kong.NamedMapper("dryrun", dryRunMapper{&env.flags.curl}), kong.Embed(&env.flags.rareFlags))
	}
	parser, err := kong.New(target, append(options, kong.Embed(&env.flags.outputFlags))...)
	if err == nil {
		parser.Model.HelpFlag.Help = "Show this help."
	}
	return parser, err
}

// run lets kong read args. It calls Run as any function is called: kong would find
// it by reflection.
func (env *Env) run(parser *kong.Kong, target runner, args []string, name string) (func(context.Context) error, error) {
	answered := false
	parser.Exit = func(int) { answered = true }
	_, err := parser.Parse(args)
	if answered {
		return nil, nil
	}
	if err != nil {
		return nil, usage(err, name)
	}
	env.said.quiet = env.flags.Quiet
	return func(ctx context.Context) error { return target.Run(ctx, env) }, nil
}

// help adds the commands to the help of oax itself. Kong has them only while it prints:
// its parser goes on behind this.
func help(options kong.HelpOptions, ctx *kong.Context) error {
	if ctx.Model.Name == "oax" {
		defer func() { ctx.Model.Children = nil }()
		for _, c := range commands() {
			ctx.Model.Children = append(ctx.Model.Children, &kong.Node{
				Type: kong.CommandNode, Parent: ctx.Model.Node, Name: c.name, Help: c.help, Hidden: c.hidden,
			})
		}
	}
	return kong.DefaultHelpPrinter(options, ctx)
}

// split parts the flags from the words of a prompt. Unless at is -1, the word there
// is a command, and what is behind it belongs to that.
func split(app *kong.Application, args []string) (flags, words []string, at int) {
	takesValue := valueFlags(app)
	for i := 0; i < len(args); i++ {
		switch arg := args[i]; {
		case arg == "--":
			return flags, append(words, args[i+1:]...), -1
		case strings.HasPrefix(arg, "-") && arg != "-":
			flags = append(flags, arg)
			if !awaitsValue(takesValue, arg) {
				continue
			}
			if i++; i == len(args) {
				return flags, nil, -1 // for kong to complain of
			}
			flags = append(flags, args[i])
			for attaches(arg) && i+1 < len(args) && isFile(args[i+1]) {
				i++
				flags = append(flags, "--attach", args[i])
			}
		default:
			if _, ok := commandNamed(arg); ok && len(words) == 0 {
				return flags, nil, i
			}
			words = append(words, arg)
		}
	}
	return flags, words, -1
}

// valueFlags are the flags, as they are typed, that the next argument belongs to.
func valueFlags(app *kong.Application) map[string]bool {
	takesValue := map[string]bool{}
	for _, flag := range app.Flags {
		takesValue["--"+flag.Name] = !flag.IsBool()
		if flag.Short != 0 {
			takesValue["-"+string(flag.Short)] = !flag.IsBool()
		}
	}
	return takesValue
}

// awaitsValue reports whether the next argument belongs to this one, of which the
// last letter may count alone, as in -cm NAME.
func awaitsValue(takesValue map[string]bool, arg string) bool {
	if strings.HasPrefix(arg, "--") {
		return takesValue[arg]
	}
	for i := 1; i < len(arg); i++ {
		if takesValue["-"+arg[i:i+1]] {
			return i == len(arg)-1
		}
	}
	return false
}

func commandNamed(word string) (command, bool) {
	for _, c := range commands() {
		if c.name == word {
			return c, true
		}
	}
	return command{}, false
}

// usage puts kong's complaint into our words.
func usage(err error, name string) error {
	if r, ok := errors.AsType[*report](err); ok {
		return r
	}
	what, near, _ := strings.Cut(err.Error(), ", did you mean ")
	if flag, how, _ := strings.Cut(what, ": "); strings.HasSuffix(how, "(<EOL>)") || strings.HasPrefix(how, "missing value") {
		what = flag + " needs a value"
	}
	hint := "see " + name + " --help"
	if name == "oax" {
		hint += "; a prompt that begins with - goes behind --"
	}
	switch what {
	case "unknown flag --key", "unknown flag --api-key", "unknown flag --token":
		what = "keys are not taken on the command line (visible in ps)"
		hint, near = "set OPENAI_API_KEY, or key_command in the config file", ""
	}
	if near = strings.Trim(near, `"?`); near != "" {
		hint = fmt.Sprintf("did you mean %s? See %s --help", strings.ReplaceAll(near, `"`, ""), name)
	}
	return &report{what: what, hint: hint, code: exitUsage, kind: "usage"}
}
