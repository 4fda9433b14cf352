// Package manual writes the manual page of oax in the language of man(7). What the program
// takes comes from the grammar of the command line; this package knows the rest: the files,
// the environment and the exit codes.
package manual

import (
	"fmt"
	"strings"
	"time"

	"oax/internal/report"
)

// Page is what the page is made of.
type Page struct {
	Version     string
	Date        time.Time
	Description string // what the program does; then, after a blank line, examples
	Options     []Item // of oax without a command
	Commands    []Command
}

// Command is a command of oax.
type Command struct {
	Usage    string // the command line
	Help     string
	Examples string   // one a line
	Items    []Item   // its arguments and flags
	Shared   []string // its flags that are among the options
}

// Item is a word or a few that belong together, and the explanation.
type Item struct{ Word, Text string }

// String returns the page.
func (p Page) String() string {
	var m page
	fmt.Fprintf(&m, ".TH OAX 1 %s \"oax %s\"\n", p.Date.UTC().Format(time.DateOnly), p.Version)
	m.section("NAME", "oax - ask a chat model from the terminal, keep every answer, find it again")
	m.section("SYNOPSIS", "")
	m.literal("oax [flags] [prompt ...]\noax [flags] command [arguments]\nprogram | oax [flags] [prompt ...]")
	what, examples, _ := strings.Cut(p.Description, "\n\n")
	m.section("DESCRIPTION", what)
	m.literal(examples)
	m.paragraph("On a terminal, oax without a prompt is a conversation. Standard output carries the answer and nothing else; everything else goes to standard error.")
	m.section("OPTIONS", "", p.Options...)
	m.section("COMMANDS", "")
	for _, c := range p.Commands {
		fmt.Fprintf(&m, ".SS %s\n%s\n", roff(c.Usage), roff(c.Help))
		m.items(c.Items)
		if len(c.Shared) > 0 {
			m.paragraph("Also, as above: " + strings.Join(c.Shared, ", ") + ".")
		}
		m.literal(c.Examples)
	}
	m.section("FILES", "", files...)
	m.section("ENVIRONMENT", "A flag wins over the environment, and the environment over the configuration.", environment...)
	m.section("EXIT STATUS", "", exitCodes()...)
	m.paragraph("A run that a signal ended dies of that signal, once the answer is saved.")
	m.section("SEE ALSO", "curl(1), fzf(1), jq(1)")
	return m.String()
}

var files = []Item{
	{"~/.config/oax/config.toml", "The configuration. oax config init writes one to start from, oax config show prints the settings in effect."},
	{"~/.local/share/oax/sessions/", "The sessions: a directory for each month, a file of JSON lines for each session. Only their owner can read them."},
	{"~/.local/state/oax/", "The message that was typed and not sent, and the log of --debug."},
	{"~/.cache/oax/", "Files that can be deleted at any time."},
}

var environment = []Item{
	{"OPENAI_API_KEY", "The key; a profile may name another variable."},
	{"OPENAI_BASE_URL", "The endpoint, if no profile is chosen."},
	{"OAX_PROFILE, OAX_MODEL", "As --profile and --model."},
	{"HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY", "The proxies, and the hosts that need none."},
	{"VISUAL, EDITOR, PAGER", "The programs to write and read text with."},
	{"NO_COLOR, FORCE_COLOR", "No styles, or styles even if the output is no terminal."},
	{"XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_STATE_HOME, XDG_CACHE_HOME", "The directories of the files, in place of those above."},
}

func exitCodes() []Item {
	var items []Item
	for code, means := range []string{
		"The whole answer was received and saved, or the command did its work.",
		report.ExitFailure:    "Nothing was found, or any other failure.",
		report.ExitUsage:      "The command line or the configuration is wrong; nothing was sent.",
		report.ExitIncomplete: "The answer is incomplete; what came is saved.",
		report.ExitKey:        "A problem with the key, a permission or the credit.",
		report.ExitBusy:       "The service is busy or failing; trying later can work.",
		report.ExitNetwork:    "The network failed before an answer began.",
		report.ExitDisk:       "Something could not be saved, read or printed.",
		report.ExitRefused:    "The service refused this request.",
	} {
		items = append(items, Item{fmt.Sprint(code), means})
	}
	return items
}

// page is a page while it is written.
type page struct{ strings.Builder }

func (m *page) section(title, text string, items ...Item) {
	fmt.Fprintf(m, ".SH %s\n", title)
	if text != "" {
		fmt.Fprintln(m, roff(text))
	}
	m.items(items)
}

func (m *page) items(items []Item) {
	for _, i := range items {
		fmt.Fprintf(m, ".TP\n.B %s\n%s\n", roff(i.Word), roff(i.Text))
	}
}

func (m *page) paragraph(text string) { fmt.Fprintf(m, ".PP\n%s\n", roff(text)) }

// literal adds text whose lines stay as they are.
func (m *page) literal(text string) { fmt.Fprintf(m, ".PP\n.nf\n%s\n.fi\n", roff(text)) }

// roff returns text that man(7) prints as it is.
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
