package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oax/internal/report"
)

// What is printed to somebody who typed something that cannot be done. The text of
// standard error is compared as a whole.
func TestMistakes(t *testing.T) {
	h := newHome(t)
	id := h.chat(2, "a question", "an answer without code")
	h.write("plan.md", "# no chat\n")
	plan := filepath.Join(h.dir, "plan.md")
	for _, c := range []struct {
		args   string
		stderr string
		code   int
	}{
		{"cat videos of cats", "oax: no session videos\nhint: to ask it: oax -- cat videos of cats\n", report.ExitFailure},
		{"grep how do I use it", "oax: no session do\nhint: to ask it: oax -- grep how do I use it\n", report.ExitFailure},
		{"cp the files of yesterday", "oax: no session the\nhint: to ask it: oax -- cp the files of yesterday\n", report.ExitFailure},
		{"mv all my files", "oax: no session all\nhint: to ask it: oax -- mv all my files\n", report.ExitFailure},
		{"rm old branches", "oax: no session old\nhint: to ask it: oax -- rm old branches\n", report.ExitFailure},
		{"config my editor", "oax: config needs one word: path, show, init or edit\nhint: to ask it: oax -- config my editor\n", report.ExitUsage},
		{"cat --code", "oax: there is no code block\nhint: oax cat --last " + id + "\n", report.ExitFailure},
		{"grep -r nowhere", "oax: no session matches nowhere\nhint: oax -r picks from all sessions\n", report.ExitFailure},
		{"grep (", "oax: not a regular expression: missing closing ) at character 1 (()\nhint: to search for the text itself: oax grep -F '('\n", report.ExitUsage},
		{"rm --older-than 1d", "oax: no session is older than 2026-11-21 01:00\n", 0},
		{"rm --undo --purge", "oax: --undo takes only IDs\nhint: see oax rm --help\n", report.ExitUsage},
		{"import " + plan, "oax: cannot tell which program wrote " + plan + "\nhint: oax import SOURCE " + plan + "; oax import --help lists the sources\n", report.ExitUsage},
		{"import llm", "oax: no chats of llm found at " + filepath.Join(h.dir, "config/io.datasette.llm") + "\nhint: oax import llm PATH\n", report.ExitUsage},
		{"import", "oax: import needs a source or a path\nhint: oax import chatgpt export.zip; oax import --help lists the sources\n", report.ExitUsage},
	} {
		got := h.run(strings.Fields(c.args)...)
		if got.stdout != "" || got.stderr != c.stderr || got.exit.Code != c.code {
			t.Errorf("oax %s: exit %d, %q\n%s, want exit %d\n%s", c.args, got.exit.Code, got.stdout, got.stderr, c.code, c.stderr)
		}
	}
}

// With -r, grep offers only the sessions that match: here there is one, and no terminal to
// choose it at.
func TestGrepOffersWhatMatches(t *testing.T) {
	h := newHome(t)
	h.chat(3, "about rivers", "water")
	h.chat(2, "about hills", "stone")
	got := h.run("grep", "-r", "water")
	if want := "oax: no terminal to pick a session at\nhint: oax ls, then oax --session ID\n"; got.stderr != want || got.exit.Code != report.ExitUsage {
		t.Errorf("%v\n%s", got.exit, got.stderr)
	}
}

// Nothing is guessed about drafts: what is purged is what was named.
func TestPurgeLeavesDrafts(t *testing.T) {
	h := newHome(t)
	h.chat(2, "a question that is long enough", "yes")
	draft := h.write("state/oax/draft.txt", "a question that is long enough, and more")
	if got := h.run("rm", "--purge", "--yes", "@"); got.stderr != "oax: purged 1 session\n" {
		t.Fatal(got.stderr)
	}
	if _, err := os.Stat(draft); err != nil {
		t.Error(err)
	}
}

// Without a home directory nothing is written into the working directory.
func TestNoHome(t *testing.T) {
	h := newHome(t)
	t.Chdir(t.TempDir())
	delete(h.env, "HOME")
	delete(h.env, "XDG_STATE_HOME")
	delete(h.env, "XDG_CACHE_HOME")
	for _, args := range []string{"ls", "models -p demo --debug", "config path", "__complete fish 80 -- -m x", "import llm"} {
		h.run(strings.Fields(args)...)
	}
	if files, err := os.ReadDir("."); err != nil || len(files) > 0 {
		t.Errorf("%v, %v", files, err)
	}
	delete(h.env, "XDG_DATA_HOME")
	want := "oax: cannot find a home directory\nhint: set XDG_DATA_HOME and XDG_CONFIG_HOME, or HOME\n"
	if got := h.run("config", "path"); got.stderr != want || got.exit.Code != report.ExitUsage {
		t.Errorf("%v\n%s", got.exit, got.stderr)
	}
}

// The file to start from sets nothing, and no longer names session files.
func TestFirstConfig(t *testing.T) {
	h := newHome(t)
	h.run("config", "init")
	if got := h.run("config", "show"); got.stderr != "" || got.exit.Code != report.ExitKey && got.exit.Code != 0 {
		t.Errorf("%v\n%s", got.exit, got.stderr)
	}
	if strings.Contains(firstConfig, "[sessions]") {
		t.Error("it has [sessions]")
	}
}
