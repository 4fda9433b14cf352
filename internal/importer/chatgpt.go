package importer

import (
	"archive/zip"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// The limits of a file in an archive. Only one over minRatioSize is refused for its
// ratio: a small file of spaces is no harm.
const (
	maxUnpacked  = 8 << 30  // bytes
	maxRatio     = 200      // of its size to its compressed size
	minRatioSize = 64 << 20 // bytes
)

const zipMagic = "PK\x03\x04"

// chatgpt reads ChatGPT's data export: the archive as it comes, the directory that it
// unpacks to, or conversations.json, which newer exports have in several parts.
func (s *scan) chatgpt(path string) {
	s.each(path, func(name string) bool { return isConversations(filepath.Base(name)) }, func(f *file) {
		head := make([]byte, 4)
		if _, err := f.ReadAt(head, 0); err == nil && string(head) == zipMagic {
			s.chatgptArchive(f)
			return
		}
		s.conversations(f, f.path, f.changed)
	})
}

// isConversations reports whether a file of an export holds chats.
func isConversations(name string) bool {
	return regexp.MustCompile(`^conversations(-\d+)?\.json$`).MatchString(name)
}

// chatgptArchive reads the chats in a zip, without unpacking it to the disk. It reports
// every file with an unsafe name or mode, also those that hold no chats.
func (s *scan) chatgptArchive(f *file) {
	archive, err := zip.NewReader(f, f.size)
	if err != nil {
		s.broken(f.path, "", "cannot be opened: %s; is the download complete?", strings.TrimPrefix(err.Error(), "zip: "))
		return
	}
	found := 0
	for _, entry := range archive.File {
		unsafe := unsafeEntry(entry)
		switch {
		case s.done():
			return
		case unsafe != "":
			s.fail(&Problem{Path: f.path, Position: fmt.Sprintf("%.200q", entry.Name), What: unsafe + "; refused", Refused: true})
			found++
		case isConversations(path.Base(entry.Name)) && !entry.FileInfo().IsDir():
			found++
			in, err := entry.Open()
			if err != nil {
				s.broken(f.path, entry.Name, "%s", reason(err))
				continue
			}
			s.conversations(io.LimitReader(in, maxUnpacked), f.path+"/"+entry.Name, f.changed)
			in.Close()
		}
	}
	if found == 0 {
		s.broken(f.path, "", "there is no conversations.json in it")
	}
}

// unsafeEntry says why a file in an archive is refused, or "".
func unsafeEntry(entry *zip.File) string {
	name := strings.ReplaceAll(entry.Name, `\`, "/")
	size := entry.UncompressedSize64
	switch mode := entry.Mode(); {
	case !fs.ValidPath(strings.TrimSuffix(name, "/")) || len(name) > 1 && name[1] == ':':
		return "is a name that leads out of the archive"
	case mode.IsDir() && strings.HasSuffix(name, "/"):
		return ""
	case !mode.IsRegular():
		return kindOf(mode)
	case size > maxUnpacked:
		return fmt.Sprintf("is over %d GiB (limit)", maxUnpacked>>30)
	case size > minRatioSize && size/maxRatio > entry.CompressedSize64:
		return fmt.Sprintf("unpacks to over %d times its size", maxRatio)
	}
	return ""
}

// conversations reads an array of chats.
func (s *scan) conversations(in io.Reader, path string, changed time.Time) {
	found := 0
	s.values(in, path, func(raw []byte, _ int) error {
		var c conversation
		if err := decode(raw, &c); err != nil {
			return err
		}
		if len(c.Mapping) == 0 {
			return fmt.Errorf("is not a conversation")
		}
		found++
		return s.conversation(&c, changed)
	})
	if found == 0 && !s.done() {
		s.broken(path, "", "no conversations are in it")
	}
}
