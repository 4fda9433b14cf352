package main

import (
	"archive/zip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"oax/internal/demo"
)

// readmeBlocks returns the README's blocks in a language.
func readmeBlocks(t *testing.T, language string) (blocks []string) {
	t.Helper()
	for _, rest := range strings.Split(text(t, "../../README.md"), "```"+language+"\n")[1:] {
		block, _, closed := strings.Cut(rest, "```")
		if !closed {
			t.Fatal("a block without an end")
		}
		blocks = append(blocks, strings.TrimSpace(block))
	}
	return blocks
}

// The README's first command prints the demo's answer; the second is what runs this.
func TestReadmeFirstCommands(t *testing.T) {
	t.Parallel()
	commands := strings.Split(readmeBlocks(t, "sh")[0], "\n")
	if len(commands) != 2 || commands[1] != "go test ./..." {
		t.Fatalf("the README begins with %q", commands)
	}
	h := newHome(t)
	// What is built already stays where it is, whose home it may be.
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPATH"} {
		value, err := exec.Command("go", "env", name).Output()
		must(t, err)
		h.env[name] = strings.TrimSpace(string(value))
	}
	command := commands[0]
	if reduced(t, "builds by go run", 1, 0) == 0 {
		command = strings.Replace(command, "go run ./cmd/oax", binary, 1)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
	cmd.Dir, cmd.Env = "../..", append(os.Environ(), h.environ()...)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "> what can you do") || !strings.Contains(string(out), "OPENAI_API_KEY") {
		t.Errorf("%v\n%s", err, out)
	}
}

// readmeService answers each question of the README with what its command needs.
func readmeService(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/models") {
		io.WriteString(w, `{"data":[{"id":"small"}]}`)
		return
	}
	body, _ := io.ReadAll(r.Body)
	answer := "One:\n\n```sh\necho 1\n```\n\nTwo:\n\n```py\nprint(2)\n```\n"
	if strings.Contains(string(body), "an offer") {
		answer = `{"price":1}`
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Write(demo.Chunk(answer))
	w.Write(demo.Finish("stop"))
	w.Write(demo.Done())
}

// Every command in the README runs, in the order in which it stands there, and ends well.
func TestReadmeCommands(t *testing.T) {
	t.Parallel()
	needs(t, "jq")
	h := newHome(t)
	prepareReadme(t, h, listens(t, http.HandlerFunc(readmeService)))
	for _, block := range readmeBlocks(t, "sh")[1:] {
		for _, line := range strings.Split(block, "\n") {
			command, _, _ := strings.Cut(line, " #")
			switch command = strings.TrimSpace(command); {
			case command == "make install", strings.HasPrefix(command, "echo '"): // changes this machine
				continue
			case command == "oax -e" || command == "oax config edit":
				h.env["EDITOR"] = `sh -c 'echo "# more" >> "$1"' sh`
			case strings.HasPrefix(command, "oax --session k3f"), strings.HasPrefix(command, "oax cp k3f"):
				giveID(t, h, "k3f9q2ab")
			case command == "oax rm --undo":
				h.run("rm", "--yes", "@")
			}
			want := 0
			if command == "oax -r sky" { // picks at a terminal, which is not here
				want = 2
			}
			cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
			cmd.Dir, cmd.Env = h.dir, h.environ()
			if r := h.finish(cmd); r.code != want {
				t.Errorf("$ %s\nexit %d, want %d\n%s%s", command, r.code, want, r.stdout, r.stderr)
			}
		}
	}
}

// prepareReadme makes what the README's commands are about: the program on the PATH, an
// endpoint, a template, files, a few sessions.
func prepareReadme(t *testing.T, h *home, url string) {
	t.Helper()
	h.env["PATH"] = filepath.Dir(binary) + ":" + h.env["PATH"]
	h.write("plan.md", "plan")
	h.write("photo.png", aPNG)
	h.write("main.go", "package main\n")
	h.write("patch", "diff\n")
	h.write("offer.json", `{"type":"object","properties":{"price":{"type":"number"}},"required":["price"]}`)
	must(t, os.MkdirAll(filepath.Join(h.dir, ".config", "fish", "completions"), 0o700))
	chats := text(t, "../../testdata/import/chatgpt/conversations.json")
	f, err := os.Create(filepath.Join(h.dir, "export.zip"))
	must(t, err)
	archive := zip.NewWriter(f)
	entry, err := archive.Create("conversations.json")
	if err == nil {
		_, err = io.WriteString(entry, chats)
	}
	if err != nil || archive.Close() != nil || f.Close() != nil {
		t.Fatal(err)
	}
	for _, q := range []string{"rate limit of kafka", "sky"} {
		h.env["OPENAI_BASE_URL"] = url
		h.succeeds(q, "please")
	}
	must(t, os.CopyFS(filepath.Join(h.dir, "laptop", "sessions"), os.DirFS(h.store())))
	delete(h.env, "OPENAI_BASE_URL")
	// config init comes first in the README; what it writes is replaced after it by this.
	h.env["XDG_CONFIG_DIRS"] = "" // none of the machine's
	h.readmeConfig(url)
}

