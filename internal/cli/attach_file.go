package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"oax/internal/chat"
	"oax/internal/term"
)

// mostMedia is the largest image or PDF that is sent, in bytes.
const mostMedia = 20 << 20

// readAttachment reads a file, or standard input, up to a byte more than may be sent of
// any.
func (env *Env) readAttachment(ctx context.Context, name string) (chat.Attachment, error) {
	if name == "-" && term.IsTerminal(env.Stdin) {
		return chat.Attachment{}, &report{what: "nothing is piped in that could be attached", hint: `git diff | oax -a - "question"`, kind: "usage", code: exitUsage}
	}
	most := max(env.maxInput()<<20, mostMedia) + 1
	if name == "-" {
		data, err := env.readStdin(ctx, most)
		return chat.Attachment{Name: "stdin", Data: data}, err
	}
	file, err := await(ctx, func() (chat.Attachment, error) { return readFile(name, most) })
	if ctx.Err() != nil {
		return chat.Attachment{}, context.Cause(ctx)
	}
	if err != nil {
		return chat.Attachment{}, unreadable(name, err)
	}
	return file, nil
}

func unreadable(name string, err error) error {
	if name == "" {
		name = "a file without a name"
	}
	r := &report{what: fmt.Sprintf("cannot read %s: %s", name, plainError(err)), kind: "input", code: exitUsage}
	if info, statErr := os.Stat(name); statErr == nil && info.IsDir() {
		r.hint = "its files: oax -a " + filepath.Join(name, "*") + ` -- "question"`
	}
	return r
}

// readFile reads the beginning of a file. Only of a regular one the path is worth
// remembering: what came through a pipe comes once.
func readFile(name string, most int64) (chat.Attachment, error) {
	f, err := os.Open(name)
	if err != nil {
		return chat.Attachment{}, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most))
	file := chat.Attachment{Name: term.Line(name), Data: data}
	if info, statErr := f.Stat(); statErr == nil && info.Mode().IsRegular() {
		file.Path, _ = filepath.Abs(name)
	}
	return file, err
}

const utf16 = "UTF-16, not UTF-8"

// kindOf returns the media type of what can be sent as it is, or nothing for text, or what
// it is if it can be neither. The first bytes tell it, not the name.
func kindOf(data []byte) (mediaType, problem string) {
	sniffed := http.DetectContentType(data)
	switch {
	case sniffed == "image/png", sniffed == "image/jpeg", sniffed == "image/gif", sniffed == "image/webp", sniffed == "application/pdf":
		return sniffed, ""
	case strings.HasPrefix(sniffed, "text/plain; charset=utf-16"):
		return "", utf16
	case bytes.IndexByte(data, 0) < 0 && (strings.HasPrefix(sniffed, "text/") || utf8.Valid(data)):
		return "", ""
	case sniffed == "application/octet-stream", strings.HasPrefix(sniffed, "text/"):
		return "", "neither text nor an image (PNG, JPEG, WebP, GIF) nor a PDF"
	}
	return "", sniffed + ", neither text nor an image (PNG, JPEG, WebP, GIF) nor a PDF"
}

// describe notes what a session keeps of a file.
func describe(file *chat.Attachment, mediaType string) {
	sum := sha256.Sum256(file.Data)
	file.Type, file.Size, file.SHA256 = mediaType, int64(len(file.Data)), hex.EncodeToString(sum[:])
}

// fenced puts a text under its name, between fences that are longer than any in it.
func fenced(name, text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	language := strings.TrimPrefix(filepath.Ext(name), ".")
	if strings.ContainsFunc(language, func(r rune) bool { return !('a' <= r && r <= 'z' || '0' <= r && r <= '9') }) {
		language = ""
	}
	return name + ":\n" + fence + language + "\n" + text + fence
}
