package cli

import (
	"strings"

	"oax/internal/config"
	"oax/internal/manual"
	"oax/internal/report"
	"oax/internal/term"
)

// Which words are not sent.

// direction says what to type in place of a word.
type direction struct{ what, hint string }

// directions are words that are typed to find one's way and not to ask a model, which would
// be paid for. On a terminal, where a person can be told, oax does not send them.
var directions = map[string]direction{
	"list":     {"no command list; did you mean ls?", "oax ls"},
	"sessions": {"no command sessions; did you mean ls?", "oax ls"},
	"search":   {"no command search; did you mean grep?", "oax grep 'words'"},
	"login":    {"no command login: an API key is all that oax needs", "set OPENAI_API_KEY, or oax config edit"},
	"exit":     {"no command exit; Ctrl-D or /quit leaves a conversation", ""},
	"quit":     {"no command quit; Ctrl-D or /quit leaves a conversation", ""},
}

// checkWords refuses a prompt that was most likely meant for oax: a single word that is
// nearly a command or one of the words above, and help with a single word that is no
// command and no topic. They are asked on purpose after --, and by programs, which have no
// terminal.
func (p *Process) checkWords(words []string) error {
	if !term.IsTerminal(p.Stdin) {
		return nil
	}
	hint := "to ask it: oax --" + quoted(words)
	if len(words) == 2 && words[0] == "search" {
		return report.Usage(directions[words[0]].what, "oax grep "+report.Quote(words[1])+"; "+hint)
	}
	if len(words) == 2 && words[0] == "help" && !strings.ContainsAny(words[1], " \t\n") {
		return report.Usage("no command or topic "+words[1]+"; the topics are "+strings.Join(manual.Topics(), ", "), "oax --help lists the commands; "+hint)
	}
	if len(words) != 1 {
		return nil
	}
	if d, ok := directions[words[0]]; ok {
		if d.hint != "" {
			d.hint += "; "
		}
		return report.Usage(d.what, d.hint+hint)
	}
	for _, c := range commands() {
		slips := 1 // of the finger, and two in a longer name
		if len(c.name) > 4 {
			slips = 2
		}
		long := len(words[0]) > len(c.name)+slips // a prompt in quotes can be very long
		if !c.hidden && !long && config.Distance(words[0], c.name) <= slips {
			return report.Usage("no command "+words[0]+"; did you mean "+c.name+"?", hint)
		}
	}
	return nil
}
