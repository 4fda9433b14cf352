package importer

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// guess is a scan that reports nothing.
type guess struct{ scan }

// Guess returns the source whose chats are at path, judging by the names and the
// beginnings of the files. ok is false if it is none.
func Guess(ctx context.Context, path string) (s Source, ok bool) {
	g := guess{scan{ctx: ctx, yield: func(Chat, error) bool { return true }}}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return Find(g.directory(path))
	}
	return Find(g.file(path))
}

func (g *guess) directory(path string) string {
	glob := func(pattern string) []string {
		found, _ := fs.Glob(os.DirFS(path), pattern) // the patterns are valid
		return found
	}
	for _, known := range []struct{ file, source string }{
		{"mods.db", "mods"}, {"conversations/mods.db", "mods"}, {"logs.db", "llm"},
		{"conversations.json", "chatgpt"}, {"conversations-*.json", "chatgpt"},
		{"*.toml", "oax"}, {"*.yaml", "aichat"}, {"_/*.yaml", "aichat"},
	} {
		if len(glob(known.file)) > 0 {
			return known.source
		}
	}
	if found := glob("*.json"); len(found) > 0 {
		return guessJSON(g.head(filepath.Join(path, found[0])))
	}
	names := glob("*")
	for _, name := range names[:min(len(names), 20)] {
		if isSgptName(name) && guessJSON(g.head(filepath.Join(path, name))) == "openai" {
			return "sgpt"
		}
	}
	return ""
}

func (g *guess) file(path string) string {
	text := bytes.TrimLeft(g.head(path), " \t\r\n\ufeff")
	begins := func(with string) bool { return bytes.HasPrefix(text, []byte(with)) }
	switch {
	case begins(sqliteMagic):
		return g.database(path)
	case begins(zipMagic):
		return "chatgpt"
	case begins("[[messages]]"):
		return "oax"
	case begins("["), begins("{"):
		return guessJSON(text)
	case begins("model:") && bytes.Contains(text, []byte("messages:")):
		return "aichat"
	}
	return ""
}

// guessJSON looks for keys in the beginning of a file. An array of messages with
// timestamps is a thread of chatgpt-cli.
func guessJSON(start []byte) string {
	has := func(key string) bool { return bytes.Contains(start, []byte(`"`+key+`"`)) }
	switch {
	case has("mapping"):
		return "chatgpt"
	case len(start) == 0:
		return ""
	case has("timestamp") && has("role") && !has("messages") && start[0] == '[':
		return "chatgpt-cli"
	case has("role"):
		return "openai"
	}
	return ""
}

// database looks at the tables. If sqlite3 is missing it returns any source that
// needs it: reading that reports the error.
func (g *guess) database(path string) string {
	isMods := strings.HasPrefix(filepath.Base(path), "mods")
	g.withDatabase(path, func(db *database) {
		found, _ := db.columns()
		isMods = isMods || found["conversations.updated_at"]
	})
	if isMods {
		return "mods"
	}
	return "llm"
}

// head returns the beginning of a regular file.
func (g *guess) head(path string) (start []byte) {
	g.withFile(path, "", func(f *file) {
		start = make([]byte, 256<<10)
		n, _ := io.ReadFull(f, start) // what can be read is enough
		start = start[:n]
	})
	return start
}
