package importer

import (
	"path/filepath"
	"strings"
)

// sgpt reads the sessions of tbckr/sgpt: a file each, with the name of the session and
// no extension, and a message on each line. There is no time but that of the file.
func (s *scan) sgpt(path string) { s.each(path, isSgptName, s.sgptSession) }

// isSgptName reports whether a file can be a session: a cache may hold other files.
func isSgptName(name string) bool {
	letters := "abcdefghijklmnopqrstuvwxyz"
	return strings.Trim(name, letters+strings.ToUpper(letters)+"0123456789-_") == ""
}

func (s *scan) sgptSession(f *file) {
	c := s.messages(f)
	c.ID, c.Title = f.stem(), f.stem()
	c.Time = s.startTime(c.Messages, f.changed)
	s.onlyChat(f, c)
}

func sgptPaths(d Dirs) []string { return []string{filepath.Join(d.Cache, "sgpt")} }
