//go:build unix

package lineedit

import (
	"os"
	"os/signal"
	"syscall"

	"oax/internal/term"
)

// watch asks for the signals that the editor answers while it has the terminal.
func watch(signals chan<- os.Signal) {
	signal.Reset(syscall.SIGTSTP) // the finder may have left it to be answered elsewhere
	signal.Notify(signals, syscall.SIGWINCH, syscall.SIGTSTP, syscall.SIGCONT)
}

// signal answers a signal. After SIGWINCH the screen is drawn again in any case.
func (e *Editor) signal(s os.Signal) {
	switch s {
	case syscall.SIGTSTP:
		e.suspend(false)
	case syscall.SIGCONT: // somebody stopped the process by SIGSTOP
		e.resume()
	}
}

// suspendJob stops all of the job that the process belongs to, as Ctrl-Z does.
func (e *Editor) suspendJob() { e.suspend(true) }

// suspend stops the process, or all of its job, and returns when it goes on. The terminal
// is as it was meanwhile. Where nobody could make the process go on, it is not stopped.
//
// The process stops itself by SIGSTOP: once SIGTSTP was caught, the runtime does not let it
// stop the process any more.
func (e *Editor) suspend(job bool) {
	if !term.Resumable() {
		return
	}
	if e.sending {
		e.draw()
		e.screen.end()
	}
	e.Restore()
	signal.Ignore(syscall.SIGTSTP)
	if job {
		_ = syscall.Kill(0, syscall.SIGTSTP)
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	for s := range e.keys.signals {
		if s == syscall.SIGCONT {
			break
		}
	}
	signal.Notify(e.keys.signals, syscall.SIGTSTP)
	e.resume()
}

// resume takes the terminal again, and draws the text below what is there now.
func (e *Editor) resume() {
	e.setModes()
	if !e.sending {
		_ = e.terminal.Quiet()
		return
	}
	_ = e.terminal.Raw()
	e.screen.forget()
}
