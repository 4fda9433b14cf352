package doctor

// The terminal, and where the sessions are.

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"oax/internal/config"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/session/disk"
	"oax/internal/term"
)

func (d *doctor) checkTerminal() {
	const name = "terminal"
	if !term.IsTerminal(d.Stdout) {
		d.skip(name, "standard output is not a terminal", "")
		return
	}
	kind := cmp.Or(d.Getenv("TERM"), "TERM is not set")
	locale := cmp.Or(d.Getenv("LC_ALL"), d.Getenv("LC_CTYPE"), d.Getenv("LANG"))
	columns, rows := term.Size(d.Stdout)
	text := fmt.Sprintf("%s, %dx%d, with colours", kind, columns, rows)
	if !term.Colour(d.Color, true, d.Getenv) {
		text = fmt.Sprintf("%s, %dx%d, without colours", kind, columns, rows)
	}
	switch utf8 := strings.Contains(strings.ToLower(strings.ReplaceAll(locale, "-", "")), "utf8"); {
	case !term.MovesCursor(kind, d.Getenv):
		d.skip(name, text+"; its cursor cannot be moved", "export TERM=xterm-256color, if that is what it is like")
	case !utf8 && runtime.GOOS != "windows":
		d.skip(name, text+"; the locale is not UTF-8", "export LANG=C.UTF-8, if letters look wrong")
	default:
		d.pass(name, text)
	}
}

func (d *doctor) checkStore(dirs config.Dirs) {
	const name = "sessions"
	dir := dirs.Sessions()
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.skip(name, "none yet; "+dir+" will hold them", "")
	case err != nil:
		d.fail(name, err)
	case !info.IsDir():
		d.fail(name, &disk.FileError{Path: dir, What: "not a directory"})
	default:
		d.checkDirectory(name, dir, info)
		d.checkFiles(dir)
	}
	for _, err := os.Stat(dir); err != nil && dir != filepath.Dir(dir); _, err = os.Stat(dir) {
		dir = filepath.Dir(dir)
	}
	const littleSpace = 100 << 20 // bytes
	free, known := freeSpace(dir)
	switch {
	case !known:
	case free < littleSpace:
		d.fail("disk", report.Disk(fmt.Sprintf("%d MiB free", free>>20), "oax rm --older-than 1y --purge"))
	default:
		d.pass("disk", fmt.Sprintf("%.1f GiB free", float64(free)/(1<<30)))
	}
}

// checkDirectory checks who may read and write the directory.
func (d *doctor) checkDirectory(name, dir string, info os.FileInfo) {
	mode := info.Mode().Perm()
	probe, err := os.CreateTemp(dir, ".doctor-*")
	if err == nil {
		probe.Close()
		err = os.Remove(probe.Name())
	}
	switch {
	case err != nil:
		d.fail(name, &session.SaveError{Stage: "prompt", Dir: dir, Err: err})
	case runtime.GOOS != "windows" && mode&0o077 != 0:
		d.fail(name, report.Disk(fmt.Sprintf("%s is open to other users (%04o)", dir, mode), "chmod 700 "+report.Quote(dir)))
	default:
		d.pass(name, fmt.Sprintf("%s (%04o)", dir, mode))
	}
}

// checkFiles counts the sessions by the names of their files.
func (d *doctor) checkFiles(dir string) {
	store := session.New(session.Options{Dir: dir, Now: d.Now})
	n := 0
	for _, err := range store.List(session.Filter{}) {
		if err != nil {
			d.fail("files", err)
			return
		}
		n++
	}
	text := report.Count(n, "session")
	if open := len(store.Open()); open > 0 {
		text += fmt.Sprintf(", %d open in another oax", open)
	}
	if torn, err := filepath.Glob(filepath.Join(dir, "*", "*.torn")); err == nil && len(torn) > 0 {
		text += fmt.Sprintf(", %d with ends that a power loss cut (.torn beside them)", len(torn))
	}
	d.pass("files", text)
}
