package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"oax/internal/demo"
)

// converse opens a terminal and runs the program there. See sane for its end.
func (h *home) converse(args string) *window {
	h.t.Helper()
	return h.window(80, 24, sane(`"$OAX" `+args))
}

// prompts waits until the program waits for a message.
func (w *window) prompts() string {
	w.t.Helper()
	return w.until("the program waits for a message", func(screen string) bool {
		return strings.HasSuffix(strings.TrimRight(screen, " \n"), "\n>") || strings.TrimSpace(screen) == ">"
	})
}

// says sends a message, once the program waits for one, and waits for its answer.
func (w *window) says(text, answer string) {
	w.t.Helper()
	w.prompts()
	w.enters(text, answer)
}

// leaves leaves the conversation once it waits for a message.
func (w *window) leaves(code string) {
	w.t.Helper()
	w.prompts()
	w.keyShows("C-d", code)
}

func (h *home) draft() string {
	text, _ := os.ReadFile(filepath.Join(h.dir, ".local/state/oax/draft.txt"))
	return string(text)
}

func answers3() []demo.Exchange {
	return []demo.Exchange{demo.Stream(demo.Answer("first answer")...), demo.Stream(demo.Answer("second answer")...), demo.Stream(demo.Answer("third answer")...)}
}

func TestConversation(t *testing.T) {
	t.Parallel()
	h, script := scripted(t, answers3()...)
	w := h.converse("")
	w.says("日本語の質問", "first answer")
	w.says("/retry", "second answer")
	w.prompts()
	w.types("/system be kind")
	w.keys("Enter")
	w.says("more", "third answer")
	w.leaves("code 0, sane")
	h.checkChats("q 日本語の質問 | a first answer | a second answer | system? be kind | q more | a third answer")
	last := script.Requests()[2].Body
	holdsAll(t, string(last), `"日本語の質問"`, `"second answer"`, `"be kind"`, `"more"`)
	holdsNone(t, string(last), "first answer")
	equal(t, "the draft", h.draft(), "")
}

func TestConversationForks(t *testing.T) {
	t.Parallel()
	h, _ := scripted(t, answers3()...)
	w := h.converse("")
	w.says("one", "first answer")
	w.says("two", "second answer")
	w.says("/fork 1", "a new session with 1 turn")
	w.says("other", "third answer")
	w.says("/quit", "code 0, sane")
	h.checkChats("q one | a first answer | q two | a second answer", "q one | a first answer | q other | a third answer")
}

func TestConversationAfterPipe(t *testing.T) {
	t.Parallel()
	h, script := scripted(t, answers3()...)
	w := h.window(80, 24, `echo piped | "$OAX" -i words; echo code $?`)
	w.shows("first answer")
	w.says("and then", "second answer")
	w.leaves("code 0")
	h.checkChats("q words\n\npiped | a first answer | q and then | a second answer")
	requested(t, script, 2)
}

func TestConversationCommands(t *testing.T) {
	t.Parallel()
	h, _ := scripted(t, answers3()...)
	w := h.converse("")
	w.prompts()
	w.types("/")
	w.keyShows("Tab", "list the models, or ask another one")
	w.types("q")
	w.keyShows("Tab", "> /quit")
	w.keys("C-u")
	w.says("/modle x", "did you mean /model?")
	w.says("/model other", "other at http://127.0.0.1")
	w.says("//usr is a directory", "first answer")
	w.says("/stats", "the service sent no usage")
	w.says("/help", "/sessions")
	w.prompts()
	w.types("/edit ")
	w.keyShows("Tab", "> /edit 1")
	w.keys("C-u")
	w.says("exit", "press Enter to leave")
	w.prompts()
	w.keyShows("Enter", "code 0, sane")
	h.checkChats("q /usr is a directory | a first answer")
}

// TestConversationRemembers: the arrow key goes back to what was asked in other
// conversations, and a key opens the editor.
func TestConversationRemembers(t *testing.T) {
	t.Parallel()
	h, _ := scripted(t, answers3()...)
	h.env["EDITOR"] = `writes() { printf '%s by the editor' "$(cat "$1")" > "$1"; }; writes`
	w := h.converse("")
	w.says("one\\", "> one\n")
	w.enters("two", "first answer")
	w.leaves("code 0, sane")
	w = h.converse("")
	w.prompts()
	w.keyShows("Up", "two")
	w.keys("C-x", "C-e")
	w.shows("two by the editor")
	w.keyShows("Enter", "second answer")
	w.says("/edit", ">  by the editor")
	w.keyShows("Enter", "third answer")
	w.leaves("code 0, sane")
	h.checkChats("q one\ntwo | a first answer", "q one\ntwo by the editor | a second answer | q  by the editor | a third answer")
}

