//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

// What the tests ask of the system, which Windows does not have.

const (
	sigStop     = syscall.SIGSTOP
	sigContinue = syscall.SIGCONT
	sigSuspend  = syscall.SIGTSTP
)

func mkfifo(path string) error { return syscall.Mkfifo(path, 0o600) }

// lockFile locks a file as another process would, until f is closed.
func lockFile(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX) }

// listenWithoutQueue makes a socket that listens queue no more than the least.
func listenWithoutQueue(fd uintptr) error { return syscall.Listen(int(fd), 0) }

func dup(f *os.File) (int, error) { return syscall.Dup(int(f.Fd())) }

func setNonblock(fd int) error { return syscall.SetNonblock(fd, true) }

func closeOnExec(fd int) { syscall.CloseOnExec(fd) }

// withoutTerminal is for a process that has no /dev/tty.
func withoutTerminal() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// withTerminal is for a process whose terminal is one of its streams.
func withTerminal(stream int) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: stream}
}

// asUser is for a process of another user.
func asUser(id uint32) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: id, Gid: id}}
}

func signalTo(pid int, s syscall.Signal) error { return syscall.Kill(pid, s) }

// untaken returns how many bytes were typed at a terminal that no program has read.
func untaken(tty *os.File) (n int32) {
	var request uintptr = 0x4004667F // FIONREAD
	if runtime.GOOS == "linux" {
		request = 0x541B
	}
	syscall.Syscall(syscall.SYS_IOCTL, tty.Fd(), request, uintptr(unsafe.Pointer(&n)))
	return n
}
