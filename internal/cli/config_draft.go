package cli

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"oax/internal/config"
)

// draft is a copy of the configuration file that somebody is at.
type draft struct {
	path   string      // of the file as people know it
	target string      // the file itself, behind all symbolic links
	name   string      // the path of the copy, in the target's directory
	before []byte      // what the file held; nil if there was none
	mode   fs.FileMode // of the file
}

// newDraft copies the file, or what there is to begin with if there is none.
func newDraft(path string) (*draft, error) {
	d := &draft{path: path, mode: 0o600}
	if err := d.read(); err != nil {
		return nil, err
	}
	text := d.before
	if text == nil {
		text = []byte(firstConfig)
	}
	return d, d.write(text)
}

func (d *draft) read() (err error) {
	if d.target, err = behindLinks(d.path); err != nil {
		return err
	}
	info, err := os.Stat(d.target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = os.MkdirAll(filepath.Dir(d.target), 0o700)
	case err == nil && !info.Mode().IsRegular():
		return &config.FileError{Path: d.path}
	case err == nil:
		d.mode = info.Mode().Perm()
		d.before, err = os.ReadFile(d.target)
	}
	if err != nil {
		return notWritten(d.target, err)
	}
	return nil
}

// behindLinks follows symbolic links, as those make them who keep their configuration in
// a repository, to the file that they lead to, whether or not it is there.
func behindLinks(path string) (string, error) {
	const most = 40 // as Linux does
	for range most {
		to, err := os.Readlink(path)
		if err != nil {
			return path, nil // no link
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	return "", &report{what: configFile() + " is a symbolic link to itself", code: exitUsage, kind: "config"}
}

// write makes the copy, which only its owner may read.
func (d *draft) write(text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(d.target), "config-*.toml")
	if err != nil {
		return notWritten(d.target, err)
	}
	d.name = f.Name()
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(d.name)
		return notWritten(d.target, err)
	}
	return nil
}

// replace puts the copy in the place of the file, with the file's mode. A file that
// somebody else has changed meanwhile stays.
func (d *draft) replace() error {
	after, err := os.ReadFile(d.name)
	if err != nil {
		return notWritten(d.target, err)
	}
	if bytes.Equal(after, d.before) {
		return os.Remove(d.name)
	}
	now, err := os.ReadFile(d.target)
	if !bytes.Equal(now, d.before) || err != nil && d.before != nil {
		return d.giveUp(&report{what: d.path + " was changed by somebody else meanwhile", code: exitUsage, kind: "config"})
	}
	if err := errors.Join(os.Chmod(d.name, d.mode), syncFile(d.name), os.Rename(d.name, d.target)); err != nil {
		return d.giveUp(notWritten(d.target, err))
	}
	return nil
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// giveUp leaves the file as it is. What has been written into the copy is not lost.
func (d *draft) giveUp(err error) error {
	r := *explain(err)
	after, readErr := os.ReadFile(d.name)
	if readErr != nil || bytes.Equal(after, d.before) || d.before == nil && string(after) == firstConfig {
		os.Remove(d.name)
	} else {
		r.saved = "your edit is in " + d.name
	}
	return &r
}
