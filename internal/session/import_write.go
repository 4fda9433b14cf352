package session

import (
	"errors"
	"os"
	"path/filepath"
)

// importedHeader is the header of a session that was brought in.
type importedHeader struct {
	headerLine
	Origin Origin `json:"origin"`
}

// write puts a session on disk under a temporary name.
func (im *Importer) write(e Entry, origin Origin, c Import) error {
	im.known[e.ID] = e.Path
	if im.DryRun {
		im.planned[e.ID] = origin
		return nil
	}
	lines := []any{importedHeader{headerLine{kindSession, formatVersion, e.ID, c.Time, c.ForkOf}, origin}}
	if c.Title != "" {
		lines = append(lines, titleLine{kindTitle, c.Time, c.Title})
	}
	data, err := encodeMessages(c.Time, lines, c.Messages)
	if err != nil {
		return err
	}
	dir := filepath.Dir(e.Path)
	changed, err := makeDir(dir)
	if err != nil {
		return err
	}
	for _, name := range append(changed, dir) {
		im.changed[name] = true
	}
	w := written{e, filepath.Join(dir, tempPrefix+newID(im.store.now()))}
	f, err := createFile(w.temp)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(w.temp)
		return err
	}
	if im.pending = append(im.pending, w); len(im.pending) >= importBatch {
		return im.Flush()
	}
	return nil
}

// reach makes sure that a session can be read: one that waits for Flush cannot.
func (im *Importer) reach(e Entry) error {
	for _, w := range im.pending {
		if w.ID == e.ID {
			return im.Flush()
		}
	}
	return nil
}

// Flush makes what was added appear, once it is sure to outlast a power loss. After
// an error, which is of the operating system, what did not appear is gone.
func (im *Importer) Flush() error {
	var failed error
	for _, w := range im.pending {
		if failed == nil {
			failed = w.appear()
		}
		_ = os.Remove(w.temp)
	}
	im.pending = nil
	for dir := range im.changed {
		failed = errors.Join(failed, syncDir(dir))
	}
	clear(im.changed)
	return failed
}

// appear gives the session its name, which a link takes from nobody.
func (w written) appear() error {
	f, err := openFile(w.temp, os.O_RDWR)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if os.Link(w.temp, w.Path) == nil {
		return nil
	}
	if _, err := os.Lstat(w.Path); err == nil { // another import was quicker
		return nil
	}
	return os.Rename(w.temp, w.Path) // the file system has no links
}
