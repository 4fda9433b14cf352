package prompt

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"oax/internal/chat"
	"oax/internal/report"
	"oax/internal/term"
)

// How files are attached to a prompt: a text becomes part of the prompt's text, an image
// or a PDF is sent as it is.

// maxMedia is the size of the largest image or PDF that is sent, in bytes.
const maxMedia = 20 << 20

// Attach adds files to the prompt, or none if one cannot be added. A name is a file, a
// pattern such as "*.md" unless a file has that very name, or "-" for standard input.
// All attached texts together have the limit MaxInput.
func (r Reader) Attach(ctx context.Context, p *Prompt, files []string) error {
	with := *p
	for _, name := range files {
		names, err := expand(name)
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := r.attach(ctx, &with, name); err != nil {
				return err
			}
		}
	}
	*p = with
	return nil
}

// expand returns the files that a pattern matches, sorted, without directories. Anything
// that is no pattern, or that is a file's name, is returned as it is.
func expand(name string) ([]string, error) {
	if _, err := os.Lstat(name); err == nil || !strings.ContainsAny(name, "*?[") {
		return []string{name}, nil
	}
	matches, err := filepath.Glob(name)
	if err != nil {
		return nil, report.Usage("invalid pattern "+name+": "+err.Error(), "")
	}
	matches = slices.DeleteFunc(matches, func(match string) bool {
		info, err := os.Stat(match)
		return hiddenFrom(name, match) || err == nil && info.IsDir()
	})
	if len(matches) == 0 {
		return nil, report.Input("no file matches "+name, "")
	}
	return matches, nil
}

// hiddenFrom reports whether a pattern matches a hidden file without naming the dot, as
// * matches .env: a shell would not.
func hiddenFrom(pattern, match string) bool {
	wanted := strings.Split(filepath.Clean(pattern), string(filepath.Separator))
	for i, part := range strings.Split(filepath.Clean(match), string(filepath.Separator)) {
		if strings.HasPrefix(part, ".") && i < len(wanted) && !strings.HasPrefix(wanted[i], ".") {
			return true
		}
	}
	return false
}

// attach adds one file.
func (r Reader) attach(ctx context.Context, p *Prompt, name string) error {
	file, err := r.readAttachment(ctx, p, name)
	if err != nil {
		return err
	}
	mediaType, problem := mediaTypeOf(file.Data)
	size := int64(len(file.Data))
	switch {
	case problem != "":
		hint := ""
		if problem == utf16 {
			hint = "iconv -f UTF-16 -t UTF-8 " + report.Quote(name) + " | oax -a - ..."
		}
		return report.Input(fmt.Sprintf("cannot attach %s: it is %s", file.Name, problem), hint)
	case mediaType == "" && p.size+size > r.limit():
		what := fmt.Sprintf("with %s the attached text is over %d MiB (limit)", file.Name, r.limit()>>20)
		return report.Input(what, "--max-input to raise it")
	case size > maxMedia:
		return report.Input("cannot attach "+file.Name+": it is over 20 MiB (limit)", "")
	case mediaType == "":
		p.size += size
		p.attached = join(p.attached, fence(file.Name, string(file.Data)))
	default:
		describe(&file, mediaType)
		p.Parts = append(slices.Clip(p.Parts), file)
		p.attached = join(p.attached, note(file))
	}
	p.Files = append(slices.Clip(p.Files), name)
	return nil
}