// TestConversationRemoved: a session that somebody removes is begun anew, whole.
func TestConversationRemoved(t *testing.T) {
	t.Parallel()
	h, script := scripted(t, answers3()...)
	w := h.converse("")
	w.says("one", "first answer")
	w.prompts()
	h.run("rm", "-y", "@")
	h.checkChats()
	w.says("two", "the chat goes on in a new one")
	w.shows("second answer")
	w.leaves("code 0, sane")
	h.checkChats("q one | a first answer | q two | a second answer")
	holdsAll(t, string(script.Requests()[1].Body), "first answer")
}

func TestConversationAttaches(t *testing.T) {
	t.Parallel()
	h, script := scripted(t, answers3()...)
	h.write("メモ.md", "# a note\n")
	w := h.converse("")
	w.says("/attach nothing.md", "cannot read nothing.md")
	w.says("/attach メモ.md", "1 file will go with the next message")
	w.says("what is this", "first answer")
	w.says("and now", "second answer")
	w.leaves("code 0, sane")
	holdsAll(t, string(script.Requests()[0].Body), "# a note", "メモ.md")
	if second := string(script.Requests()[1].Body); strings.Count(second, "# a note") != 1 {
		t.Errorf("sent %s", second)
	}
}

func TestConversationCopies(t *testing.T) {
	t.Parallel()
	h, _ := scripted(t, demo.Stream(demo.Answer("So:\n\n```sh\necho \U000e0041first\n```\n\n```sh\necho second\n```\n")...))
	w := h.converse("")
	w.tmux("set-option", "-g", "set-clipboard", "on")
	w.says("how", "echo second")
	w.says("/copy 2", "sent 1 line to the terminal's clipboard")
	copied := func() string { return strings.TrimSuffix(w.tmux("show-buffer"), "\n") } // a reply ends its last line
	equal(t, "copied", copied(), "echo second\n")
	w.says("/copy 1", "1 hidden character removed")
	eventually(t, "it is copied", func() bool { return copied() == "echo first\n" })
	w.says("/code 3", "there is no code block 3")
	w.says("/title 題名 of my own", "the title of this session is now: 題名 of my own")
	w.says("/quit", "code 0, sane")
	holdsAll(t, h.run("ls").stdout, "題名 of my own")
}

// TestConversationUnsent: a message that cannot be sent is there again, with its files, and
// Ctrl-C while the key is fetched does not end the conversation.
func TestConversationUnsent(t *testing.T) {
	t.Parallel()
	h, script := scripted(t, answers3()...)
	h.write("note.md", "# a note\n")
	profile := "base_url = \"" + h.env["OPENAI_BASE_URL"] + "\"\nmodel = \"m\"\n"
	delete(h.env, "OPENAI_BASE_URL")
	must(t, os.MkdirAll(filepath.Join(h.env["XDG_CONFIG_HOME"], "oax"), 0o700))
	write(t, filepath.Join(h.env["XDG_CONFIG_HOME"], "oax", "config.toml"), "[profiles.good]\n"+profile+
		"[profiles.slow]\n"+profile+"key_command = \"touch started; exec sleep 60\"\n"+
		"[profiles.dead]\n"+profile+"key_command = \"exit 3\"\n")
	w := h.converse("-p slow")
	w.says("/attach note.md", "1 file will go with the next message")
	w.says("質問", "質問")
	eventually(t, "the key is fetched", func() bool { _, ok := h.files()["started"]; return ok })
	w.keyShows("C-c", "oax: stopped\n> 質問")
	equal(t, "the draft", h.draft(), "質問")
	isThere := func() {
		t.Helper()
		w.until("the message is there again", func(screen string) bool { return strings.HasSuffix(strings.TrimSpace(screen), "> 質問") })
	}
	command := func(text, answer string) {
		t.Helper()
		isThere()
		w.keys("C-u")
		w.types(text)
		w.keyShows("Enter", answer)
	}
	command("/profile dead", "key_command exited 3")
	command("/profile good", "m at http://127.0.0.1")
	isThere()
	w.keyShows("Enter", "first answer")
	w.leaves("code 0, sane")
	equal(t, "the draft", h.draft(), "")
	requested(t, script, 1)
	holdsAll(t, string(script.Requests()[0].Body), "質問", "# a note")
}

