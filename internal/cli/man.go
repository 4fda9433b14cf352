package cli

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// manCommand prints the manual page of oax, made of what --help is made of.
type manCommand struct{}

// Run writes the page in the language of man(7).
func (manCommand) Run(_ context.Context, env *Env) error {
	var m manPage
	fmt.Fprintf(&m, ".TH OAX 1 %s \"oax %s\"\n", env.Now().UTC().Format(time.DateOnly), env.Version)
	m.section("NAME", "oax - ask a chat model from the terminal, keep every answer, find it again")
	m.section("SYNOPSIS", "")
	m.literal("oax [flags] [prompt ...]\noax [flags] command [arguments]\nprogram | oax [flags] [prompt ...]")
	what, examples, _ := strings.Cut(description, "\n\n")
	m.section("DESCRIPTION", what)
	m.literal(examples)
	m.more("On a terminal, oax without a prompt is a conversation. Standard output carries the answer and nothing else; what else there is to say goes to standard error.")
	parser, err := env.parser("oax", description, &askCommand{}, allFlags)
	if err != nil {
		return err
	}
	m.section("OPTIONS", "")
	m.flags(parser.Model.Flags, nil)
	m.section("COMMANDS", "")
	if err := m.commands(env); err != nil {
		return err
	}
	m.rest()
	return env.print(m.String())
}

// manPage is a page while it is written.
type manPage struct{ strings.Builder }

func (m *manPage) section(title, text string) {
	fmt.Fprintf(m, ".SH %s\n", title)
	m.text(text)
}

func (m *manPage) text(text string) {
	if text != "" {
		fmt.Fprintln(m, roff(text))
	}
}

// more is a further paragraph.
func (m *manPage) more(text string) {
	fmt.Fprintln(m, ".PP")
	m.text(text)
}

// literal is text whose lines stay as they are.
func (m *manPage) literal(text string) {
	fmt.Fprintf(m, ".PP\n.nf\n%s\n.fi\n", roff(text))
}

// item is a word and what is to be said of it.
func (m *manPage) item(word, text string) {
	fmt.Fprintf(m, ".TP\n.B %s\n%s\n", roff(word), roff(text))
}

// commands are told with what flags they have besides those of every request.
func (m *manPage) commands(env *Env) error {
	for _, c := range commands() {
		if c.hidden {
			continue
		}
		parser, err := env.parser("oax "+c.name, c.help, c.new(), noFlags)
		if err != nil {
			return err
		}
		words := "oax " + c.name
		for _, p := range parser.Model.Positional {
			words += " [" + strings.ToUpper(p.Name) + "]"
		}
		fmt.Fprintf(m, ".SS %s\n", roff(words))
		m.text(c.help)
		if c.sends != noFlags {
			m.more("Takes the options of a request too.")
		}
		for _, p := range parser.Model.Positional {
			m.item(strings.ToUpper(p.Name), p.Help)
		}
		common := &flags{}
		everywhere, err := kong.New(&common.outputFlags)
		if err != nil {
			return err
		}
		m.flags(parser.Model.Flags, everywhere.Model.Flags)
		m.literal(c.examples)
	}
	return nil
}

// flags tells each flag that is not among some others.
func (m *manPage) flags(list, but []*kong.Flag) {
	known := map[string]bool{}
	for _, f := range but {
		known[f.Name] = true
	}
	for _, f := range list {
		if f.Hidden || known[f.Name] {
			continue
		}
		word := "--" + f.Name
		if f.Tag.Negatable != "" {
			word = "--[no-]" + f.Name
		}
		switch {
		case f.IsBool() && f.PlaceHolder != "":
			word += "[=" + f.PlaceHolder + "]"
		case !f.IsBool():
			word += " " + cmp.Or(f.PlaceHolder, strings.ToUpper(f.Name))
		}
		if f.Short != 0 {
			word = "-" + string(f.Short) + ", " + word
		}
		m.item(word, f.Help)
	}
}

// rest is what --help does not tell.
func (m *manPage) rest() {
	m.section("FILES", "")
	for _, f := range [][2]string{
		{"~/.config/oax/config.toml", "The configuration; oax config init writes one to begin with, oax config show tells what is in effect."},
		{"~/.local/share/oax/sessions/", "The sessions: a directory a month, a file of JSON lines a session. Only their owner can read them."},
		{"~/.local/state/oax/", "The message that was not sent, and what --debug wrote down."},
		{"~/.cache/oax/", "What can be deleted at any time."},
	} {
		m.item(f[0], f[1])
	}
	m.section("ENVIRONMENT", "A flag wins over the environment, that over the configuration.")
	for _, v := range [][2]string{
		{"OPENAI_API_KEY", "The key; a profile may name another variable."},
		{"OPENAI_BASE_URL", "The endpoint, if no profile is chosen."},
		{"OAX_PROFILE, OAX_MODEL", "As --profile and --model."},
		{"HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY", "The proxies, and the hosts that need none."},
		{"VISUAL, EDITOR, PAGER", "What text is written and read with."},
		{"NO_COLOR, FORCE_COLOR", "No styles, or styles also where no terminal is."},
		{"XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_STATE_HOME, XDG_CACHE_HOME", "Where the files are, in place of the directories above."},
	} {
		m.item(v[0], v[1])
	}
	m.section("EXIT STATUS", "")
	for code, means := range []string{
		"The whole answer was received and saved, or what was asked for is done.",
		exitNothing:    "Nothing was found, or any other failure.",
		exitUsage:      "The command line or the configuration makes no sense; nothing was sent.",
		exitIncomplete: "The answer is incomplete; what came is saved.",
		exitKey:        "A problem of key, permission or credit.",
		exitBusy:       "The service is busy or failing; trying later can work.",
		exitNetwork:    "The network failed before an answer began.",
		exitDisk:       "Something could not be saved, read or printed.",
		exitRefused:    "The service refused this request.",
	} {
		m.item(fmt.Sprint(code), means)
	}
	m.more("A run that a signal ended dies of that signal, once the answer is saved.")
	m.section("SEE ALSO", "curl(1), fzf(1), jq(1)")
}

// roff is text that man(7) prints as it is.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`, "…", `\&...`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
