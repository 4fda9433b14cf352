package main

import (
	"archive/zip"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// importing are the faults of what is brought in from elsewhere.
var importing = []fault{
	{row: "F36", what: "an archive with names that lead elsewhere", test: func(t *testing.T) {
		h := newHome(t)
		h.archive("export.zip", map[string]fs.FileMode{
			"conversations.json": 0o644, "../conversations.json": 0o644, "/conversations.json": 0o644,
			"link/conversations.json": 0o777 | fs.ModeSymlink, "device/conversations.json": 0o666 | fs.ModeDevice,
		})
		before := h.files()
		h.checkRun(h.run("import", "chatgpt", "export.zip"), want{code: 2})
		if h.only()[1].Text != "of conversations.json" {
			t.Errorf("%v", h.only())
		}
		h.onlyTheStoreChanged(before)
	}},
	{row: "F36", what: "a device, a FIFO, a symbolic link", test: func(t *testing.T) {
		h := newHome(t)
		for name, make := range map[string]func(string) error{
			"fifo.json": mkfifo,
			"link.json": func(path string) error { return os.Symlink("/etc/passwd", path) },
		} {
			must(t, make(filepath.Join(h.mkdir("chats"), name)))
		}
		r := h.run("import", "openai", "chats", "/dev/zero")
		h.check(r, want{code: 2})
	}},
	{row: "F36", what: "a chat that is too large", test: func(t *testing.T) {
		long(t)
		h := newHome(t)
		chat := func(text string) string { return fmt.Sprintf(`[{"role":"user","content":"%s"}]`, text) }
		h.write("large.jsonl", chat("before")+"\n"+chat(strings.Repeat("x", 33<<20))+"\n"+chat("after")+"\n")
		r, memory := h.measured(h.command("import", "openai", "large.jsonl"))
		h.checkRun(r, want{code: 1})
		if len(h.sessions()) != 2 || memory == 0 || memory > 150<<20 {
			t.Errorf("%d sessions, %d MiB", len(h.sessions()), memory>>20)
		}
	}},
	{row: "F42", what: "YAML aliases", test: func(t *testing.T) {
		long(t)
		h := newHome(t)
		h.write("a.yaml", "model: m\nmessages:\n- role: user\n  content: &a "+strings.Repeat("x", 1<<20)+"\n"+strings.Repeat("- role: user\n  content: *a\n", 160_000))
		h.importBounded("a.yaml", "aichat", 1, 150)
	}},
	{row: "F42", what: "a chain of 100,000 messages", test: func(t *testing.T) {
		h := newHome(t)
		var b strings.Builder
		n := reduced(t, "messages of a chain", 100_000, 10_000)
		fmt.Fprintf(&b, `[{"id":"c","title":"chain","create_time":1700000000,"current_node":"%d","mapping":{`, n-1)
		for i := range n {
			fmt.Fprintf(&b, `%s"%d":{"parent":"%d","message":{"author":{"role":"user"},"content":{"content_type":"text","parts":["hello %d"]}}}`, strings.Repeat(",", min(i, 1)), i, i-1, i)
		}
		h.write("c.json", b.String()+"}}]")
		h.importBounded("c.json", "chatgpt", 0, 50+3*n>>10)
	}},
	{row: "F42", what: "20 MB of TOML", test: func(t *testing.T) {
		long(t)
		h := newHome(t)
		h.write("t.toml", strings.Repeat("[[messages]]\n  role = \"user\"\n  content = '''\nhi there\n'''\n", 20<<20/64))
		h.importBounded("t.toml", "oax", 1, 350)
	}},
	{row: "F36", what: "an import that is killed", test: func(t *testing.T) {
		h := newHome(t)
		h.manyChats("many.jsonl", 400)
		run := h.start(h.command("import", "openai", "many.jsonl"), "")
		eventually(t, "sessions are there", func() bool { // more than one, or the words differ
			found, _ := filepath.Glob(filepath.Join(h.store(), "*", "*.jsonl"))
			return len(found) > 1
		})
		run.ends(syscall.SIGKILL)
		there := len(h.sessions()) // all of them whole
		r := h.run("import", "openai", "many.jsonl")
		h.varies = []*regexp.Regexp{regexp.MustCompile(`\b\d+\b`)}
		h.checkRun(r, want{notes: true})
		if !strings.Contains(r.stderr, fmt.Sprint(400-there, " session")) || len(h.sessions()) != 400 {
			t.Errorf("%d were there, %q, %d sessions", there, r.stderr, len(h.sessions()))
		}
	}},
	{row: "E2", what: "Ctrl-C in an import", test: func(t *testing.T) {
		h := newHome(t)
		h.manyChats("many.jsonl", 20000)
		c := h.at(h.command("import", "openai", "many.jsonl"))
		c.replies("importing: ", ctrlC)
		diedOf(t, c.end(), syscall.SIGINT)
		var said int
		_, after, _ := strings.Cut(c.shown(), "oax: imported ")
		fmt.Sscanf(after, "%d sessions", &said)
		if n := len(h.sessions()); n == 0 || n >= 20000 || n != said {
			t.Errorf("%d sessions, and it says %d", n, said)
		}
		if left, _ := filepath.Glob(filepath.Join(h.store(), "*", ".tmp-*")); left != nil {
			t.Errorf("left %v", left)
		}
	}},
	{row: "F36", what: "a database where sqlite3 is missing", test: func(t *testing.T) {
		h := newHome(t)
		h.write("logs.db", "SQLite format 3\x00")
		h.env["PATH"] = h.mkdir("empty")
		h.check(h.run("import", "llm", "logs.db"), want{code: 1})
	}},
}

// importBounded imports a file, and wants that to use at most limit MiB of memory.
func (h *home) importBounded(name, source string, code, limit int) {
	h.t.Helper()
	r, memory := h.measured(h.command("import", source, name))
	h.checkRun(r, want{code: code, notes: true})
	if len(h.sessions()) != 1 || memory == 0 || memory > limit<<20 {
		h.t.Errorf("%d sessions, %d MiB", len(h.sessions()), memory>>20)
	}
}

// archive makes an export of ChatGPT in which each file is of a kind, and has a chat.
func (h *home) archive(name string, files map[string]fs.FileMode) {
	h.t.Helper()
	f, err := os.Create(filepath.Join(h.dir, name))
	must(h.t, err)
	defer f.Close()
	w := zip.NewWriter(f)
	defer w.Close()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		mode := files[name]
		header := &zip.FileHeader{Name: name}
		header.SetMode(mode)
		entry, err := w.CreateHeader(header)
		must(h.t, err)
		fmt.Fprintf(entry, `[{"id":%q,"title":"t","mapping":{"a":{"message":{"author":{"role":"user"},"content":{"parts":["of %s"]}}}}}]`, name, name)
	}
}

// manyChats writes a file of chats, one a line.
func (h *home) manyChats(name string, n int) {
	var b strings.Builder
	begun := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		fmt.Fprintf(&b, `{"id":"c%d","time":%q,"messages":[{"role":"user","content":"%d"},{"role":"assistant","content":"yes"}]}`+"\n",
			i, begun.Add(time.Duration(i)*time.Minute).Format(time.RFC3339), i)
	}
	h.write(name, b.String())
}

func (h *home) write(name, text string) {
	h.t.Helper()
	write(h.t, filepath.Join(h.dir, name), text)
}

func (h *home) mkdir(name string) string {
	h.t.Helper()
	path := filepath.Join(h.dir, name)
	must(h.t, os.MkdirAll(path, 0o700))
	return path
}

// onlyTheStoreChanged fails the test if any other file of the home did.
func (h *home) onlyTheStoreChanged(before map[string]string) {
	h.t.Helper()
	after := h.files()
	maps.DeleteFunc(after, func(path, _ string) bool { return strings.HasPrefix(path, filepath.Join("data", "oax", "sessions")) })
	if !maps.Equal(before, after) {
		h.t.Error("something outside of the store has changed")
	}
}
