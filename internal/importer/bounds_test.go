package importer

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// A zero byte in a text of a database is kept, and so is what follows it.
func TestZeroByte(t *testing.T) {
	if _, err := exec.LookPath("sqlite3"); err != nil {
		t.Skip(err)
	}
	root := t.TempDir()
	for _, form := range []struct{ script, change string }{
		{"llm/logs.sql", "update logs set prompt = 'be' || char(0) || 'hind'"},
		{"llm/responses.sql", "update responses set prompt = 'be' || char(0) || 'hind'"},
		{"llm/threads.sql", "update parts set text = 'be' || char(0) || 'hind' where text is not null"},
	} {
		path := sqlite(t, filepath.Join(root, filepath.Base(form.script)+".db"), form.script)
		shell(t, path, form.change+";")
		wantIn(t, transcript(t, "llm", path, root), `be\x00hind`)
	}
	path := filepath.Join(modsDir(t), "conversations", "mods.db")
	shell(t, path, "update conversations set title = 'be' || char(0) || 'hind';")
	wantIn(t, transcript(t, "mods", path, root), `be\x00hind`)
}

// A chat of any source ends where it takes too much memory, and says so.
func TestLargeChats(t *testing.T) {
	line := `{"role":"user","content":"` + strings.Repeat("x", 4<<20) + `"}` + "\n"
	path := write(t, filepath.Join(t.TempDir(), "in"), strings.Repeat(line, 10))
	names := []string{"openai"}
	if os.Getenv("OAX_TORTURE") != "" { // those that read the same form
		names = append(names, "sgpt", "chatgpt-cli")
	}
	for _, name := range names {
		source, _ := Find(name)
		size, problems := 0, ""
		for c, err := range source.Read(t.Context(), path, now) {
			for _, m := range c.Messages {
				size += len(m.Text)
			}
			problems += fmt.Sprint(err)
		}
		if !strings.Contains(problems, "the chat is over 32 MiB (limit); the rest is left out") || size < 7*4<<20 || size > maxChat {
			t.Errorf("%s: %d bytes, %s", name, size, problems)
		}
	}
}

// A session of aichat that is large or damaged is read message by message.
func TestSplitAichat(t *testing.T) {
	root := t.TempDir()
	text := "model: m\nagent_instructions: be kind\ncompressed_messages:\n- role: user\n  content: |-\n    a\n    - role: user\n\n    b\nmessages:\n" +
		"- role: assistant\n  content: [broken\n- role: user\n  content: \"in\\nside\"\n  more: 1\ndata_urls:\n  a: b\n"
	got := transcript(t, "aichat", write(t, filepath.Join(root, "in.yaml"), text), root)
	wantIn(t, got, "problem in.yaml: yaml: ", "  system \"be kind\"\n  user \"a\\n- role: user\\n\\nb\"\n  user \"in\\nside\"\n")
	large := "messages:\n" + strings.Repeat("- role: user\n  content: 'a: b'\n", maxYAMLMarks/4)
	got = transcript(t, "aichat", write(t, filepath.Join(root, "in.yaml"), large), root)
	if n := strings.Count(got, "  user \"a: b\"\n"); n != maxYAMLMarks/4 || strings.Contains(got, "problem") {
		t.Errorf("%d messages", n)
	}
	wantIn(t, transcript(t, "aichat", write(t, filepath.Join(root, "in.yaml"), "messages:\n- role: user\n  content: &a [x, *a]\n"), root), "problem in.yaml: ")
}

// A gob of a stranger takes no more memory than a small multiple of its size.
func TestHostileGob(t *testing.T) {
	good := gobOf(t, []modsFirst{{"hi", "user"}, {"ho", "assistant"}})
	huge := "\xf8" + strings.Repeat("\xff", 8)
	for name, c := range map[string]struct{ gob, want string }{
		"empty":         {"", "0 messages, is damaged: EOF"},
		"whole":         {good, "2 messages"},
		"a text":        {gobOf(t, "hi"), "0 messages, is damaged: "},
		"huge message":  {huge + good, "0 messages, byte "},
		"huge list":     {strings.Replace(good, "\x00\x02\x01", "\x00"+huge+"\x01", 1), "0 messages, "},
		"zeros":         {good + strings.Repeat("\x00", maxGobStructs), "0 messages, has over 262144 values (limit)"},
		"many empty":    {gobOf(t, make([]modsFirst, maxGobStructs/2)), fmt.Sprint(maxGobStructs/2, " messages")},
		"number of 128": {"\x80" + strings.Repeat("\x01", 128), "0 messages, is damaged: "},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		messages, problem := parseMods([]byte(c.gob))
		runtime.ReadMemStats(&after)
		got := fmt.Sprintf("%d messages", len(messages))
		if problem != nil {
			got += ", " + strings.TrimPrefix(strings.Replace(problem.Error(), ", ", "", 1), ": ")
		}
		if !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: got %s", name, got)
		}
		if taken := after.TotalAlloc - before.TotalAlloc; taken > 32<<20+3000*uint64(len(c.gob)) {
			t.Errorf("%s: %d bytes took %d", name, len(c.gob), taken)
		}
	}
}

// Of a gob that is cut off, at whatever byte, the messages before that are there.
func TestCutGob(t *testing.T) {
	now, older := modsNow{Role: "assistant", Content: "ho", ToolCalls: []modsTool{{ID: "a"}}}, modsOpenAI{Role: "assistant", Content: "ho", Name: "x", ToolCalls: []modsCall{{ID: "a"}}}
	older.ToolCalls[0].Function.Arguments, now.ToolCalls[0].Function.Arguments = "{}", []byte("{}")
	for _, list := range []any{[]modsFirst{{"hi", "user"}, {"ho", "assistant"}, {"", "user"}}, []modsNow{now, {Role: "tool"}, now}, []modsOpenAI{older, older, older}} {
		data := []byte(gobOf(t, list))
		if whole, problem := parseMods(data); problem != nil || len(whole) != 3 {
			t.Fatal(whole, problem)
		}
		most := 0
		for i := range data {
			got, problem := parseMods(bytes.Clone(data[:i]))
			if problem == nil || len(got) < most {
				t.Fatalf("cut at byte %d of %d: %+v, %v", i, len(data), got, problem)
			}
			most = len(got)
		}
		if most < 2 {
			t.Errorf("at most %d messages", most)
		}
	}
}
