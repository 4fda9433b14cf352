//go:build unix

package prompt

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"oax/internal/chat"
)

// An image of an earlier prompt that is a FIFO by now is not waited for.
func TestReattachFIFO(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.png")
	must(t, syscall.Mkfifo(path, 0o600))
	done := make(chan string, 1)
	go Reattach([]chat.Message{{Parts: []chat.Part{{Name: "a.png", Path: path, SHA256: "x"}}}}, func(note string) { done <- note })
	select {
	case note := <-done:
		if note != "a.png is not sent again: it is not a regular file any more" {
			t.Error(note)
		}
	case <-time.After(time.Minute):
		t.Fatal("it waits for a writer")
	}
}

// A FIFO that a person names is waited for until ctx ends.
func TestAttachFIFO(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fifo")
	must(t, syscall.Mkfifo(path, 0o600))
	r, _ := reader(t, "")
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("stop")
	time.AfterFunc(10*time.Millisecond, func() { cancel(stop) })
	var p Prompt
	if err := r.Attach(ctx, &p, []string{path}); err != stop {
		t.Error(err)
	}
	writer, err := os.OpenFile(path, os.O_WRONLY, 0) // ends the read that was left behind
	must(t, err)
	writer.Close()

	path += "2" // the first may still be read
	must(t, syscall.Mkfifo(path, 0o600))
	go func() { os.WriteFile(path, []byte("through a pipe"), 0) }()
	if err := r.Attach(t.Context(), &p, []string{path}); err != nil || len(p.Files) != 1 {
		t.Error(err)
	}
}
