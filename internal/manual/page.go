// Package manual is the manual of oax: manual.md, whose sections are the topics of
// `oax help`, and the manual page, in the language of man(7), which has them too. What the
// program takes on the command line comes from the grammar.
package manual

import (
	_ "embed" // for manual.md
	"fmt"
	"regexp"
	"strings"
	"time"
)

//go:embed manual.md
var source string

// topic is a section of the manual: its name, and its text in Markdown.
type topic struct{ name, text string }

func topics() []topic {
	var list []topic
	for _, section := range strings.Split(source, "\n## ")[1:] {
		name, text, _ := strings.Cut(section, "\n")
		list = append(list, topic{name, strings.TrimSpace(text) + "\n"})
	}
	return list
}

// Topics returns the names of the topics, in the order of the manual.
func Topics() []string {
	var names []string
	for _, t := range topics() {
		names = append(names, t.name)
	}
	return names
}

// Topic returns the text of a topic in Markdown, or nothing if there is no such topic.
func Topic(name string) string {
	for _, t := range topics() {
		if t.name == name {
			return t.text
		}
	}
	return ""
}

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
	m.paragraph("Standard output carries the answer and nothing else; everything else goes to standard error.")
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
	for _, t := range topics() {
		m.section(strings.ToUpper(strings.ReplaceAll(t.name, "-", " ")), "")
		m.markdown(t.text)
	}
	m.section("SEE ALSO", "curl(1), fzf(1), jq(1)")
	return m.String()
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

// markdown adds the text of a topic: items of a list, paragraphs of one line, and indented
// code.
func (m *page) markdown(text string) {
	for block := range strings.SplitSeq(strings.Trim(text, "\n"), "\n\n") {
		if code, ok := strings.CutPrefix(block, "    "); ok {
			m.literal(strings.ReplaceAll(code, "\n    ", "\n"))
		} else {
			m.lines(block)
		}
	}
}

func (m *page) lines(block string) {
	item := regexp.MustCompile("^- (`.*`): (.*)$")
	for line := range strings.Lines(block) {
		line = strings.TrimSpace(line)
		if parts := item.FindStringSubmatch(line); parts != nil {
			m.items([]Item{{strings.ReplaceAll(parts[1], "`", ""), parts[2]}})
		} else if line != "" {
			m.paragraph(line)
		}
	}
}

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
