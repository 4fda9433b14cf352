package cli

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// grammar is the whole command line.
type grammar struct {
	Continue bool    `short:"c" help:"Continue the newest session." group:"Sessions:"`
	Session  *string `placeholder:"ID" help:"Continue this session: its ID or the start of it, @ the newest, @2 the one before." group:"Sessions:"`
	Recall   bool    `short:"r" help:"Pick a session with the fuzzy finder; words are what to look for." group:"Sessions:"`
	NoSave   bool    `help:"Keep nothing of this chat." group:"Sessions:"`

	Model       string            `short:"m" placeholder:"NAME" help:"Model to ask ($$OAX_MODEL)." group:"Request:"`
	Profile     string            `short:"p" placeholder:"NAME" help:"Endpoint to ask ($$OAX_PROFILE); demo needs no key." group:"Request:"`
	System      string            `short:"s" placeholder:"TEXT" help:"System message." group:"Request:"`
	Temperature *float64          `placeholder:"N" help:"Sampling temperature." group:"Request:"`
	MaxTokens   *int              `placeholder:"N" help:"Longest answer, in tokens." group:"Request:"`
	Option      map[string]string `short:"o" placeholder:"KEY=JSON" mapsep:"none" help:"Any field of the request body." group:"Request:"`
	Last        int               `placeholder:"N" help:"Send only the last N turns of a session." group:"Request:"`
	Timeout     time.Duration     `placeholder:"TIME" help:"Longest silence of the service: 90s, 10m. Default 5m before the answer, 2m within." group:"Request:"`
	MaxInput    int64             `placeholder:"MIB" default:"10" help:"Largest standard input, in MiB." group:"Request:"`
	DryRun      bool              `help:"Print the request, the key masked, and send nothing." group:"Request:"`

	JSON  bool `name:"json" help:"One JSON object a line." group:"Output:"`
	Raw   bool `help:"The answer's bytes and nothing added." group:"Output:"`
	Quiet bool `short:"q" help:"No hints on standard error." group:"Output:"`

	Version kong.VersionFlag `help:"Print the version."`

	Ask    askCommand    `cmd:"" name:"__ask" hidden:"" default:"withargs"`
	Ls     lsCommand     `cmd:"" help:"List sessions, newest first."`
	Cat    catCommand    `cmd:"" help:"Print sessions."`
	Retry  retryCommand  `cmd:"" help:"Ask the last question of a session again."`
	Models modelsCommand `cmd:"" help:"List what the endpoint offers."`
	Pick   pickCommand   `cmd:"" name:"__pick" hidden:""`
}

const description = `Ask a chat model and see the answer as it comes. Every chat is kept.

  oax [flags] [prompt ...]
  oax <command> [flags]

  oax why is the sky blue          ask; the words are the prompt
  git diff | oax review this       the words, then what is piped in
  oax -c and at night?             continue the newest session
  oax -- ls                        after -- everything is the prompt
  oax -p demo hello                try it without a key`

// runner is a command of the grammar.
type runner interface {
	Run(ctx context.Context, env *Env) error
}

// parse returns the command that args ask for, or nil if kong has answered by
// itself (--help, --version).
func parse(env *Env, args []string) (func(context.Context) error, error) {
	env.flags = &grammar{}
	answered := false
	parser, err := kong.New(env.flags,
		kong.Name("oax"),
		kong.Description(description),
		kong.Writers(env.Stdout, env.Stderr),
		kong.Exit(func(int) { answered = true }),
		kong.Vars{"version": "oax " + env.Version},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoAppSummary: true, WrapUpperBound: 100}),
		kong.Help(help),
	)
	if err != nil {
		return nil, err
	}
	parsed, err := parser.Parse(withCommand(parser.Model, args))
	if answered {
		return nil, nil
	}
	if err != nil {
		return nil, usage(err)
	}
	env.said.quiet = env.flags.Quiet
	command, ok := selected(parsed)
	if !ok {
		return nil, errors.New("no command")
	}
	if ask, ok := command.(*askCommand); ok {
		ask.only = len(args) == 1
	}
	return func(ctx context.Context) error { return command.Run(ctx, env) }, nil
}

// help leaves out of a command's help the flags that it has no use for.
func help(options kong.HelpOptions, ctx *kong.Context) error {
	if command := ctx.Selected(); command != nil && command.Name != "__ask" && command.Name != "retry" {
		for _, flag := range ctx.Model.Flags {
			if flag.Group != nil && flag.Group.Key != "Output:" {
				flag.Hidden = true
			}
		}
		options.NoAppSummary = false
	}
	return kong.DefaultHelpPrinter(options, ctx)
}

// selected returns the command's struct. Its Run is called as any function is: kong
// would find it by reflection.
func selected(parsed *kong.Context) (runner, bool) {
	node := parsed.Selected()
	if node == nil || !node.Target.CanAddr() {
		return nil, false
	}
	command, ok := node.Target.Addr().Interface().(runner)
	return command, ok
}

// withCommand names the default command, with all flags in front of it and all words
// behind it, unless the first word is a command. Kong by itself takes "-- ls" for the
// command ls, and no words behind a flag that stands between them.
func withCommand(app *kong.Application, args []string) []string {
	var flags, words []string
	takesValue := valueFlags(app)
	for i := 0; i < len(args); i++ {
		switch arg := args[i]; {
		case arg == "--":
			words = append(words, args[i+1:]...)
			i = len(args)
		case arg == "--help", arg == "-h":
			return []string{"--help"}
		case strings.HasPrefix(arg, "-") && arg != "-":
			flags = append(flags, arg)
			if !awaitsValue(takesValue, arg) {
				break
			}
			if i++; i == len(args) {
				return append([]string{"__ask"}, flags...) // for kong to complain of
			}
			flags = append(flags, args[i])
		case len(words) == 0 && isCommand(app, arg):
			return args
		default:
			words = append(words, arg)
		}
	}
	return append(append(flags, "__ask", "--"), words...)
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

func isCommand(app *kong.Application, word string) bool {
	for _, node := range app.Children {
		if node.Name == word {
			return true
		}
	}
	return false
}

// commandNames are the names that a prompt must not be mistaken for.
func commandNames() []string {
	var names []string
	grammar := reflect.TypeFor[grammar]()
	for i := range grammar.NumField() {
		tag := grammar.Field(i).Tag
		if _, ok := tag.Lookup("cmd"); ok && tag.Get("hidden") == "" {
			if _, hidden := tag.Lookup("hidden"); !hidden {
				names = append(names, strings.ToLower(grammar.Field(i).Name))
			}
		}
	}
	return names
}

// usage puts kong's complaint into our words.
func usage(err error) error {
	what, near, _ := strings.Cut(err.Error(), ", did you mean ")
	if flag, _, _ := strings.Cut(what, ": "); strings.HasSuffix(what, "(<EOL>)") {
		what = flag + " needs a value"
	}
	hint := "see oax --help; a prompt that begins with - goes behind --"
	switch what {
	case "unknown flag --key", "unknown flag --api-key", "unknown flag --token":
		what = "keys are not taken on the command line (visible in ps)"
		hint, near = "set OPENAI_API_KEY, or key_command in the config file", ""
	}
	if near = strings.Trim(near, `"?`); near != "" {
		hint = fmt.Sprintf("did you mean %s? See oax --help", strings.ReplaceAll(near, `"`, ""))
	}
	return &report{what: what, hint: hint, code: exitUsage, kind: "usage"}
}
