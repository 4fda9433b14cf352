package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"oax/internal/chat"
	"oax/internal/demo"
	"oax/internal/session"
	"oax/internal/session/record"
)

// completing is what Tab must not do with hostile text and secrets.
var completing = []fault{
	{row: "G12", what: "a title under Tab in bash", test: bash.tabs},
	{row: "G12", what: "a title under Tab in zsh", test: zsh.tabs},
	{row: "G12", what: "a title under Tab in fish", test: fish.tabs},
	{row: "G19", what: "Tab shows no key", test: tabOnlyReads},
}

// A title that would do harm wherever it were obeyed. All of it shows as it is here
// but for the control characters.
const (
	harm      = "$(touch harm) `touch harm`;touch harm\x1b]2;evil\a \"'"
	harmShown = "$(touch harm) `touch harm`;touch harm^[]2;evil^G \"'"
)

// titles are those of the sessions, oldest first.
var titles = []string{"How does a channel work?", "並行処理と並列処理の違いを教えてください", "go test -race is slow", harm}

// toComplete returns a home with these sessions, profiles, and files.
func toComplete(t *testing.T) *home {
	t.Helper()
	h, _ := scripted(t)
	h.env["PATH"] = filepath.Dir(binary) + ":" + h.env["PATH"]
	h.config("[profiles.work]\nbase_url = \"http://localhost:1/v1\"\nkey_command = \"touch ~/harm\"\nmodel = \"some:model\"\n" +
		"[profiles.\"my box\"]\nbase_url = \"http://localhost:1/v1\"\nkey = \"" + canary + "\"\n")
	for i, title := range titles {
		must(t, h.begun(i, title).Finish(chat.Message{Role: chat.Assistant, Text: "gladly", State: chat.Complete}))
	}
	for _, name := range []string{"notes.txt", "my notes.md"} {
		h.write(name, "")
	}
	return h
}

// begun begins a session whose ID begins with another letter than those before it.
func (h *home) begun(number int, prompt string) *session.Writer {
	h.t.Helper()
	at := time.Date(2026, 11, 22, 1, 0, number, number*100e6, time.UTC)
	store := session.New(session.Options{Dir: h.store(), Now: func() time.Time { return at }})
	w, err := store.Create(record.Message{Message: chat.Message{Role: chat.User, Text: prompt}})
	must(h.t, err)
	h.t.Cleanup(func() { w.Close() })
	return w
}

// ids returns the sessions by ID, newest first.
func (h *home) ids() []string {
	var ids []string
	for line := range strings.Lines(h.run("ls").stdout) {
		id, _, _ := strings.Cut(line, "\t")
		ids = append(ids, id)
	}
	return ids
}

// completer is a shell that runs with the script that oax prints for it, installed as it
// says.
type completer struct {
	name, start string
	list        []string // the keys that list what there is
	lines       int      // which of the lines are completed in the short form: those from one on, by threes; -1: all
}

var (
	bash = completer{"bash", `printf '%s\n' 'PS1="$ "' 'eval "$(oax completion bash)"' >rc; exec bash --noprofile --rcfile rc -i`, []string{"Tab", "Tab"}, -1}
	zsh  = completer{"zsh", `printf '%s\n' 'PS1="$ "' 'autoload -Uz compinit; compinit -D -u' 'source <(oax completion zsh)' >.zshrc; exec zsh -d -i`, []string{"Tab"}, 0}
	fish = completer{"fish", `exec fish --no-config -i -C 'function fish_prompt; echo -n \$\ ; end; oax completion fish | source'`, []string{"Tab"}, 1}
)

func (c completer) tabs(t *testing.T) {
	needs(t, c.name)
	h := toComplete(t)
	ids := h.ids()
	w := h.window(80, 24, c.start)
	w.listsSessions(ids, c.list)
	w.completes(ids[0], c.lines)
	holdsAll(t, w.line("oax --s", c.list...).shows("--system"), "System message.")
	if _, err := os.Stat(filepath.Join(h.dir, "harm")); err == nil {
		t.Error("harm was done")
	}
	holdsNone(t, w.tmux("display-message", "-p", "#{pane_title}"), "evil")
}

// listsSessions looks at what Tab shows for an ID.
func (w *window) listsSessions(ids []string, list []string) {
	w.t.Helper()
	screen := w.line("oax cat ", list...).shows(ids[len(ids)-1])
	last := 0
	for _, id := range ids {
		at := strings.LastIndex(screen, id)
		if at < last {
			w.t.Errorf("not newest first:\n%s", screen)
		}
		last = at
	}
	for i, id := range ids {
		title := strings.ReplaceAll(titles[len(titles)-1-i], harm, harmShown)
		if !regexp.MustCompile(id + " +\\(?" + regexp.QuoteMeta(title)).MatchString(screen) {
			w.t.Errorf("no %s:\n%s", title, screen)
		}
	}
}

