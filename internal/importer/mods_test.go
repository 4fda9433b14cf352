package importer

import (
	"bytes"
	"encoding/gob"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The messages of mods as it has written them over the years.
type (
	modsTool struct {
		ID       string
		Function struct {
			Name      string
			Arguments []byte
		}
		IsError bool
	}
	modsNow struct {
		Role, Content string
		ToolCalls     []modsTool
	}
	modsOpenAI struct { // of the client it used before
		Role, Content, Refusal string
		MultiContent           []struct{ Type, Text string }
		Name                   string
		ToolCalls              []modsCall
	}
	modsCall struct {
		Index    *int
		ID, Type string
		Function struct{ Name, Arguments string }
	}
	modsFirst struct{ Content, Role string }
)

func gobOf(t testing.TB, messages any) string {
	t.Helper()
	var b bytes.Buffer
	must(t, gob.NewEncoder(&b).Encode(messages))
	return b.String()
}

// modsDir makes a directory as mods has it.
func modsDir(t testing.TB) string {
	t.Helper()
	root := t.TempDir()
	sqlite(t, filepath.Join(root, "conversations", "mods.db"), "mods/mods.sql")
	call := modsTool{ID: "c1"}
	call.Function.Name, call.Function.Arguments = "read", []byte(`{"page":1}`)
	write(t, filepath.Join(root, "secret.gob"), gobOf(t, []modsFirst{{"not to be read", "user"}}))
	for id, text := range map[string]string{
		"aa11bb": gobOf(t, []modsNow{{"user", "Read it", nil}, {"assistant", "", []modsTool{call}}, {"tool", "Call me Ishmael.", []modsTool{call}}, {"assistant", "Done \xff", nil}}),
		"cc22dd": gobOf(t, []modsFirst{{"You are kind", "system"}, {"猫", "user"}, {"ねこ", "assistant"}}),
		"ee33ff": gobOf(t, []modsOpenAI{{Role: "user", Content: "hi"}, {Role: "assistant", Content: "ho"}}),
		"orphan": gobOf(t, []modsFirst{{"in no index", "user"}, {"but there", "assistant"}}),
	} {
		write(t, filepath.Join(root, "conversations", id+".gob"), text)
	}
	return root
}

func TestMods(t *testing.T) {
	root := modsDir(t)
	golden(t, "mods", transcript(t, "mods", root, root))
	// Without its index mods has no titles, but what was said is there.
	index := filepath.Join(root, "conversations", "mods.db")
	data, err := os.ReadFile(index)
	must(t, err)
	write(t, index, string(data[:2000]))
	golden(t, "mods-damaged", transcript(t, "mods", root, root))
}

// Of a file that is cut off there is what comes before.
func TestModsCut(t *testing.T) {
	root := modsDir(t)
	path := filepath.Join(root, "conversations", "cc22dd.gob")
	data, err := os.ReadFile(path)
	must(t, err)
	write(t, path, string(data[:len(data)-3]))
	wantIn(t, transcript(t, "mods", root, root), "problem conversations/cc22dd.gob, byte ", ": is cut off\ncc22dd \"42\" 2024-01-01T00:00:00Z\n  system \"You are kind\"\n  user \"猫\"\nproblem")
	write(t, path, string(data[:20]))
	got := transcript(t, "mods", root, root)
	wantIn(t, got, "problem conversations/cc22dd.gob, byte 20: is cut off")
	if strings.Contains(got, "no messages are in it") {
		t.Error(got)
	}
}