// obeysNothing: no stored prompt, draft or paste makes the terminal do
// anything, and each is sent as it is.
func obeysNothing(t *testing.T) {
	const evil = "log \x1b]0;evil\a\x1b]52;c;ZXZpbA==\a\x1b[6n\u009d0;evil\u009c\u202e line"
	const drawn = "log ^[]0;evil^G^[]52;c;ZXZpbA==^G^[[6n"
	h, script := scripted(t, answers3()...)
	h.run(evil)
	w := h.converse("")
	w.tmux("set-option", "-g", "set-clipboard", "on")
	w.prompts()
	w.keys("Up")
	w.shows("> " + drawn)
	w.keys("C-u", "C-r")
	w.types("log")
	w.shows("> " + drawn)
	w.shows("search: log")
	w.keys("C-g", "C-u")
	w.tmux("set-buffer", "-b", "paste", evil)
	w.tmux("paste-buffer", "-d", "-p", "-b", "paste")
	w.shows("> " + drawn)
	w.keys("C-c") // now it is the draft
	w.prompts()
	w.leaves("code 0, sane")
	w.notObeyed()

	dumb := h.window(80, 24, `TERM=dumb "$OAX"; echo code $?`)
	dumb.tmux("set-option", "-g", "set-clipboard", "on")
	dumb.shows("log ^[]0;evil^G^[]52;c;ZXZpbA==^G^[[6n")
	dumb.keys("Enter") // it sends the draft
	dumb.shows("second answer")
	dumb.leaves("code 0")
	dumb.notObeyed()

	w = h.converse("-c")
	w.tmux("set-option", "-g", "set-clipboard", "on")
	w.shows("log ^[]0;evil^G")
	w.prompts()
	w.keys("Up", "Enter")
	w.shows("third answer")
	w.leaves("code 0, sane")
	w.notObeyed()
	h.checkChats("q "+evil+" | a first answer", "q "+evil+" | a second answer | q "+evil+" | a third answer")
	requested(t, script, 3)
}

// notObeyed checks that no text set the title or the clipboard of the terminal.
func (w *window) notObeyed() {
	w.t.Helper()
	holdsNone(w.t, w.tmux("display-message", "-p", "#{pane_title}"), "evil")
	equal(w.t, "the clipboard", w.tmux("list-buffers"), "")
}

// TestConversationUnknownTerminal: a terminal whose description is not installed gets the
// editor.
func TestConversationUnknownTerminal(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"xterm-ghostty", "xterm-kitty"} {
		h, _ := scripted(t, answers3()...)
		h.env["TERMINFO"] = filepath.Join(h.dir, "none")
		w := h.converse("")
		w.leaves("code 0, sane")
		w = h.window(80, 24, "TERM="+name+` "$OAX"; echo code $?`)
		w.prompts()
		w.types("/ti")
		w.keyShows("Tab", "> /title")
		w.keys("C-u")
		w.leaves("code 0")
	}
}

