package cli

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"oax/internal/completion"
	"oax/internal/manual"
	"oax/internal/term"
)

// helped returns what --help prints on a terminal of so many columns.
func helped(t *testing.T, columns string, args ...string) string {
	t.Helper()
	t.Setenv("COLUMNS", columns)
	r := newHome(t).run(append(args, "--help")...)
	if r.exit.Code != 0 || r.stderr != "" {
		t.Errorf("oax %s --help: %v, %s", strings.Join(args, " "), r.exit, r.stderr)
	}
	return r.stdout
}

// The help of a command says what it does, gives two examples, and explains every
// flag and argument.
func TestHelpOfEveryCommand(t *testing.T) {
	for _, c := range commands() {
		if c.hidden {
			continue
		}
		if !strings.HasSuffix(c.help, ".") || len(c.help) > 68 {
			t.Errorf("oax %s: the help is %q", c.name, c.help)
		}
		text := helped(t, "80", c.name)
		examples := strings.Split(c.examples, "\n")
		if len(examples) != 2 {
			t.Errorf("oax %s has %d examples", c.name, len(examples))
		}
		for _, part := range append(examples, "Usage: oax "+c.name, c.help, "Show this help.") {
			if !strings.Contains(text, part) {
				t.Errorf("oax %s --help has no %q:\n%s", c.name, part, text)
			}
		}
		parser := c.parser(&Process{})
		for _, flag := range parser.Model.Flags {
			if !flag.Hidden && !strings.HasSuffix(flag.Help, ".") {
				t.Errorf("oax %s --%s is explained as %q", c.name, flag.Name, flag.Help)
			}
		}
		for _, arg := range parser.Model.Positional {
			if arg.Help == "" {
				t.Errorf("oax %s <%s> is not explained", c.name, arg.Name)
			}
		}
	}
}

// An example is a line that works as it is: the flags are there, the words are what
// the command takes.
func TestExamplesParse(t *testing.T) {
	for _, c := range commands() {
		for _, example := range strings.Split(c.examples, "\n") {
			if c.hidden {
				continue
			}
			at := strings.Index(example, "oax "+c.name)
			if at < 0 {
				t.Errorf("%s is no example of %s", example, c.name)
				continue
			}
			words, _ := completion.ShellWords(strings.TrimRight(example[at:], `)"`))
			if end := slices.IndexFunc(words, func(w string) bool { return strings.Trim(w, "|<>;&") == "" }); end >= 0 {
				words = words[:end]
			}
			run, err := parse(newHome(t).process(), words[1:])
			if run == nil || err != nil {
				t.Errorf("%s: %v", example, err)
			}
		}
	}
}

// Help fits the terminal, but for lines that are as they are: those need 80 columns.
func TestHelpFits(t *testing.T) {
	pages := [][]string{nil}
	for _, c := range commands() {
		if !c.hidden {
			pages = append(pages, []string{c.name})
		}
	}
	asIs := regexp.MustCompile(`^    \S|^Usage: |^Run "`)
	for columns, most := range map[string]int{"80": 80, "40": 44} { // 4: a flag may be longer than its column
		for _, page := range pages {
			for line := range strings.Lines(helped(t, columns, page...)) {
				fits := most
				if asIs.MatchString(line) {
					fits = 80
				}
				if w := term.Width(strings.TrimSuffix(line, "\n")); w > fits {
					t.Errorf("oax %v --help: %d columns at %s: %s", page, w, columns, line)
				}
			}
		}
	}
}

// The help of a command lists the flags that matter to it, and no others.
func TestFlagsOfSmallCommands(t *testing.T) {
	for name, want := range map[string]string{
		"models":     "debug help json profile quiet timeout version",
		"config":     "help json model profile quiet timeout version",
		"doctor":     "color debug dry-run help json model profile quiet timeout version",
		"completion": "help quiet version",
	} {
		var flags []string
		for _, match := range regexp.MustCompile(`(?m)^ +(?:-., +)?--([a-z-]+)`).FindAllStringSubmatch(helped(t, "80", name), -1) {
			flags = append(flags, match[1])
		}
		slices.Sort(flags)
		if got := strings.Join(flags, " "); got != want {
			t.Errorf("oax %s --help lists %s, want %s", name, got, want)
		}
	}
}

// Each topic of the manual can be read with oax help, and what names them all does so.
func TestTopics(t *testing.T) {
	parser := command{new: func() runner { return &helpCommand{} }}.parser(&Process{})
	for _, topic := range manual.Topics() {
		got := newHome(t).run("help", topic)
		if got.stdout != manual.Topic(topic) || got.stderr != "" || got.exit.Code != 0 {
			t.Errorf("oax help %s: %+v", topic, got)
		}
		if !strings.Contains(parser.Model.Positional[0].Help, topic) {
			t.Errorf("oax help --help does not name %s", topic)
		}
	}
}
