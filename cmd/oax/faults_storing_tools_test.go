package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// needs returns the path of a program that a fault is made with.
func needs(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("OAX_CI") == "" {
		t.Skip("needs " + name)
	}
	must(t, err)
	return path
}

// under puts another program in front of a prepared run.
func (h *home) under(cmd *exec.Cmd, wrapper ...string) *exec.Cmd {
	h.t.Helper()
	cmd.Path = needs(h.t, wrapper[0])
	cmd.Args = append(wrapper, cmd.Args...)
	return cmd
}

// traced runs a prepared command under strace and returns what it logged, each
// line a system call with the paths of its files.
func (h *home) traced(cmd *exec.Cmd, options ...string) (result, string) {
	h.t.Helper()
	log := filepath.Join(h.t.TempDir(), "strace")
	wrapper := append([]string{"strace", "-f", "-qq", "-yy", "-o", log}, options...)
	r := h.finish(h.under(cmd, wrapper...))
	return r, text(h.t, log)
}

// injected runs the program with a fault in its system calls on one file, which
// must have been met.
func (h *home) injected(path, fault string, args ...string) result {
	h.t.Helper()
	call, _, _ := strings.Cut(fault, ":")
	options := []string{"-e", "trace=" + call, "-e", "inject=" + fault}
	if path != "" {
		options = append(options, "-P", path)
	}
	r, log := h.traced(h.command(args...), options...)
	if !strings.Contains(log, "(INJECTED)") {
		h.t.Errorf("%s was not met: %s", fault, log)
	}
	return r
}

// The data directory is put on a file system of its own, which is gone with the
// process: what is to be on it comes from a directory beside it and goes back there.
const smallDisk = `dir=$1 keep=$2 size=$3 room=$4; shift 4
mount -t tmpfs -o size="$size" none "$dir" && cp -a "$keep/." "$dir/" || exit 99
cat /dev/zero > "$dir/filler" 2> /dev/null
truncate -s "-$room" "$dir/filler"
{ until [ -e "$keep.free" ]; do sleep 0.01; done; rm "$dir/filler"; : > "$keep.freed"; } &
"$@"
code=$?
kill $! 2> /dev/null
rm -rf "$dir/filler" "$keep"
cp -a "$dir" "$keep"
exit $code`

// fullDisk prepares a run whose data directory has room for so many bytes more, in
// pages of 4096. unmount is to be called after it. A file data.keep.free in the home
// gives it more, and data.keep.freed says that it has.
func (h *home) fullDisk(room int, args ...string) (cmd *exec.Cmd, unmount func()) {
	h.t.Helper()
	return h.smallDisk("256k", room, args...)
}

// smallDisk is fullDisk on a disk of a size.
func (h *home) smallDisk(size string, room int, args ...string) (cmd *exec.Cmd, unmount func()) {
	h.t.Helper()
	data := h.env["XDG_DATA_HOME"]
	keep := data + ".keep"
	must(h.t, os.MkdirAll(data, 0o700))
	must(h.t, os.Rename(data, keep))
	os.Mkdir(data, 0o700)
	cmd = h.under(h.command(args...), "unshare", "-rm", "sh", "-c", smallDisk, "sh", data, keep, size, fmt.Sprint(room))
	return cmd, func() {
		if err := os.Remove(data); err != nil {
			h.t.Error(err)
		}
		if err := os.Rename(keep, data); err != nil {
			h.t.Error(err)
		}
	}
}

// readOnly prepares a run that finds a directory on a read-only file system.
func (h *home) readOnly(dir string, args ...string) *exec.Cmd {
	h.t.Helper()
	const mount = `mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" || exit 99; shift; exec "$@"`
	return h.under(h.command(args...), "unshare", "-rm", "sh", "-c", mount, "sh", dir)
}

// nobody prepares a run by a user whom permissions stop, and gives the home to that
// user. That is who runs the test, unless it is root.
func (h *home) nobody(args ...string) *exec.Cmd {
	h.t.Helper()
	cmd := h.command(args...)
	if os.Getuid() != 0 {
		return cmd
	}
	const id = 65534
	cmd.SysProcAttr = asUser(id)
	for _, dir := range []string{filepath.Dir(binary), filepath.Dir(h.dir)} {
		must(h.t, os.Chmod(dir, 0o711))
	}
	filepath.WalkDir(h.dir, func(path string, _ os.DirEntry, err error) error {
		if err == nil {
			err = os.Lchown(path, id, id)
		}
		if err != nil {
			h.t.Error(err)
		}
		return nil
	})
	return cmd
}
