package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"oax/internal/term"
)

// helped returns what --help prints on a terminal of so many columns.
func helped(t *testing.T, columns string, args ...string) string {
	t.Helper()
	t.Setenv("COLUMNS", columns)
	out, err := os.Create(filepath.Join(t.TempDir(), "help"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	env := &Env{Stdout: out, LookupEnv: os.LookupEnv}
	if run, err := parse(env, append(args, "--help")); run != nil || err != nil {
		t.Errorf("oax %s --help: %v", strings.Join(args, " "), err)
	}
	text, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The help of a command says what it does, gives two examples, and explains every
// flag and argument.
func TestHelpOfEveryCommand(t *testing.T) {
	for _, c := range commands() {
		if c.hidden {
			continue
		}
		if !strings.HasSuffix(c.help, ".") || len(c.help) > 64 {
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
		parser, err := (&Env{}).parser(c.name, "", c.new(), c.sends)
		if err != nil {
			t.Fatal(err)
		}
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
			words, _ := shellWords(strings.TrimRight(example[at:], `)"`))
			if end := slices.IndexFunc(words, func(w string) bool { return strings.Trim(w, "|<>;&") == "" }); end >= 0 {
				words = words[:end]
			}
			run, err := parse(&Env{}, words[1:])
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
