//go:build unix

package lineedit

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// watched are the signals that the editor answers while it has the terminal.
var watched = []os.Signal{syscall.SIGWINCH, syscall.SIGTSTP, syscall.SIGCONT}

// signal answers a signal. After SIGWINCH the screen is drawn again in any case.
func (e *Editor) signal(s os.Signal) {
	switch s {
	case syscall.SIGTSTP:
		e.suspend(os.Getpid())
	case syscall.SIGCONT: // somebody stopped the process by SIGSTOP
		e.resume()
	}
}

// suspendJob stops all of the job that the process belongs to, as Ctrl-Z does.
func (e *Editor) suspendJob() { e.suspend(0) }

// suspend stops a process by SIGTSTP, as a terminal does, and returns when it goes on. The
// terminal is as it was meanwhile. Where nobody could make the process go on, the system
// does not stop it.
func (e *Editor) suspend(pid int) {
	if e.sending {
		e.draw()
		e.screen.end()
	}
	e.Restore()
	signal.Reset(syscall.SIGTSTP)
	_ = syscall.Kill(pid, syscall.SIGTSTP)
	for timeout := time.After(100 * time.Millisecond); ; {
		select {
		case s := <-e.keys.signals:
			if s != syscall.SIGCONT {
				continue
			}
		case <-timeout:
		}
		break
	}
	signal.Notify(e.keys.signals, syscall.SIGTSTP)
	e.resume()
}

// resume takes the terminal again, and draws the text below what is there now.
func (e *Editor) resume() {
	e.o.Out.WriteString(pasteMode)
	if !e.sending {
		_ = e.terminal.Quiet()
		return
	}
	_ = e.terminal.Raw()
	e.screen.forget()
}
