//go:build unix

package finder

import (
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"oax/internal/term"
)

// How the job is suspended by Ctrl-Z or SIGTSTP while the child has the terminal: the
// parent gives the terminal back as it was, stops, and when it goes on gives it to the
// child again.

// enterAgain sets what leaveScreen undoes and the finder needs. The finder draws the rest
// when it is told that the window has changed.
const enterAgain = enter + "\x1b[?1h\x1b=\x1b[?25l\x1b[?7l"

// suspends suspends the job when it is told to, until end is called.
func suspends(tty *os.File, saved term.State, child *os.Process) (end func()) {
	if signal.Ignored(syscall.SIGTSTP) {
		return func() {}
	}
	signals, done, ended := make(chan os.Signal, 8), make(chan struct{}), make(chan struct{})
	signal.Reset(syscall.SIGTSTP) // see stopLater
	signal.Notify(signals, syscall.SIGTSTP, syscall.SIGCONT)
	go func() {
		defer close(ended)
		for {
			select {
			case s := <-signals:
				if s == syscall.SIGTSTP {
					suspend(tty, saved, child, signals)
				}
			case <-done:
				return
			}
		}
	}()
	return func() {
		close(done)
		<-ended
		signal.Stop(signals)
		stopLater()
	}
}

func suspend(tty *os.File, saved term.State, child *os.Process, signals <-chan os.Signal) {
	_ = child.Signal(syscall.SIGTSTP)
	if !stopped(child.Pid) { // nobody could make the job go on
		return
	}
	drawing, _ := term.Save(tty)
	_, _ = tty.WriteString(leaveScreen)
	_ = saved.Restore()
	_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	for s := range signals {
		if s == syscall.SIGCONT {
			break
		}
	}
	_ = drawing.Restore()
	_, _ = tty.WriteString(enterAgain)
	_ = child.Signal(syscall.SIGCONT)
	_ = child.Signal(syscall.SIGWINCH)
}

// stopped waits until the child has stopped. It returns false if the child does not: the
// system stops no job that nobody could make go on.
func stopped(pid int) bool {
	const patience, pause = time.Second, 5 * time.Millisecond
	for range int(patience / pause) {
		var status syscall.WaitStatus
		if n, err := syscall.Wait4(pid, &status, syscall.WUNTRACED|syscall.WNOHANG, nil); err != nil && err != syscall.EINTR || n == pid {
			return err == nil && status.Stopped()
		}
		time.Sleep(pause)
	}
	return false
}

// later gets SIGTSTP once no finder runs any more.
var later = sync.OnceValue(func() chan os.Signal {
	signals := make(chan os.Signal, 1)
	go stopOn(signals)
	return signals
})

func stopOn(signals <-chan os.Signal) {
	for range signals {
		if term.Resumable() {
			_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		}
	}
}

// stopLater makes SIGTSTP stop the process as it did before: once the signal was caught,
// the runtime does not let it do so. Whoever wants the signal must call signal.Reset.
func stopLater() { signal.Notify(later(), syscall.SIGTSTP) }
