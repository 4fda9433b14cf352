//go:build unix

package term

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// Raw makes the terminal pass each key on as it is, unseen: Ctrl-C too. What was typed
// before is kept.
func (s State) Raw() error {
	return s.set(func(t *unix.Termios) {
		t.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
		t.Oflag &^= unix.OPOST
		t.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	})
}

// Quiet makes the terminal show nothing of what is typed, and pass it on at once. Ctrl-C,
// Ctrl-Z, Ctrl-S and Ctrl-Q do what they did, and discard nothing.
func (s State) Quiet() error {
	return s.set(func(t *unix.Termios) {
		t.Iflag &^= unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL
		t.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.IEXTEN
		t.Lflag |= unix.NOFLSH
	})
}

// set sets the terminal up as it was when the state was saved, but for what change does.
func (s State) set(change func(*unix.Termios)) error {
	err := os.ErrInvalid
	control(s.f, func(fd int) {
		modes := *s.modes
		change(&modes)
		modes.Cc[unix.VMIN], modes.Cc[unix.VTIME] = 1, 0
		err = setModes(fd, &modes)
	})
	return err
}

// SuspendKey makes Ctrl-Z suspend the job at a terminal that is Raw. It is the only key that
// is a signal then. If that fails the key does nothing.
func SuspendKey(f *os.File) {
	s, err := Save(f)
	if err != nil {
		return
	}
	s.modes.Lflag |= unix.ISIG
	s.modes.Cc[unix.VINTR], s.modes.Cc[unix.VQUIT] = noKey, noKey
	_ = s.Restore()
}

// modes are how a terminal is set up.
type modes = *unix.Termios

func getModes(fd int) (modes, error) { return unix.IoctlGetTermios(fd, getTermios) }
func setModes(fd int, m modes) error { return unix.IoctlSetTermios(fd, setTermios, m) }

// Keyboard reads what is typed at a terminal, until it is told to stop.
type Keyboard struct {
	f           *os.File
	wake, awake *os.File // a pipe: a byte in it ends a Read
}

// NewKeyboard returns the keyboard of a terminal. The error is that of making a pipe.
func NewKeyboard(f *os.File) (*Keyboard, error) {
	awake, wake, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	return &Keyboard{f, wake, awake}, nil
}

// ErrStopped is what a Read ends with that is told to stop.
var ErrStopped = errors.New("reading the keyboard was stopped")

// Read waits for something typed. The error is ErrStopped, io.EOF after a hangup, or the
// operating system's.
func (k *Keyboard) Read(b []byte) (n int, err error) {
	if err := k.await(); err != nil {
		return 0, err
	}
	if control(k.f, func(fd int) { n, err = unix.Read(fd, b) }) != nil {
		return k.f.Read(b) // says why
	}
	if n <= 0 && err == nil {
		err = io.EOF
	}
	return max(n, 0), err
}

// await waits until there is something to read, or Read is to stop.
func (k *Keyboard) await() (err error) {
	control(k.awake, func(awake int) {
		control(k.f, func(fd int) {
			var ready unix.FdSet
			for {
				ready.Zero()
				ready.Set(fd)
				ready.Set(awake)
				if _, err = unix.Select(max(fd, awake)+1, &ready, nil, nil, nil); !errors.Is(err, unix.EINTR) {
					break
				}
			}
			if err == nil && !ready.IsSet(fd) { // all that was typed is read first
				_, err = unix.Read(awake, make([]byte, 1))
				err = ErrStopped
			}
		})
	})
	return err
}

// Stop ends the Read that waits, or the first one that would wait.
func (k *Keyboard) Stop() { k.wake.Write([]byte{0}) }

// Close gives up what the keyboard uses, but for the terminal. No Read may be waiting.
func (k *Keyboard) Close() { k.wake.Close(); k.awake.Close() }

// Resumable reports whether somebody can make the process go on after it was stopped: its
// parent is of another job of the same session (POSIX XBD 3.268, orphaned process group).
func Resumable() bool {
	session, err := unix.Getsid(0)
	parents, parentErr := unix.Getsid(os.Getppid())
	job, jobErr := unix.Getpgid(os.Getppid())
	return err == nil && parentErr == nil && jobErr == nil && session == parents && job != unix.Getpgrp()
}
