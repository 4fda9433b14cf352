package lineedit

import (
	"os"
	"os/signal"
	"sync"

	"oax/internal/term"
)

// keyboard reads the terminal in a goroutine of its own, so that nothing that is typed
// waits in the terminal, which has room for 4 KB. What was read is kept until it is taken.
type keyboard struct {
	more    chan struct{} // something was read, or reading failed
	signals chan os.Signal
	stop    func() // ends what takes the keys between two messages, if that runs

	in    *term.Keyboard
	ended chan struct{}

	mu    sync.Mutex
	typed []byte
	err   error // of reading: the terminal is gone
}

func newKeyboard(f *os.File) *keyboard {
	k := &keyboard{more: make(chan struct{}, 1), signals: make(chan os.Signal, 8), ended: make(chan struct{})}
	watch(k.signals)
	var err error
	if k.in, err = term.NewKeyboard(f); err != nil { // no descriptors are left
		k.err = err
		k.announce()
		close(k.ended)
		return k
	}
	go k.read()
	return k
}

func (k *keyboard) read() {
	defer close(k.ended)
	for buf := make([]byte, 64<<10); ; {
		n, err := k.in.Read(buf)
		if err == term.ErrStopped {
			return
		}
		k.mu.Lock()
		k.typed, k.err = append(k.typed, buf[:n]...), err
		k.mu.Unlock()
		k.announce()
		if err != nil {
			return
		}
	}
}

// take returns what was read, or why no more will come.
func (k *keyboard) take() ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	typed := k.typed
	k.typed = nil
	if len(typed) == 0 {
		return nil, k.err
	}
	if k.err != nil {
		k.announce() // the error is taken next
	}
	return typed, nil
}

// announce says that there is something to take.
func (k *keyboard) announce() {
	select {
	case k.more <- struct{}{}:
	default:
	}
}

// close stops reading, once all that was typed is read.
func (k *keyboard) close() {
	signal.Stop(k.signals)
	if k.in != nil {
		k.in.Stop()
		<-k.ended
		k.in.Close()
	}
}
