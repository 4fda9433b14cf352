package importer

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

const (
	maxUnpacked = 8 << 30 // bytes of one file in an archive
	maxRatio    = 200     // times that a file may be larger than it is packed
	largeEnough = 64 << 20
)

// chatgpt reads ChatGPT's data export: the archive as it comes, the directory it
// unpacks to, or conversations.json, which newer exports have in several parts.
func (s *scan) chatgpt(at string) {
	s.each(at, func(name string) bool { return isConversations(filepath.Base(name)) }, func(file, _ string) {
		f, ok := s.open(file)
		if !ok {
			return
		}
		defer f.Close()
		head := make([]byte, 4)
		if _, err := f.ReadAt(head, 0); err == nil && string(head) == "PK\x03\x04" {
			s.chatgptArchive(f)
			return
		}
		s.conversations(f, file, f.time)
	})
}

// isConversations reports whether a file of an export holds chats.
func isConversations(name string) bool {
	return regexp.MustCompile(`^conversations(-\d+)?\.json$`).MatchString(name)
}

// chatgptArchive reads the chats in a zip. Nothing is unpacked to the disk; what has
// a name that would lead elsewhere, or is no file, is named all the same.
func (s *scan) chatgptArchive(f *file) {
	archive, err := zip.NewReader(f, f.size)
	if err != nil {
		s.broken(f.path, "", "cannot be opened: %s; is the download complete?", strings.TrimPrefix(err.Error(), "zip: "))
		return
	}
	found := 0
	for _, entry := range archive.File {
		place := fmt.Sprintf("%.200q", entry.Name)
		what := suspicious(entry)
		switch wanted := isConversations(path.Base(entry.Name)) && !entry.FileInfo().IsDir(); {
		case s.done():
			return
		case what != "":
			s.fail(&Problem{Path: f.path, Place: place, What: what + "; refused", Refused: true})
			found++
		case wanted:
			found++
			s.entry(f, entry)
		}
	}
	if found == 0 {
		s.broken(f.path, "", "there is no conversations.json in it")
	}
}

// suspicious says what is wrong with a file in an archive, or nothing.
func suspicious(entry *zip.File) string {
	name := strings.ReplaceAll(entry.Name, `\`, "/")
	switch mode := entry.Mode(); {
	case !fs.ValidPath(strings.TrimSuffix(name, "/")) || len(name) > 1 && name[1] == ':':
		return "is a name that leads out of the archive"
	case mode.IsDir() && strings.HasSuffix(name, "/"):
		return ""
	case !mode.IsRegular():
		return kindOf(mode)
	case entry.UncompressedSize64 > maxUnpacked:
		return fmt.Sprintf("is over %d GiB (limit)", maxUnpacked>>30)
	case entry.UncompressedSize64 > largeEnough && entry.UncompressedSize64/maxRatio > entry.CompressedSize64:
		return fmt.Sprintf("unpacks to over %d times its size", maxRatio)
	}
	return ""
}

func (s *scan) entry(f *file, entry *zip.File) {
	in, err := entry.Open()
	if err != nil {
		s.broken(f.path, entry.Name, "%s", reason(err))
		return
	}
	defer in.Close()
	s.conversations(io.LimitReader(in, maxUnpacked), f.path+"/"+entry.Name, f.time)
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
			return fmt.Errorf("is no conversation")
		}
		found++
		return s.conversation(&c, changed)
	})
	if found == 0 && !s.done() {
		s.broken(path, "", "no conversations are in it")
	}
}

// conversation is one chat of the export: a tree of messages by their IDs.
type conversation struct {
	ID             string          `json:"id"`
	ConversationID string          `json:"conversation_id"`
	Title          string          `json:"title"`
	CreateTime     json.RawMessage `json:"create_time"`
	UpdateTime     json.RawMessage `json:"update_time"`
	CurrentNode    string          `json:"current_node"`
	Model          string          `json:"default_model_slug"`
	Mapping        map[string]node `json:"mapping"`

	read map[string]*step // the messages that were read, nil if they say nothing
}

type node struct {
	Message *chatgptWire `json:"message"`
	Parent  string       `json:"parent"`
}

// conversation yields the way to the current message, and each other way as a branch
// off from that.
func (s *scan) conversation(c *conversation, changed time.Time) error {
	id := c.ConversationID
	if id == "" {
		id = c.ID
	}
	ways, left := c.ways()
	main := s.way(c, ways[0])
	begun := s.timeOf(c.CreateTime)
	if begun.IsZero() {
		begun = s.begun(main.messages(), s.timeOf(c.UpdateTime), changed)
	}
	if id == "" && len(ways[0]) > 0 {
		id = ways[0][0]
	}
	s.chat(Chat{ID: id, Title: c.Title, Time: begun, Messages: main.messages()})
	size := 0
	for _, nodes := range ways[1:] {
		branch := s.way(c, nodes)
		shared := branch.shared(main)
		if shared == len(branch) { // it differs in what is not shown
			continue
		}
		if size += branch.size(); size > maxBranched {
			left++
			continue
		}
		s.chat(Chat{
			ID: id + "/" + nodes[len(nodes)-1], Title: c.Title,
			Time:     s.begun(branch[shared:].messages(), begun),
			Branch:   &Branch{id, branch.turns(shared)},
			Messages: branch.messages(),
		})
	}
	if left > 0 {
		return fmt.Errorf("%d further branches of %.100q are left out (limit)", left, c.Title)
	}
	return nil
}
