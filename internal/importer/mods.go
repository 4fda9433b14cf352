package importer

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"oax/internal/chat"
)

// mods reads the conversations of charmbracelet/mods: an SQLite index with titles,
// models and the time of the last change, and a gob file for each conversation
// beside it. If the index cannot be read, the files are read without it.
func (s *scan) mods(path string) {
	index := path
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		index = filepath.Join(path, "mods.db")
		if _, err := os.Stat(index); err != nil {
			index = filepath.Join(path, "conversations", "mods.db")
		}
	}
	listed := map[string]bool{}
	s.withDatabase(index, func(db *database) {
		found, ok := db.columns()
		if ok && found["conversations"] && db.modsIndex(found, listed) {
			return
		}
		if ok && !found["conversations"] {
			s.broken(index, "", "has no conversations of mods")
		}
		s.modsFiles(filepath.Dir(index), listed)
	})
}

// modsIndex reads the conversations that the index lists. SQLite stores an ID or a
// title that consists of digits as a number, hence the casts.
func (db *database) modsIndex(found, listed map[string]bool) bool {
	sql := fmt.Sprintf("select cast(c.id as text) as id, %s as title, %s as model, %s as updated from conversations c order by c.updated_at",
		column(found, "conversations", "c", "title"), column(found, "conversations", "c", "model"), column(found, "conversations", "c", "updated_at"))
	return db.query("id title model updated", sql, func(row []byte) error {
		var r struct{ ID, Title, Model, Updated string }
		if err := decode(row, &r); err != nil {
			return err
		}
		listed[r.ID] = true
		if r.ID == "" || strings.ContainsAny(r.ID, `/\:`) || strings.HasPrefix(r.ID, ".") {
			db.fail(&Problem{Path: db.path, Position: fmt.Sprintf("%.200q", r.ID), What: "is no name of a conversation; refused", Refused: true})
			return nil
		}
		db.withFile(filepath.Join(filepath.Dir(db.path), r.ID+".gob"), "", func(f *file) {
			db.modsFile(f, Chat{ID: r.ID, Title: r.Title, Time: parseTime(r.Updated)}, r.Model)
		})
		return nil
	})
}

// modsFiles reads the conversations that the index does not list.
func (s *scan) modsFiles(dir string, listed map[string]bool) {
	s.each(dir, hasExtension(".gob"), func(f *file) {
		if !listed[f.stem()] {
			s.modsFile(f, Chat{ID: f.stem()}, "")
		}
	})
}

func (s *scan) modsFile(f *file, c Chat, model string) {
	data, ok := s.readAll(f, maxFile)
	if !ok {
		return
	}
	messages, problem := parseMods(data)
	if problem != nil {
		s.broken(f.path, problem.Position, "%s", problem.What)
		if len(messages) == 0 {
			return
		}
	}
	for _, m := range messages {
		if m.Role == chat.Assistant {
			m.Model = model
		}
		c.add(m)
	}
	c.Time = s.firstTime(c.Time, f.changed)
	s.onlyChat(f, c)
}

func modsPaths(d Dirs) []string { return []string{filepath.Join(d.Data, "mods")} }