// conversing are the faults of a conversation at a terminal.
var conversing = []fault{
	{row: "A3", what: "no prompt, and nobody to ask for it", test: func(t *testing.T) {
		for _, args := range []string{"--json", "--dry-run", "| cat"} {
			h, script := scripted(t)
			w := h.window(80, 24, `set -o pipefail; "$OAX" `+args+`; echo code $?`)
			w.shows("code 2")
			w.shows(`hint: oax "question", or pipe text in`)
			requested(t, script, 0)
		}
	}},
	{row: "A3", what: "no prompt at a terminal", test: func(t *testing.T) {
		h, script := scripted(t)
		w := h.converse("")
		w.leaves("code 0, sane")
		requested(t, script, 0)
	}},
	{row: "E3", what: "Ctrl-C in the answer", test: func(t *testing.T) {
		h, script := scripted(t, demo.Stream(demo.Send(demo.Chunk("half an")), demo.Hold()), demo.Stream(demo.Answer("whole")...))
		w := h.converse("")
		w.says("hi", "half")
		w.keyShows("C-c", "stopped; partial answer kept")
		w.says("again", "whole")
		w.leaves("code 0, sane")
		h.checkChats("q hi | a half an stopped | q again | a whole")
		holdsAll(t, string(script.Requests()[1].Body), "half an")
	}},
	{row: "E6", what: "Ctrl-C at the prompt", test: func(t *testing.T) {
		h, _ := scripted(t, answers3()...)
		w := h.converse("")
		w.prompts()
		w.types("not sent")
		w.shows("not sent")
		w.keyShows("C-c", "press Ctrl-D or type /quit to leave")
		eventually(t, "the draft is kept", func() bool { return h.draft() == "not sent" })
		w.prompts()
		w.keyShows("Up", "> not sent")
		w.keys("C-u", "C-d")
		w.shows("code 0, sane")
	}},
	{row: "E7", what: "Ctrl-D at the prompt", test: func(t *testing.T) {
		h, _ := scripted(t, answers3()...)
		before := len(h.files())
		w := h.converse("")
		w.leaves("code 0, sane")
		if n := len(h.files()); n > before+1 { // the window's script
			t.Errorf("files: %v", h.files())
		}
	}},
	{row: "E10", what: "the terminal is closed with text typed", test: func(t *testing.T) {
		h, _ := scripted(t, answers3()...)
		w := h.converse("")
		w.prompts()
		w.types("unfinished 質問")
		w.shows("unfinished 質問")
		w.close()
		eventually(t, "the draft is kept", func() bool { return h.draft() == "unfinished 質問" })
		eventually(t, "nothing is left of it", func() bool { return len(processes(h.dir)) == 0 })
		w = h.converse("")
		w.shows("> unfinished 質問")
		w.keyShows("Enter", "first answer")
		eventually(t, "the draft is gone", func() bool { return h.draft() == "" })
	}},
	{row: "E10", what: "SIGTERM with text typed", test: func(t *testing.T) {
		h, _ := scripted(t, answers3()...)
		w := h.converse("")
		w.prompts()
		w.types("unfinished")
		w.shows("unfinished")
		for _, p := range processes(h.dir) {
			if strings.HasPrefix(p.cmdline, binary+"\x00") {
				signalTo(p.pid, syscall.SIGTERM)
			}
		}
		w.shows("code 143, sane")
		equal(t, "the draft", h.draft(), "unfinished")
	}},
	{row: "E23", what: "a conversation with TERM=dumb", test: func(t *testing.T) {
		h, _ := scripted(t, answers3()...)
		w := h.window(80, 24, `TERM=dumb "$OAX"; echo code $?`)
		w.says("first \\\nline", "first answer")
		w.leaves("code 0")
		h.checkChats("q first \nline | a first answer")
	}},
	{row: "E28", what: "many lines are pasted", test: func(t *testing.T) {
		h, _ := scripted(t, answers3()...)
		w := h.converse("")
		w.prompts()
		var lines []string
		for range 300 {
			lines = append(lines, "\tタブ and some text")
		}
		text := strings.Join(lines, "\n")
		file := filepath.Join(h.env["TMPDIR"], "paste")
		write(t, file, text)
		w.tmux("load-buffer", file)
		w.tmux("paste-buffer", "-p")
		w.types(" end")
		w.shows("text end")
		w.keyShows("Enter", "first answer")
		w.leaves("code 0, sane")
		h.checkChats("q " + text + " end | a first answer")
	}},
	{row: "E28", what: "a paste with the mark of its end in it", test: func(t *testing.T) {
		h, _ := scripted(t, answers3()...)
		c := h.at(h.command())
		c.prompts()
		c.press("\x1b[200~one\x1b[201~\rtwo\x1b[201~\r")
		c.shows("first answer")
		c.prompts()
		c.press("\x04")
		c.end()
		h.checkChats("q one\x1b[201~\ntwo | a first answer")
	}},
	{row: "E19", what: "Ctrl-Z and SIGTSTP in a conversation", test: suspended},
	{row: "E19", what: "Ctrl-Z and SIGTSTP in the picker", test: pickerSuspended},
	{row: "E32", what: "keys of every kind", test: typedAhead},
	{row: "E33", what: "on a terminal", waits: true, test: silence},
	{row: "E34", what: "with and without the focus", test: notified},
	{row: "E34", what: "with the service's words", test: notifiedHostile},
	{row: "E35", what: "on a terminal", waits: true, test: keySaidFirst},
	{row: "G33", what: "by the history, the draft, a paste", test: obeysNothing},
	{row: "E29", what: "the editor does not edit", test: func(t *testing.T) {
		for _, editor := range []string{"false", "/nope", "true"} {
			h, script := scripted(t)
			h.env["EDITOR"] = editor
			h.varies = []*regexp.Regexp{regexp.MustCompile(`(?m)^\S*/nope: .*not found\n`)} // the shell's words
			h.checkRun(h.run("-e", "some", "words"), want{code: 1})
			kept := 0
			for path, text := range h.files() {
				if strings.Contains(path, "/state/") && text == "some words" {
					kept++
				}
			}
			if kept != 1 {
				t.Errorf("%s: it is kept in %d files of %v", editor, kept, h.files())
			}
			requested(t, script, 0)
		}
	}},
	{row: "E30", what: "the editor shows its environment", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Stream(demo.Answer("yes")...))
		script := filepath.Join(h.dir, "editor.sh")
		must(t, os.WriteFile(script, []byte("#!/bin/sh\nenv > ~/seen\necho edited > \"$1\"\n"), 0o700))
		h.env["VISUAL"] = script
		h.check(h.run("-e"), want{stdout: "yes\n", prompt: "edited", answer: "yes"})
		if seen := h.files()["seen"]; !strings.Contains(seen, "HOME=") || strings.Contains(seen, "API_KEY") {
			t.Errorf("the editor saw %q", seen)
		}
	}},
	{row: "F6", what: "disk full in a conversation", test: func(t *testing.T) {
		h, script := scripted(t, answers3()...)
		cmd, unmount := h.fullDisk(0)
		env := ""
		for _, word := range cmd.Args {
			env += " '" + word + "'"
		}
		w := h.window(80, 24, strings.TrimSpace(env)+`; echo code $?`)
		w.says("one", "first answer")
		w.shows("oax: NOT SAVING — disk full")
		w.says("two", "second answer")
		w.leaves("code 7")
		holdsAll(t, string(script.Requests()[1].Body), "first answer")
		unmount()
		h.checkChats()
	}},
}

