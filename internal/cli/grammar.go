package cli

import (
	"context"
	"io"

	"github.com/alecthomas/kong"

	"oax/internal/manual"
	"oax/internal/report"
	"oax/internal/term"
	"oax/internal/turn"
)

// runner is a command: kong fills its fields from the command line, Run carries it out.
type runner interface {
	Run(ctx context.Context, p *Process, log *report.Writer) error
	quiet() bool // hints and notes are left out
}

// command is a word that may come first on the command line. Without one, oax asks.
type command struct {
	name, help string
	examples   string // lines that a person could type
	hidden     bool
	new        func() runner
}

const description = `Ask a chat model and see the answer as it comes. Every chat is kept.

  oax why is the sky blue          ask; the words are the prompt
  git diff | oax review this       the words, then what is piped in
  oax -c and at night?             continue the session used last
  oax -- ls                        after -- everything is the prompt
  oax -p demo hello                try it without a key`

// asking is what oax does without a command.
var asking = command{name: "oax", help: description, new: func() runner { return &askCommand{} }}

// commands are all there are, in the order of --help.
func commands() []command {
	return []command{
		{name: "ls", help: "List sessions, the one used last first.", new: func() runner { return &lsCommand{} },
			examples: "oax ls -n 20\noax ls --since monday --json | jq -r .title"},
		{name: "cat", help: "Print sessions.", new: func() runner { return &catCommand{} },
			examples: "oax cat @2 --last > answer.md\noax cat --code=2 | tee script.py"},
		{name: "grep", help: "Search the text of every session.", new: func() runner { return &grepCommand{} },
			examples: "oax grep 'rate limit' --since 3w\noax grep -l 'func \\w+Reader' | oax cat -"},
		{name: "mv", help: "Give a session a title.", new: func() runner { return &mvCommand{} },
			examples: "oax mv @ Why channels block\noax mv k3f ''"},
		{name: "cp", help: "Copy a session, to continue it in another way.", new: func() runner { return &cpCommand{} },
			examples: "oax cp k3f --at 2\noax --session \"$(oax cp @)\" and in Rust?"},
		{name: "rm", help: "Remove sessions, or bring them back.", new: func() runner { return &rmCommand{} },
			examples: "oax rm --older-than 6mo --dry-run\noax rm --undo"},
		{name: "retry", help: "Ask the last question of a session again.", new: func() runner { return &retryCommand{} },
			examples: "oax retry\noax retry k3f -m gpt-5"},
		{name: "import", help: "Import chats from other programs.", new: func() runner { return &importCommand{} },
			examples: "oax import chatgpt export.zip\noax import llm --dry-run"},
		{name: "merge", help: "Merge copies of sessions from another machine.", new: func() runner { return &mergeCommand{} },
			examples: "oax merge /media/usb/sessions --dry-run\noax merge backup/2026-11/*.jsonl"},
		{name: "serve", help: "Serve the page and the gateway for other programs.", new: func() runner { return &serveCommand{} },
			examples: "oax serve --open\neval \"$(oax serve --env)\""},
		{name: "models", help: "List the models that the endpoint offers.", new: func() runner { return &modelsCommand{} },
			examples: "oax models\noax models -p ollama"},
		{name: "tools", help: "List the tools that a model can be offered, or run one.", new: func() runner { return &toolsCommand{} },
			examples: "oax tools test docs.search\noax tools run weather '{\"city\": \"Oslo\"}'"},
		{name: "config", help: "Show the configuration, or edit it.", new: func() runner { return &configCommand{} },
			examples: "oax config show\noax config edit"},
		{name: "doctor", help: "Check the configuration, the endpoint and the sessions.", new: func() runner { return &doctorCommand{} },
			examples: "oax doctor\noax doctor -p ollama --json"},
		{name: "completion", help: "Print a script for your shell that completes oax commands with Tab.", new: func() runner { return &completionCommand{} },
			examples: "oax completion fish > ~/.config/fish/completions/oax.fish\neval \"$(oax completion bash)\""},
		{name: "help", help: "Show the help of oax, of a command, or a topic of the manual.", new: func() runner { return &helpCommand{} },
			examples: "oax help grep\noax help exit-status"},
		{name: "__complete", hidden: true, new: func() runner { return &completeCommand{} }},
		{name: "__man", hidden: true, new: func() runner { return &manCommand{} }},
		{name: "__pick", hidden: true, new: func() runner { return &pickCommand{} }},
	}
}

func commandNamed(word string) (command, bool) {
	for _, c := range commands() {
		if c.name == word {
			return c, true
		}
	}
	return command{}, false
}

// helpCommand prints help. `oax help me write a letter` is a prompt: see isCommand.
type helpCommand struct {
	baseFlags
	Topic string `arg:"" optional:"" help:"A command, or prompt, conversation, files, environment, api, tools, gateway or exit-status."`
}

// Run prints the help of a command, a topic of the manual, or the help of oax itself.
func (c *helpCommand) Run(ctx context.Context, p *Process, _ *report.Writer) error {
	if text := manual.Topic(c.Topic); text != "" {
		lib, _ := p.loadConfig(report.NewWriter(p.Stderr, true)) // help does not depend on the configuration
		viewer := turn.NewViewer(outputFlags{}.textOptions(p, lib.file))
		if viewer == nil {
			return p.printHelp(text)
		}
		return pagerFlags{}.paged(ctx, lib, false, func(out io.Writer) error {
			_, err := out.Write(viewer.Flush(viewer.Append(nil, []byte(text))))
			return err
		})
	}
	which, ok := commandNamed(c.Topic)
	if !ok {
		which = asking
	}
	_, err := which.parser(p).read(p, []string{"--help"}, "")
	return err
}

// formatHelp lets kong print help, no wider than the terminal: it does not see that one. It
// adds the commands to the help of oax itself. Kong knows them only while it prints: its
// parser runs after this.
func (p *Process) formatHelp(options kong.HelpOptions, ctx *kong.Context) error {
	if term.IsTerminal(p.Stdout) {
		columns, _ := term.Size(p.Stdout)
		options.WrapUpperBound = min(options.WrapUpperBound, columns)
	}
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