// completes presses Tab behind lines that can go on in one way only.
func (w *window) completes(id string, lines int) {
	w.t.Helper()
	if lines < 0 && reduced(w.t, "thirds of the lines", 3, 1) == 1 {
		lines = 2 // the other two are tried in other shells
	}
	for i, test := range []struct{ typed, becomes string }{
		{"oax comp", "oax completion "},
		{"oax completion f", "oax completion fish "},
		{"oax cat " + id[:7], "oax cat " + id + " "},
		{"oax -c --session=" + id[:7], "oax -c --session=" + id + " "},
		{"oax cat " + id + " --rec", "oax cat " + id + " --recall "},
		{"oax -p wo", "oax -p work "},
		{"oax -p my", `oax -p my\ box `},
		{`oax -p "my`, `oax -p "my box" `},
		{"oax -p work -m some:m", "oax -p work -m some:model "},
		{"oax --profile=work --model=so", "oax --profile=work --model=some:model "},
		{"oax what is in not", "oax what is in notes.txt "},
		{"oax cat no", "oax cat no"}, // an ID is no file
		{"oax -- my", `oax -- my\ notes.md `},
		{"echo a | oax cat " + id[:7], "echo a | oax cat " + id + " "},
		{"oax cat $(touch harm) " + id[:7], "oax cat $(touch harm) " + id + " "},
	} {
		if lines >= 0 && !torture && i%3 != lines {
			continue
		}
		// The letter behind shows that the shell is done, and where the cursor is.
		w.line(test.typed, "Tab", "Z").shows("$ " + test.becomes + "Z\n")
	}
}

// line types a line at an empty prompt, then presses keys.
func (w *window) line(text string, keys ...string) *window {
	w.t.Helper()
	w.shows("$")
	w.keys("C-e", "C-u", "C-l")
	w.until("the line is empty", func(screen string) bool { return strings.TrimSpace(screen) == "$" })
	w.types(text)
	w.shows(strings.TrimSpace(text))
	w.keys(keys...)
	return w
}

// Whatever is on the line, and whatever is broken, Tab changes nothing, says nothing
// on standard error, asks nobody and ends well.
func tabOnlyReads(t *testing.T) {
	h := toComplete(t)
	dead := h.begun(len(titles), "half a turn")
	must(t, dead.Journal(&chat.Delta{Text: []byte("half")}))
	dead.Close()
	before := h.files()
	reads := func(args ...string) string {
		t.Helper()
		r := h.run(append([]string{"__complete"}, args...)...)
		if r.stderr != "" || r.code != 0 {
			t.Errorf("%q: exit %d, %q", args, r.code, r.stderr)
		}
		if diff := cmp.Diff(before, h.files()); diff != "" {
			t.Fatalf("%q changes files: %s", args, diff)
		}
		if _, err := os.Lstat(filepath.Join(h.store(), "cache")); err == nil {
			t.Fatalf("%q makes a cache", args)
		}
		return r.stdout
	}
	for _, words := range []string{"", "-", "c", "cat ", "cat @", "cat x", "cat ../", "-p ", "-p nobody -m ", "-p work -m ", "-p my_box -m ",
		"--model=", "-m ", "--help ", "--version ", "--help cat ", "cat --help ", "-- ", "-- --", "-r ", "--nope ", "-x", "retry ", "models "} {
		args := strings.Split(words, " ")
		for i := range args {
			args[i] = strings.ReplaceAll(args[i], "_", " ")
		}
		for _, shell := range []string{"zsh", "fish", "nosh"} {
			reads(append([]string{shell, "80", "--"}, args...)...)
		}
		reads("bash", "80", "--", "63", args[len(args)-1], "oax "+words)
	}
	reads("bash", "0", "--")
	reads("bash", "80", "--", "9", "", "")
	reads("zsh", "1", "--")

	for _, name := range []string{"demo", "my box", "openai", "work"} {
		holdsAll(t, reads("zsh", "80", "--", "-p", ""), "\n"+name+"\n")
	}
	h.config("[profiles")
	before = h.files()
	if got := reads("zsh", "80", "--", "-p", ""); !strings.Contains(got, "\ndemo\n") || strings.Contains(got, "\nwork\n") {
		t.Errorf("profiles with a broken file: %q", got)
	}
	reads("zsh", "80", "--", "cat", "")
}

// What oax models has listed is completed, but for names that nobody could read.
func TestTabKnowsListedModels(t *testing.T) {
	t.Parallel()
	h, _ := scripted(t, demo.Reply(200, "application/json",
		`{"data":[{"id":"o3"},{"id":"gpt-4o"},{"id":"a\nb"},{"id":"\u001b]2;evil\u0007"},{"id":""},{"id":"gpt-5-mini"},{"id":"org/b:1"}]}`))
	tab := func(args ...string) string {
		return h.run(append([]string{"__complete", "zsh", "80", "--"}, args...)...).stdout
	}
	h.run("models", "--no-save")
	equal(t, "with --no-save", tab("-m", ""), "plain\ngpt-5-mini\n")
	h.run("models")
	equal(t, "completed", tab("-m", ""), "plain\ngpt-5-mini\ngpt-4o\no3\norg/b:1\n")
	equal(t, "completed", tab("--model=g"), "plain\n--model=gpt-5-mini\n--model=gpt-4o\n")
	equal(t, "for another endpoint", tab("-p", "openai", "-m", ""), "plain\ngpt-5-mini\n")
}