// readAttachment reads a file, or standard input, up to one byte more than the larger
// limit.
func (r Reader) readAttachment(ctx context.Context, p *Prompt, name string) (chat.Part, error) {
	max := max(r.limit(), maxMedia) + 1
	if name == "-" {
		switch {
		case slices.Contains(p.Files, "-"):
			return chat.Part{}, report.Usage("standard input is attached twice", "leave out one -a -")
		case term.IsTerminal(r.Stdin):
			return chat.Part{}, report.Usage("nothing is piped in that could be attached", `git diff | oax -a - "question"`)
		}
		data, err := r.readStdin(ctx, max)
		return chat.Part{Name: "stdin", Data: data}, err
	}
	// A FIFO that a person names is waited for, until ctx ends.
	file, err := term.Await(ctx, func() (chat.Part, error) { return readFile(name, max) })
	switch {
	case ctx.Err() != nil:
		return file, context.Cause(ctx)
	case err != nil && name == "":
		return file, report.CannotRead("a file without a name", err)
	case err != nil:
		failed := report.CannotRead(name, err)
		if info, statErr := os.Stat(name); statErr == nil && info.IsDir() {
			failed.Hint = "to attach its files: -a " + report.Quote(filepath.Join(name, "*"))
		}
		return file, failed
	}
	return file, nil
}

// readFile reads the first max bytes of a file. Only a regular file keeps its path: what
// comes through a pipe cannot be read again.
func readFile(name string, max int64) (chat.Part, error) {
	f, err := os.Open(name)
	if err != nil {
		return chat.Part{}, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, max))
	file := chat.Part{Name: term.Line(name), Data: data}
	if info, statErr := f.Stat(); statErr == nil && info.Mode().IsRegular() {
		file.Path, _ = filepath.Abs(name)
	}
	return file, err
}

const utf16 = "UTF-16, not UTF-8"

// mediaTypeOf returns the media type of data that can be sent as it is, or nothing for
// text, or as a problem what data is if it is neither. The first bytes decide, not the
// name.
func mediaTypeOf(data []byte) (mediaType, problem string) {
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

// describe fills in what a session keeps of an image or a PDF.
func describe(file *chat.Part, mediaType string) {
	sum := sha256.Sum256(file.Data)
	file.Type, file.Size, file.SHA256 = mediaType, int64(len(file.Data)), hex.EncodeToString(sum[:])
}

// note tells the model, in this and in later turns, that an image or a PDF was attached.
func note(file chat.Part) string {
	if file.IsImage() {
		return "[image: " + file.Name + "]"
	}
	return "[PDF: " + file.Name + "]"
}

// fence puts a text under its name, between fences that are longer than any in it.
func fence(name, text string) string {
	mark := "```"
	for strings.Contains(text, mark) {
		mark += "`"
	}
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	language := strings.TrimPrefix(filepath.Ext(name), ".")
	if strings.ContainsFunc(language, func(r rune) bool { return !('a' <= r && r <= 'z' || '0' <= r && r <= '9') }) {
		language = ""
	}
	return name + ":\n" + mark + language + "\n" + text + mark
}

// Reattach reads the images and PDFs of earlier prompts again, so that they are sent
// again. One that has changed or is not there is left out, which note tells once; the
// note in its prompt still tells the model that it was there.
func Reattach(messages []chat.Message, note func(string)) {
	for _, m := range messages {
		for i := range m.Parts {
			file := &m.Parts[i]
			if !file.IsFile() || len(file.Data) > 0 || file.Gone {
				continue
			}
			data, err := unchanged(*file)
			if err != nil {
				file.Gone = true
				note(fmt.Sprintf("%s is not sent again: %s", file.Name, report.Cause(err)))
				continue
			}
			file.Data = data
		}
	}
}

// unchanged returns the bytes of a file that was attached before, if they are the same.
func unchanged(file chat.Part) ([]byte, error) {
	if file.Path == "" {
		return nil, errors.New("it came through a pipe")
	}
	info, err := os.Stat(file.Path) // before opening: a FIFO would wait for its writer
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: file.Path, Err: errors.New("it is not a regular file any more")}
	}
	if err != nil {
		return nil, err
	}
	now, err := readFile(file.Path, maxMedia+1)
	if err != nil {
		return nil, err
	}
	describe(&now, file.Type)
	if now.SHA256 != file.SHA256 {
		return nil, errors.New("it has changed")
	}
	return now.Data, nil
}
