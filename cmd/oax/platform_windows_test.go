package main

import (
	"errors"
	"os"
	"syscall"
)

// The tests compile on Windows; those that ask this of the system fail there.

const (
	sigStop     = syscall.SIGTERM
	sigContinue = syscall.SIGTERM
	sigSuspend  = syscall.SIGTERM
)

func mkfifo(string) error { return errors.ErrUnsupported }

func lockFile(*os.File) error { return errors.ErrUnsupported }

func listenWithoutQueue(uintptr) error { return errors.ErrUnsupported }

func dup(*os.File) (int, error) { return 0, errors.ErrUnsupported }

func setNonblock(int) error { return errors.ErrUnsupported }

func closeOnExec(int) {}

func withoutTerminal() *syscall.SysProcAttr { return nil }

func withTerminal(int) *syscall.SysProcAttr { return nil }

func asUser(uint32) *syscall.SysProcAttr { return nil }

func signalTo(int, syscall.Signal) error { return errors.ErrUnsupported }

func untaken(*os.File) int32 { return 0 }
