package cli

import (
	"context"
	"strings"
)

// completeCommand is what Tab runs. Its arguments are the words behind oax, the last
// of which is completed; for bash see replyToBash. The first line of its reply says
// what follows, a suggestion a line: "plain" words, a "list" (a word, a tab and what
// it is or, for zsh, the line to show of it), or "files", which the shell knows best.
// Bash, which has no use for the tab, is given the words alone or the lines alone.
//
// It writes nothing, runs no key_command and asks no network, and if anything is
// wrong it says nothing: a person is about to type on.
type completeCommand struct {
	Shell   string   `arg:""`
	Columns int      `arg:""` // of the terminal
	Words   []string `arg:"" optional:""`
}

// Run prints the reply.
func (c *completeCommand) Run(_ context.Context, env *Env) error {
	silent := env.quietly()
	last := len(c.Words) - 1
	switch {
	case c.Shell == "bash" && len(c.Words) == 3:
		return silent.replyToBash(c.Columns, c.Words[0], c.Words[1], c.Words[2])
	case last < 0:
		return nil
	}
	found := silent.complete(c.Words[:last], c.Words[last])
	lines := found.words()
	if c.Shell == "zsh" && found.kind() == "list" {
		lines = beside(lines, found.lines(c.Columns))
	}
	if c.Shell == "fish" {
		lines = beside(lines, found.abouts())
	}
	return silent.reply(found.kind(), lines)
}

// replyToBash completes the last word of the line, of which what is typed gets
// replaced. Bash has no place for what a word is: only where it will insert none of
// them, as how says, it gets the whole lines.
func (env *Env) replyToBash(columns int, how, typed, line string) error {
	words, quote := shellWords(line)
	last := len(words) - 1
	if last < 1 {
		return nil
	}
	found := env.complete(words[1:last], words[last])
	found.all = forBash(found.all, words[last], typed, quote)
	if lists(how) && len(found.all) > 1 && found.kind() == "list" {
		return env.reply("list", found.lines(columns))
	}
	return env.reply(found.kind(), found.words())
}

// lists reports whether bash shows the words of a completion of such a type and
// inserts what they have in common: ?, ! or @, by their number in ASCII.
func lists(how string) bool { return how == "63" || how == "33" || how == "64" }

func beside(left, right []string) []string {
	both := make([]string, len(left))
	for i := range left {
		both[i] = left[i] + "\t" + right[i]
	}
	return both
}

func (env *Env) reply(kind string, lines []string) error {
	return env.print(kind + "\n" + strings.Join(append(lines, ""), "\n"))
}
