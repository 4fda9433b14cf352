package term

import (
	"errors"
	"os"
	"sync/atomic"

	"golang.org/x/sys/windows"
	"golang.org/x/term"
)

// Raw makes the console pass each key on as it is, unseen: Ctrl-C too.
func (s State) Raw() error {
	err := os.ErrInvalid
	control(s.f, func(fd int) { _, err = term.MakeRaw(fd) })
	return err
}

// Quiet sets the console up as it was: it cannot keep quiet and make signals too.
func (s State) Quiet() error { return s.Restore() }

// SuspendKey does nothing: nothing is suspended here.
func SuspendKey(*os.File) {}

// modes are how a console is set up.
type modes = *term.State

func getModes(fd int) (modes, error) { return term.GetState(fd) }
func setModes(fd int, m modes) error { return term.Restore(fd, m) }

// Keyboard reads what is typed at a console, until it is told to stop.
type Keyboard struct {
	f       *os.File
	stopped atomic.Bool
}

// NewKeyboard returns the keyboard of a console.
func NewKeyboard(f *os.File) (*Keyboard, error) { return &Keyboard{f: f}, nil }

// ErrStopped is what a Read ends with that is told to stop.
var ErrStopped = errors.New("reading the keyboard was stopped")

// Read waits for something typed. The error is ErrStopped or the operating system's.
func (k *Keyboard) Read(b []byte) (int, error) {
	const milliseconds = 50
	for event := uint32(windows.WAIT_TIMEOUT); event == uint32(windows.WAIT_TIMEOUT); {
		if k.stopped.Swap(false) {
			return 0, ErrStopped
		}
		control(k.f, func(fd int) { event, _ = windows.WaitForSingleObject(windows.Handle(fd), milliseconds) })
	}
	return k.f.Read(b)
}

// Stop ends the Read that waits, or the next one.
func (k *Keyboard) Stop() { k.stopped.Store(true) }

// Close gives up what the keyboard uses.
func (k *Keyboard) Close() {}