// TestLongConversation is an hour of it in a second: 20 turns, a paste, two stops,
// commands, other window sizes, and a terminal that is closed in the answer.
func TestLongConversation(t *testing.T) {
	t.Parallel()
	half := demo.Stream(demo.Send(demo.Chunk("half an answer")), demo.Hold())
	var replies []demo.Exchange
	for i := range 20 {
		replies = append(replies, demo.Stream(demo.Answer(fmt.Sprintf("answer %d.", i))...))
	}
	replies[5], replies[11], replies[19] = half, half, half
	h, script := scripted(t, replies...)
	w := h.converse("")
	var want []string
	turn := func(i int) {
		t.Helper()
		said := fmt.Sprintf("質問 %d", i)
		w.says(said, fmt.Sprintf("answer %d.", i))
		want = append(want, "q "+said, fmt.Sprintf("a answer %d.", i))
	}
	stopped := func(i int) {
		t.Helper()
		said := fmt.Sprintf("stop %d", i)
		w.says(said, "half an")
		w.keyShows("C-c", "stopped; partial answer kept")
		w.prompts()
		w.keys("C-l")
		want = append(want, "q "+said, "a half an answer stopped")
	}
	for i := range 5 {
		turn(i)
	}
	stopped(5)
	w.says("/retry", "answer 6.")
	want = append(want, "a answer 6.")
	w.says("/model other", "other at http")
	for i := 7; i < 9; i++ {
		turn(i)
	}
	pasted := strings.TrimSuffix(strings.Repeat("\tif 真 { return }\n", 300), "\n")
	file := filepath.Join(h.env["TMPDIR"], "paste")
	write(t, file, pasted)
	w.prompts()
	w.tmux("load-buffer", file)
	w.tmux("paste-buffer", "-p")
	w.enters("end", "answer 9.")
	want = append(want, "q "+pasted+"end", "a answer 9.")
	for _, size := range [][2]int{{40, 12}, {20, 5}, {120, 40}, {80, 24}} {
		w.resize(size[0], size[1])
	}
	turn(10)
	stopped(11)
	first := slices.Clone(want)
	w.says("/fork 3", "a new session with 3 turns")
	want = want[:6]
	for i := 12; i < 19; i++ {
		turn(i)
	}
	w.says("the last", "half an")
	w.close()
	eventually(t, "nothing is left of it", func() bool { return len(processes(h.dir)) == 0 })
	want = append(want, "q the last", "a half an answer stopped")
	h.checkChats(strings.Join(first, " | "), strings.Join(want, " | "))
	requested(t, script, 20)
	holdsAll(t, string(script.Requests()[10].Body), `"model":"other"`)
}
