package cli

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Where flags may stand, and what is text. A | stands between the flags and the words, a
// command in brackets.
func TestSplitLine(t *testing.T) {
	parser := asking.parser(&Process{})
	for line, want := range map[string]string{
		"why is the sky blue":                  "|why is the sky blue",
		"-m gpt-5 why":                         "-m gpt-5|why",
		"-cm gpt-5 why":                        "-cm gpt-5|why",
		"-cmgpt-5 why":                         "-cmgpt-5|why",
		"--model=gpt-5 why":                    "--model=gpt-5|why",
		"why is the sky blue -m gpt-5 --stats": "-m gpt-5 --stats|why is the sky blue",
		"why -m":                               "-m|why",
		"what does tar -c do":                  "|what does tar -c do",
		"what does tar -c do --dry-run":        "--dry-run|what does tar -c do",
		"how do I use rm -rf":                  "|how do I use rm -rf",
		"how do I use rm -x":                   "|how do I use rm -x",
		"explain ls -m gpt-5 please":           "|explain ls -m gpt-5 please",
		"why --sttas":                          "--sttas|why",
		"why --modle gpt-5":                    "--modle gpt-5|why",
		"what does git --amend do":             "|what does git --amend do",
		"-- ls":                                "|ls",
		"-m x -- -v what is this":              "-m x|-v what is this",
		"why -- -m x":                          "|why -m x",
		"ls -n 20":                             "[ls]|-n 20",
		"-q ls":                                "-q[ls]|",
		"-p demo models":                       "-p demo[models]|",
		"list the files":                       "|list the files",
		"help":                                 "[help]|",
		"help ls":                              "[help]|ls",
		"help exit-status":                     "[help]|exit-status",
		"help files please":                    "|help files please",
		"help me write a letter":               "|help me write a letter",
		"help --json":                          "[help]|--json",
		"-t -p demo":                           "-t -p demo|",
		"-t review words":                      "-t review|words",
		"words -t":                             "-t|words",
		"-a - what":                            "-a -|what",
		"what is -":                            "|what is -",
		"-v a=b -t x w":                        "-v a=b -t x|w",
		"-x what":                              "-x|what",
	} {
		l := splitLine(parser.Model.Flags, strings.Fields(line))
		got := strings.Join(l.flags, " ")
		if l.command != "" {
			got += "[" + l.command + "]"
		}
		got += "|" + strings.Join(l.words, " ")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", line, diff)
		}
	}
}