// readmeConfig puts an `oax config init` that leaves the file of the test in place: init
// refuses a file that is there, so the file comes by a wrapper of the command.
func (h *home) readmeConfig(url string) {
	h.t.Helper()
	dir := filepath.Join(h.dir, "bin")
	must(h.t, os.MkdirAll(dir, 0o700))
	h.write("mine.toml", `profile = "local"
[profiles.local]
base_url = "`+url+`"
model = "small"
[templates.review]
prompt = "Review this {{lang}} diff:\n{{input}}"
`)
	script := "#!/bin/sh\n" + binary + ` "$@" || exit $?
if [ "$*" = "config init" ]; then cat mine.toml > "$XDG_CONFIG_HOME/oax/config.toml"; fi
`
	must(h.t, os.WriteFile(filepath.Join(dir, "oax"), []byte(script), 0o700))
	h.env["PATH"] = dir + ":" + h.env["PATH"]
}

// giveID gives the session used last an ID that the README can name.
func giveID(t *testing.T, h *home, id string) {
	t.Helper()
	paths, _ := filepath.Glob(filepath.Join(h.store(), "*", "*.jsonl"))
	if len(paths) == 0 {
		t.Fatal("there are no sessions")
	}
	for _, path := range paths {
		if strings.HasSuffix(path, id+".jsonl") {
			return
		}
	}
	last := paths[len(paths)-1]
	name := strings.TrimSuffix(filepath.Base(last), ".jsonl")
	old := name[strings.LastIndexByte(name, '_')+1:]
	write(t, strings.Replace(last, old, id, 1), strings.ReplaceAll(text(t, last), old, id))
	must(t, os.Remove(last))
}

// TestReadmeTool: the README shows a call of a tool as it is at a terminal.
func TestReadmeTool(t *testing.T) {
	t.Parallel()
	blocks := readmeBlocks(t, "text")
	transcript, isRun := strings.CutPrefix(blocks[0], "$ oax ")
	if !isRun {
		t.Fatalf("it is %q", blocks[0])
	}
	line, want, _ := strings.Cut(transcript, "\n")
	h := newHome(t)
	c := h.at(h.command(strings.Fields(line)...))
	c.replies("run clock?", "y\r")
	r := c.end()
	styles := regexp.MustCompile("\x1b\\[[0-9;]*m")
	varies := regexp.MustCompile(`\w+day, [-0-9T:.Z+]+|\d\.\d\d s`)
	got := varies.ReplaceAllString(styles.ReplaceAllString(c.shown(), ""), "...")
	if r.code != 0 || !strings.HasPrefix(got, varies.ReplaceAllString(want, "...")) {
		t.Errorf("exit %d\n%s\nwant\n%s", r.code, got, want)
	}
}

// TestReadmeConfiguration: the README's blocks of a configuration are valid, and the tool in
// them is one.
func TestReadmeConfiguration(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.config(strings.Join(readmeBlocks(t, "toml"), "\n"))
	h.schema("weather.json", `{"description":"d","parameters":{"type":"object"}}`)
	if r := h.run("tools", "test", "weather", "{}"); r.code != 0 || !strings.Contains(r.stdout, "bwrap") {
		t.Errorf("%+v", r)
	}
}

// TestReadmeSandbox: what runs in the README's sandbox gets its arguments, writes no file and
// reaches no network; without the sandbox it does both.
func TestReadmeSandbox(t *testing.T) {
	t.Parallel()
	if out, err := exec.Command(needs(t, "bwrap"), "--ro-bind", "/", "/", "--dev", "/dev", "--unshare-net", "true").CombinedOutput(); err != nil {
		t.Skipf("no sandbox can be made on this machine: %v %s", err, out)
	}
	var reached atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer server.Close()
	h := newHome(t)
	programs := filepath.Join(h.dir, "programs")
	h.env["PATH"] = programs + ":" + h.env["PATH"]
	script := "#!/bin/sh\ncat\necho x > \"$HOME/written\"\ncurl -s " + server.URL + "\nexit 0\n"
	must(t, errors.Join(os.Mkdir(programs, 0o700), os.WriteFile(filepath.Join(programs, "weather"), []byte(script), 0o700)))
	blocks := strings.Join(readmeBlocks(t, "toml"), "\n")
	line := regexp.MustCompile(`(?m)^command = \["bwrap".*$`)
	for config, free := range map[string]bool{blocks: false, line.ReplaceAllString(blocks, `command = ["weather"]`): true} {
		h.config(config)
		h.schema("weather.json", `{"description":"d","parameters":{"type":"object"}}`)
		reached.Store(0)
		r := h.finish(h.command("tools", "run", "weather", `{"city":"Paris"}`)) // with its own PATH
		_, err := os.Stat(filepath.Join(h.dir, "written"))
		if r.code != 0 || r.stdout != `{"city":"Paris"}`+"\n" || (err == nil) != free || (reached.Load() > 0) != free {
			t.Errorf("without a sandbox: %v; %+v, written: %v, requests: %d", free, r, err, reached.Load())
		}
		_ = os.Remove(filepath.Join(h.dir, "written"))
	}
}
