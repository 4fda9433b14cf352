//go:build unix

package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"oax/internal/demo"
	"oax/internal/term"
)

// What a person types to find their way is never sent: on a terminal it runs the right
// command, or is answered by what to type.
func TestWordsAreNotSent(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]string{
		"help":         "Usage: oax ",
		"help grep":    "Usage: oax grep ",
		"help grpe":    "oax: no command or topic grpe; the topics are prompt, ",
		"version":      "oax (devel)",
		"list":         "oax: no command list; did you mean ls?\nhint: oax ls; to ask it: oax -- list\n",
		"sessions":     "oax: no command sessions; did you mean ls?\nhint: oax ls; to ask it: oax -- sessions\n",
		"search kafka": "oax: no command search; did you mean grep?\nhint: oax grep kafka; to ask it: oax -- search kafka\n",
		"login":        "oax: no command login: an API key is all that oax needs\nhint: set OPENAI_API_KEY, or oax config edit; to ask it: oax -- login\n",
		"exit":         "oax: no command exit; Ctrl-D or /quit leaves a conversation\nhint: to ask it: oax -- exit\n",
		"quit":         "oax: no command quit; Ctrl-D or /quit leaves a conversation\nhint: to ask it: oax -- quit\n",
		"lss":          "oax: no command lss; did you mean ls?\nhint: to ask it: oax -- lss\n",
	} {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			h, script := scripted(t, demo.Stream(demo.Answer("sent")...))
			c := h.at(h.command(strings.Fields(words)...))
			c.end()
			holdsAll(t, c.sent(), want)
			requested(t, script, 0)
		})
	}
}

// A prompt that begins like a command is sent.
func TestWordsAreSent(t *testing.T) {
	t.Parallel()
	h, script := scripted(t, demo.Stream(demo.Answer("yes")...), demo.Stream(demo.Answer("yes")...))
	for _, words := range []string{"help me write a letter", "search for ways to cook rice"} {
		c := h.at(h.command(strings.Fields(words)...))
		if r := c.end(); r.code != 0 {
			t.Errorf("%q: exit %d: %s", words, r.code, c.sent())
		}
	}
	requested(t, script, 2)
}

// Flag values that cannot be sent, and flags that do not go together.
func TestFlagMistakes(t *testing.T) {
	t.Parallel()
	h, script := scripted(t)
	for line, want := range map[string]string{
		"--temperature NaN hi":               "oax: --temperature: NaN is not a number that can be sent\nhint: --temperature 0.7\n",
		"--top-p Inf hi":                     "oax: --top-p: +Inf is not a number that can be sent\nhint: --top-p 0.7\n",
		"--max-input 9223372036854775807 hi": "oax: --max-input: 9223372036854775807 is not between 1 and 1048576 MiB\nhint: --max-input 100\n",
		"--max-input=-1 hi":                  "oax: --max-input: -1 is not between 1 and 1048576 MiB\nhint: --max-input 100\n",
		"--json --code hi":                   "oax: --json and --code do not go together\nhint: oax cat --code prints the code of the last answer\n",
		"--last=-3 hi":                       "oax: --last: -3 is not a number of turns\nhint: --last 3\n",
		"explain this --sttas":               "oax: unknown flag --sttas\nhint: did you mean --stats? to send it as text: oax -- explain this --sttas\n",
		"explain git commit --amend":         "oax: unknown flag --amend\nhint: to send it as text: oax -- explain git commit --amend\n",
		"-t -p demo":                         "oax: there are no templates\nhint: oax config edit, and write [templates.NAME] with prompt = \"...\"\n",
		"cat videos of cats":                 "oax: no session videos\nhint: to ask it: oax -- cat videos of cats\n",
		"--last -3 hi":                       "oax: --last needs a value\nhint: see oax --help; to send a prompt that begins with -, put it after --\n",
		"--session @ hi":                     "oax: there are no sessions yet\nhint: oax \"question\" begins one\n",
	} {
		if r := h.run(strings.Fields(line)...); r.stderr != want || r.stdout != "" || r.code == 0 {
			t.Errorf("oax %s: exit %d\n%s%s\nwant\n%s", line, r.code, r.stdout, r.stderr, want)
		}
	}
	requested(t, script, 0)
}

// Help that nobody reads to its end ends alike every time.
func TestHelpIntoHead(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	for range reduced(t, "times", 20, 3) {
		read, write, err := os.Pipe()
		must(t, err)
		cmd := h.command("--help")
		cmd.Stdout = write
		read.Close() // before the program begins: it cannot win the race
		err = cmd.Run()
		write.Close()
		if err != nil {
			t.Fatalf("it ended with %v", err)
		}
	}
	if err := exec.Command("sh", "-c", binary+" --help | head -1 >/dev/null").Run(); err != nil {
		t.Error(err)
	}
}

// A first question that failed can be asked again, and is not what @ and -c mean.
func TestFailedAskIsNotTheLast(t *testing.T) {
	t.Parallel()
	h, script := scripted(t,
		demo.Stream(demo.Answer("first")...),
		demo.Reply(401, "application/json", `{"error":{"message":"bad key"}}`),
		demo.Stream(demo.Answer("continued")...),
		demo.Stream(demo.Answer("again")...))
	h.run("one")
	if r := h.run("two"); r.code != 4 {
		t.Fatalf("%+v", r)
	}
	h.checkRun(h.run("-c", "more"), want{stdout: "continued\n"})
	if body := string(script.Requests()[2].Body); !strings.Contains(body, `"one"`) || strings.Contains(body, `"two"`) {
		t.Errorf("-c continues with %s", body)
	}
	holdsAll(t, h.run("cat", "--role", "user", "@2").stdout, "two")
}

// A topic of the manual is laid out for the window of a terminal; a pipe gets its source.
func TestTopicFitsTheWindow(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.env["TERM"], h.env["OAX_PAGER"] = "xterm", "cat"
	c := h.at(h.command("help", "conversation"))
	if r := c.end(); r.code != 0 {
		t.Fatalf("exit %d: %s", r.code, c.sent())
	}
	shown := c.shown()
	for line := range strings.Lines(shown) {
		if width := term.Width(strings.TrimRight(unstyled(line), "\r\n")); width > 80 {
			t.Errorf("%d columns: %q", width, line)
		}
	}
	holdsAll(t, shown, "beginning or the end of the line")
	holdsNone(t, shown, "`")
	if r := h.run("help", "conversation"); r.code != 0 || !strings.Contains(r.stdout, "- `Ctrl-C`: Stop the answer, or drop the message that is being typed; Up brings it back.\n") {
		t.Errorf("a pipe gets %+v", r)
	}
}
