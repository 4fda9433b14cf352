package export

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"oax/internal/report"
	"oax/internal/term"
)

// ToFile writes what write writes to the file at path. The error is that of write, a
// *report.Error about the file, or the cause of ctx.
//
// A new file is private. With force a file that exists is replaced: it stays whole until
// the new content is complete, and the new one has its mode. A symbolic link stays, and
// the file it leads to is replaced. A FIFO or a device is written into; force is needed
// only for devices that hold data.
func ToFile(ctx context.Context, path string, force bool, write func(io.Writer) error) error {
	info, err := os.Stat(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return report.CannotWrite(path, err)
	}
	isStream := info != nil && info.Mode()&(fs.ModeNamedPipe|fs.ModeCharDevice) != 0
	if _, err := os.Lstat(path); err == nil && !force && !isStream {
		return report.Usage(path+" exists (use --force)", "")
	}
	var writeErr error // of write, not of the file
	print := func(to io.Writer) error {
		out := &errorWriter{to: to}
		if err := write(out); out.err == nil {
			writeErr = err
		}
		return errors.Join(writeErr, out.err)
	}
	switch {
	case info == nil:
		err = replace(path, 0o600, print)
	case info.IsDir():
		err = syscall.EISDIR
	case info.Mode().IsRegular():
		err = replace(path, info.Mode().Perm(), print)
	default:
		err = into(ctx, path, print)
	}
	switch {
	case err == nil || writeErr != nil:
		return writeErr
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return report.CannotWrite(path, err)
}

// into writes to a FIFO or device that exists. Opening a FIFO waits for a reader.
func into(ctx context.Context, path string, print func(io.Writer) error) error {
	f, err := term.Await(ctx, func() (*os.File, error) { return os.OpenFile(path, os.O_WRONLY, 0) })
	if err != nil {
		return err
	}
	defer f.Close()
	if err := print(term.Writer(ctx, f)); err != nil {
		return err
	}
	return f.Close()
}

// replace puts a file with a mode at path, or where the links at path lead.
func replace(path string, mode fs.FileMode, print func(io.Writer) error) error {
	target, err := followLinks(path)
	if err != nil {
		return err
	}
	dir, _ := filepath.Split(target)
	f, err := os.CreateTemp(cmp.Or(dir, "."), ".oax-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // after the rename there is no such file
	defer f.Close()
	if err := print(f); err != nil {
		return err
	}
	if err := errors.Join(f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), target)
}

// followLinks returns the file that a path leads to, which need not exist. It does not
// clean paths, since .. after a link to a directory leads elsewhere.
func followLinks(path string) (string, error) {
	const maxLinks = 40 // as Linux has it
	for range maxLinks {
		info, err := os.Lstat(path)
		if err != nil || info.Mode()&fs.ModeSymlink == 0 {
			return path, nil
		}
		target, err := os.Readlink(path)
		if err != nil {
			return "", err
		}
		if dir, _ := filepath.Split(path); !filepath.IsAbs(target) {
			target = dir + target
		}
		path = target
	}
	return "", syscall.ELOOP
}

// errorWriter remembers an error of writing, to tell it from an error of reading sessions.
type errorWriter struct {
	to  io.Writer
	err error
}

func (w *errorWriter) Write(b []byte) (int, error) {
	n, err := w.to.Write(b)
	if err != nil {
		w.err = err
	}
	return n, err
}
