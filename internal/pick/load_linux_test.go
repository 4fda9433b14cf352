package pick

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"oax/internal/report"
)

// A session of another user is not damaged: the error says who it belongs to.
func TestSessionOfAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file to another user")
	}
	m := remember(t, "", "one", "two")
	entry, err := m.Store.Find("@")
	if err != nil {
		t.Fatal(err)
	}
	for dir := filepath.Dir(entry.Path); dir != filepath.Dir(filepath.Dir(m.dir)); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	const other, nobody = 54321, 65534
	if err := os.Chown(entry.Path, other, other); err != nil {
		t.Skip(err)
	}
	runtime.LockOSThread() // the user is that of the thread
	defer runtime.UnlockOSThread()
	if _, err := unix.SetfsuidRetUid(nobody); err != nil {
		t.Skip(err)
	}
	defer unix.SetfsuidRetUid(0)
	_, err = m.Store.Load(entry)
	r := report.Of(err)
	if want := entry.Path + " belongs to user 54321"; r == nil || r.What != want || r.Code != report.ExitDisk {
		t.Errorf("%+v, want %q", r, want)
	}
}
