//go:build unix

package export

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"oax/internal/report"
)

// The file that exists keeps its mode.
func TestToFileKeepsTheMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []os.FileMode{0o644, 0o755, 0o440} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if err := ToFile(context.Background(), path, true, prints("new")); err != nil {
			t.Fatal(err)
		}
		checkFile(t, path, "new", mode)
	}
}

// Symbolic links stay, and the file at their end is written, even where it is new.
func TestToFileThroughLinks(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "sub", "target")
	if err := os.Mkdir(filepath.Dir(target), 0o700); err != nil {
		t.Fatal(err)
	}
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "sub", "second")
	if err := errors.Join(os.Symlink("sub/second", first), os.Symlink("target", second)); err != nil {
		t.Fatal(err)
	}
	if r := report.Of(ToFile(context.Background(), first, false, prints("x"))); r == nil || r.Code != report.ExitUsage {
		t.Errorf("a link to nothing exists all the same: %+v", r)
	}
	for _, text := range []string{"new", "newer"} {
		if err := ToFile(context.Background(), first, true, prints(text)); err != nil {
			t.Fatal(err)
		}
		checkFile(t, target, text, 0o600)
	}
	for _, link := range []string{first, second} {
		if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
			t.Errorf("%s is no link any more: %v, %v", link, info.Mode(), err)
		}
	}
	// Through a link to a directory, .. leads to the parent of that directory.
	if err := errors.Join(os.MkdirAll(filepath.Join(dir, "a", "b"), 0o700), os.Symlink("a/b", filepath.Join(dir, "c")), os.Symlink("../up", filepath.Join(dir, "a", "b", "link"))); err != nil {
		t.Fatal(err)
	}
	if err := ToFile(context.Background(), filepath.Join(dir, "c", "link"), true, prints("up")); err != nil {
		t.Fatal(err)
	}
	checkFile(t, filepath.Join(dir, "a", "up"), "up", 0o600)
	loop := filepath.Join(dir, "loop")
	if err := os.Symlink("loop", loop); err != nil {
		t.Fatal(err)
	}
	if r := report.Of(ToFile(context.Background(), loop, true, prints("x"))); r == nil || r.Code != report.ExitDisk {
		t.Errorf("a link to itself: %+v", r)
	}
}

// A FIFO gets the text and stays. It holds nothing, so it needs no force.
func TestToFileIntoFIFO(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, force := range []bool{false, true} {
		read := make(chan string, 1)
		go func() {
			got, _ := os.ReadFile(path)
			read <- string(got)
		}()
		if err := ToFile(context.Background(), path, force, prints("text")); err != nil {
			t.Fatal(err)
		}
		if got := <-read; got != "text" {
			t.Errorf("the reader got %q", got)
		}
	}
	if info, err := os.Lstat(path); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		t.Errorf("no FIFO any more: %v, %v", info.Mode(), err)
	}
}

// Without a reader a FIFO cannot be opened, and one that does not read blocks. Both end
// with the context.
func TestToFileIntoFIFOWithoutReader(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	stop := errors.New("stop")
	ctx, cancel := context.WithTimeoutCause(context.Background(), 20*time.Millisecond, stop)
	defer cancel()
	if err := ToFile(ctx, path, true, prints("text")); !errors.Is(err, stop) {
		t.Errorf("without a reader: %v", err)
	}
	reader, err := os.OpenFile(path, os.O_RDWR, 0) // lets go of the open above as well
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	ctx, cancel = context.WithTimeoutCause(context.Background(), 20*time.Millisecond, stop)
	defer cancel()
	if err := ToFile(ctx, path, true, prints(strings.Repeat("x", 1<<20))); !errors.Is(err, stop) {
		t.Errorf("with a reader that does not read: %v", err)
	}
}

// A device gets the text and stays. The device of this test is one that a mistake could not
// replace: no file can be made beside it.
func TestToFileIntoDevice(t *testing.T) {
	master, tty, err := pty.Open()
	if err != nil {
		t.Skip(err)
	}
	defer tty.Close()
	unreadable := errors.New("unreadable")
	if err := ToFile(context.Background(), tty.Name(), false, func(io.Writer) error { return unreadable }); !errors.Is(err, unreadable) {
		t.Error(err)
	}
	if err := ToFile(context.Background(), tty.Name(), false, prints("text")); err != nil {
		t.Error(err)
	}
	got := make([]byte, len("text"))
	if _, err := io.ReadFull(master, got); err != nil || string(got) != "text" {
		t.Errorf("the terminal got %q, %v", got, err)
	}
	master.Close()
	r := report.Of(ToFile(context.Background(), tty.Name(), false, prints("text")))
	if r == nil || !strings.HasPrefix(r.What, "cannot write "+tty.Name()) || r.Code != report.ExitDisk {
		t.Errorf("where writing fails: %+v", r)
	}
}
