package importer

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Guess returns the name of the source whose chats are at path, by what the files
// look like, or "".
func Guess(ctx context.Context, path string) string {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return ""
	case info.IsDir():
		return guessDirectory(path)
	case info.Mode().IsRegular():
		return guessFile(ctx, path)
	}
	return ""
}

func guessDirectory(path string) string {
	for _, known := range []struct{ file, source string }{
		{"mods.db", "mods"}, {"conversations/mods.db", "mods"}, {"logs.db", "llm"},
		{"conversations.json", "chatgpt"}, {"conversations-*.json", "chatgpt"},
		{"*.toml", "oax"}, {"*.yaml", "aichat"}, {"_/*.yaml", "aichat"},
	} {
		if found, _ := filepath.Glob(filepath.Join(escapeGlob(path), filepath.FromSlash(known.file))); len(found) > 0 {
			return known.source
		}
	}
	if found, _ := filepath.Glob(filepath.Join(escapeGlob(path), "*.json")); len(found) > 0 {
		return guessJSON(head(found[0]))
	}
	names, _ := filepath.Glob(filepath.Join(escapeGlob(path), "*"))
	for _, name := range names[:min(len(names), 20)] {
		if isSgptName(filepath.Base(name)) && guessJSON(head(name)) == "openai" {
			return "sgpt"
		}
	}
	return ""
}

func escapeGlob(path string) string {
	if filepath.Separator == '\\' {
		return path
	}
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

func guessFile(ctx context.Context, path string) string {
	start := head(path)
	switch text := bytes.TrimLeft(start, " \t\r\n\ufeff"); {
	case bytes.HasPrefix(start, []byte("SQLite format 3\x00")):
		return guessDatabase(ctx, path)
	case bytes.HasPrefix(start, []byte("PK\x03\x04")):
		return "chatgpt"
	case bytes.HasPrefix(text, []byte("[[messages]]")):
		return "oax"
	case bytes.HasPrefix(text, []byte("[")), bytes.HasPrefix(text, []byte("{")):
		return guessJSON(text)
	case bytes.HasPrefix(text, []byte("model:")) && bytes.Contains(text, []byte("messages:")):
		return "aichat"
	}
	return ""
}

// guessJSON tells chats by the keys at the beginning of a file. An array of messages
// with timestamps is a thread of chatgpt-cli.
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

// guessDatabase looks at the tables. Without sqlite3 nothing can be told, but that it
// is missing will be said by whatever reads the database.
func guessDatabase(ctx context.Context, path string) (name string) {
	if strings.HasPrefix(filepath.Base(path), "mods") {
		return "mods"
	}
	s := &scan{ctx: ctx, now: time.Now(), yield: func(Chat, error) bool { return true }}
	s.withDatabase(path, func(db *database) {
		if found, _ := db.columns(); found["conversations.updated_at"] {
			name = "mods"
		}
	})
	if name == "" {
		name = "llm"
	}
	return name
}

// head returns the first bytes of a regular file.
func head(path string) []byte {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	start := make([]byte, 256<<10)
	n, _ := io.ReadFull(f, start)
	return start[:n]
}
