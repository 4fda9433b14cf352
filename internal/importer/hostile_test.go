package importer

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// one is a chat of ChatGPT's export with a message.
func one(title, text string) string {
	return fmt.Sprintf(`{"title":%q,"create_time":1700000000,"mapping":{"a":{"message":{"author":{"role":"user"},"content":{"content_type":"text","parts":[%q]}},"parent":null}},"current_node":"a","id":%q}`, title, text, title)
}

// archive makes a zip in which each file is as its header says.
func archive(t testing.TB, files map[*zip.FileHeader]string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for header, text := range files {
		header.Method = zip.Deflate
		f, err := w.CreateHeader(header)
		must(t, err)
		_, err = f.Write([]byte(text))
		must(t, err)
	}
	must(t, w.Close())
	return b.String()
}

func header(name string, mode fs.FileMode) *zip.FileHeader {
	h := &zip.FileHeader{Name: name}
	h.SetMode(mode)
	return h
}

// wantIn wants each of the lines in the transcript.
func wantIn(t *testing.T, got string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(got, line) {
			t.Errorf("%q is not in\n%s", line, got)
		}
	}
}

func TestArchive(t *testing.T) {
	root := t.TempDir()
	path := write(t, filepath.Join(root, "export.zip"), archive(t, map[*zip.FileHeader]string{
		header("export/conversations-000.json", 0o644):         "[" + one("First", "hi") + "]",
		header("export/conversations-001.json", 0o644):         "[" + one("Second", "ho") + "]",
		header("export/chat.html", 0o644):                      "<html>",
		header("../conversations.json", 0o644):                 "[" + one("Third", "no") + "]",
		header("/etc/passwd", 0o644):                           "root",
		header(`..\conversations.json`, 0o644):                 "[" + one("Fourth", "no") + "]",
		header("a/conversations.json", 0o777|fs.ModeSymlink):   "/etc/passwd",
		header("b/conversations.json", 0o666|fs.ModeDevice):    "",
		header("c/conversations.json", 0o666|fs.ModeNamedPipe): "",
		header("d/conversations.json", 0o644):                  "[" + strings.Repeat(" ", 70<<20) + "]",
	}))
	got := transcript(t, "chatgpt", path, root)
	wantIn(t, got, `First "First"`, `Second "Second"`,
		`refused export.zip, "../conversations.json": is a name that leads out of the archive; refused`,
		`refused export.zip, "/etc/passwd": is a name that`,
		`refused export.zip, "..\\conversations.json": is a name that`,
		`refused export.zip, "a/conversations.json": is a symbolic link; refused`,
		`refused export.zip, "b/conversations.json": is a device; refused`,
		`refused export.zip, "c/conversations.json": is a FIFO; refused`,
		`refused export.zip, "d/conversations.json": unpacks to over 200 times its size; refused`)
	if strings.Count(got, "\n") != 11 {
		t.Errorf("there is more:\n%s", got)
	}

	data, err := os.ReadFile(path)
	must(t, err)
	write(t, path, string(data[:len(data)/2]))
	wantIn(t, transcript(t, "chatgpt", path, root), "problem export.zip: cannot be opened: not a valid zip file; is the download complete?")
	write(t, path, archive(t, map[*zip.FileHeader]string{header("user.json", 0o644): "{}"}))
	wantIn(t, transcript(t, "chatgpt", path, root), "there is no conversations.json in it")
}

func TestUnreadableFiles(t *testing.T) {
	root := t.TempDir()
	must(t, mkfifo(filepath.Join(root, "fifo.json")))
	must(t, os.Symlink("/etc/passwd", filepath.Join(root, "link.json")))
	write(t, filepath.Join(root, "good.json"), `[{"role":"user","content":"hi"}]`)
	deep := filepath.Join(root, strings.Repeat("d/", 20))
	write(t, filepath.Join(deep, "deep.json"), `[{"role":"user","content":"hi"}]`)
	large := write(t, filepath.Join(root, "large.toml"), "")
	must(t, os.Truncate(large, maxFile+1))

	wantIn(t, transcript(t, "openai", root, root),
		`good ""`, "refused fifo.json: is a FIFO; refused", "refused link.json: is a symbolic link; refused", "is too deep; refused")
	for path, want := range map[string]string{
		filepath.Join(root, "fifo.json"): "is a FIFO; refused",
		"/dev/zero":                      "is a device; refused",
		filepath.Join(root, "gone.json"): "no such file or directory",
		t.TempDir():                      "no chats are in this directory",
	} {
		for _, s := range Sources() {
			if s.Name == "mods" || s.Name == "llm" { // look for a database in there
				continue
			}
			wantIn(t, transcript(t, s.Name, path, root), want)
		}
	}
	wantIn(t, transcript(t, "oax", large, root), "refused large.toml: is over 32 MiB (limit)")
}

