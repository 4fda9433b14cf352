package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"oax/internal/session"
)

// littleSpace is what a disk should have left, in bytes.
const littleSpace = 100 << 20

// checkStore tells where the sessions are and how they are.
func (d *doctor) checkStore() {
	const name = "sessions"
	dir := filepath.Join(dataHome(), "oax", "sessions")
	store, err := d.env.openStore()
	if err != nil {
		d.bad(name, err)
		return
	}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.none(name, "none yet; "+dir+" will have them", "")
	case err != nil:
		d.bad(name, err)
	default:
		d.checkDirectory(name, dir, info)
		d.checkSessions(store, dir)
	}
	d.checkSpace(dir)
}

// checkDirectory tells who may do what with the directory, and whether it can be written.
func (d *doctor) checkDirectory(name, dir string, info os.FileInfo) {
	owner, ours := ownerOf(info)
	probe, err := os.CreateTemp(dir, ".doctor-*")
	if err == nil {
		probe.Close()
		err = os.Remove(probe.Name())
	}
	switch {
	case !info.IsDir():
		d.bad(name, &session.FileError{Path: dir, What: "not a directory"})
	case !ours:
		d.tell(check{Name: name, State: bad, Text: dir + " belongs to " + owner, Hint: "sudo chown -R $USER " + dir, code: exitDisk})
	case err != nil:
		d.bad(name, &report{what: fmt.Sprintf("cannot write to %s: %s", dir, plainError(err)), hint: "chmod u+rwx " + dir, code: exitDisk})
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		d.tell(check{Name: name, State: bad, Text: fmt.Sprintf("%s is open to other users (%s)", dir, octal(info)), Hint: "chmod 700 " + dir, code: exitDisk})
	default:
		d.ok(name, fmt.Sprintf("%s (%s)", dir, octal(info)))
	}
}

// checkSessions counts by names alone.
func (d *doctor) checkSessions(store *session.Store, dir string) {
	n := 0
	for _, err := range store.Newest() {
		if err != nil {
			d.bad("files", err)
			return
		}
		n++
	}
	text := counted(n, "session")
	if open := len(store.Open()); open > 0 {
		text += fmt.Sprintf(", %d open in another oax", open)
	}
	if torn, err := filepath.Glob(filepath.Join(dir, "*", "*.torn")); err == nil && len(torn) > 0 {
		text += fmt.Sprintf(", %d with ends that a power loss cut (.torn beside them)", len(torn))
	}
	d.ok("files", text)
}

// checkSpace tells what is free where the sessions are, or will be.
func (d *doctor) checkSpace(dir string) {
	for _, err := os.Stat(dir); err != nil && dir != filepath.Dir(dir); _, err = os.Stat(dir) {
		dir = filepath.Dir(dir)
	}
	free, known := freeSpace(dir)
	switch {
	case !known:
	case free < littleSpace:
		d.tell(check{Name: "disk", State: bad, Text: size(int64(free)) + " free", Hint: "oax rm --older-than 1y --purge", code: exitDisk})
	default:
		d.ok("disk", fmt.Sprintf("%.1f GiB free", float64(free)/(1<<30)))
	}
}
