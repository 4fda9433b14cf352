//go:build unix

package config

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func TestLoadFIFO(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.toml")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	got := make(chan error, 1)
	go func() { _, _, err := Load(path); got <- err }()
	select {
	case err := <-got:
		if e, ok := errors.AsType[*FileError](err); !ok || e.Err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("Load blocks until there is a writer")
	}
}
