package importer

import (
	"path/filepath"
	"strings"
)

// sgpt reads the sessions of tbckr/sgpt: a file each, named as the session is and
// without an extension, a message a line. Only the file knows when it was changed.
func (s *scan) sgpt(path string) { s.each(path, isSgptName, s.sgptSession) }

// isSgptName reports whether a file can be a session: other things may be in a cache.
func isSgptName(name string) bool {
	letters := "abcdefghijklmnopqrstuvwxyz"
	return strings.Trim(name, letters+strings.ToUpper(letters)+"0123456789-_") == ""
}

func (s *scan) sgptSession(path, name string) {
	f, ok := s.open(path)
	if !ok {
		return
	}
	defer f.Close()
	c := Chat{ID: stem(name), Title: stem(name), Messages: s.messages(f)}
	c.Time = s.begun(c.Messages, f.time)
	s.only(path, c)
}

func placesOfSgpt(d Dirs) []string { return []string{filepath.Join(d.Cache, "sgpt")} }