func TestHostileChats(t *testing.T) {
	for name, c := range map[string]struct{ source, text, want string }{
		"nesting":   {"openai", strings.Repeat("[", 1<<20), "is cut off"},
		"nested":    {"chatgpt", `[{"mapping":` + strings.Repeat(`{"a":`, 20000) + "1" + strings.Repeat("}", 20000) + "}," + one("Next", "hi") + "]", `Next "Next"`},
		"numbers":   {"openai", `{"id":"n","time":1e400,"messages":[{"role":"user","content":"hi","time":99999999999999999999}]}`, "n \"\" 2026-11-20T12:00:00Z\n  user \"hi\"\n"},
		"future":    {"openai", `{"id":"n","time":"9999-12-31T23:59:59Z","messages":[{"role":"user","content":"hi","time":"2300-01-01T00:00:00Z"}]}`, "n \"\" 2026-11-20T12:00:00Z\n  user \"hi\"\n"},
		"past":      {"openai", `{"id":"n","time":-1,"messages":[{"role":"user","content":"hi"}]}`, "2026-11-20T12:00:00Z"},
		"NaN":       {"openai", `{"id":"n","time":"NaN","messages":[{"role":"user","content":"hi"}]}`, "2026-11-20T12:00:00Z"},
		"bytes":     {"openai", "[{\"role\":\"user\",\"content\":\"a\xffb\"}]", `user "a�b"`},
		"surrogate": {"openai", `[{"role":"user","content":"a\ud800b"}]`, `user "a�b"`},
		"role":      {"openai", `[{"role":"us\u001b[2Jer","content":"hi"}]`, `other "hi"`},
		"types":     {"openai", `[{"role":"user","content":{"a":1}},{"role":"user","content":[1,null,"x",{"text":5}],"tool_calls":"no"}]`, `user "x"`},
		"nulls":     {"openai", `[null,{"role":"user","content":"hi"}]`, `user "hi"`},
		"words":     {"openai", "These are only words.", "is not a JSON object or array"},
		"root":      {"chatgpt", "[" + strings.ReplaceAll(one("R", "hi"), `"parent":null`, `"parent":"gone"`) + "]", `user "hi"`},
		"current":   {"chatgpt", "[" + strings.ReplaceAll(one("R", "hi"), `"current_node":"a"`, `"current_node":"gone"`) + "]", `user "hi"`},
		"itself":    {"chatgpt", "[" + strings.ReplaceAll(one("R", "hi"), `"parent":null`, `"parent":"a"`) + "]", `user "hi"`},
		"damaged":   {"chatgpt", "[" + one("A", "1") + "," + strings.ReplaceAll(one("B", "2"), `"current_node"`, "\x00\x00\x00") + "," + one("C", "3") + "]", `C "C"`},
		"cut":       {"chatgpt", "[" + one("A", "1") + "," + one("B", "2")[:90], "A \"A\" 2023-11-14T22:13:20Z\n  user \"1\"\nproblem in, byte 185: is cut off\n"},
		"aliases":   {"aichat", "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\nmessages:\n- role: user\n  content: *f\n", "problem"},
		"brackets":  {"aichat", "messages: " + strings.Repeat("[", 1<<16), "exceeded max depth"},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			wantIn(t, transcript(t, c.source, write(t, filepath.Join(root, "in"), c.text), root), c.want)
		})
	}
}

// A chat with more branches than can be kept says so.
func TestBranches(t *testing.T) {
	var nodes strings.Builder
	for i := range maxBranches + 50 {
		fmt.Fprintf(&nodes, `,"b%03d":{"message":{"author":{"role":"assistant"},"content":{"parts":["%d"]}},"parent":"a"}`, i, i)
	}
	root := t.TempDir()
	text := strings.Replace(one("Many", "hi"), `},"current_node"`, nodes.String()+`},"current_node"`, 1)
	got := transcript(t, "chatgpt", write(t, filepath.Join(root, "in"), text), root)
	wantIn(t, got, `50 further branches of "Many" are left out (limit)`)
	if n := strings.Count(got, " branch of Many"); n != maxBranches {
		t.Errorf("%d branches", n)
	}
}

// What a database says is not obeyed: a view in the place of a table is none, so
// that no function in it is called.
func TestHostileDatabase(t *testing.T) {
	root := t.TempDir()
	path := sqlite(t, filepath.Join(root, "logs.db"), "llm/logs.sql")
	shell(t, path, "drop table logs; create view logs as select writefile('"+root+"/written', 'x') as response, 1 as id, null as chat_id;")
	wantIn(t, transcript(t, "llm", path, root), "has no logs of llm")
	if _, err := os.Stat(filepath.Join(root, "written")); err == nil {
		t.Error("it wrote a file")
	}
	wantIn(t, transcript(t, "llm", write(t, filepath.Join(root, "no.db"), "no database"), root), "is not an SQLite database")
}

// Ctrl-C ends a reading.
func TestStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	n := 0
	source, _ := Find("chatgpt")
	for range source.Read(ctx, write(t, filepath.Join(t.TempDir(), "in"), "["+one("A", "1")+","+one("B", "2")+"]"), now) {
		n++
		cancel()
	}
	if n != 1 {
		t.Errorf("%d after the end", n)
	}
}
