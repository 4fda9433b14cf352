package lineedit

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"go.uber.org/goleak"
)

// TestMain is also a program that reads one message at its terminal.
func TestMain(m *testing.M) {
	if os.Getenv("LINEEDIT_CHILD") == "" {
		goleak.VerifyTestMain(m)
		return
	}
	defer func() {
		p, ok := recover().(*Panic)
		fmt.Printf("panicked: %v, with a stack: %v\n", p, ok && strings.Contains(string(p.Stack), "TestMain"))
	}()
	e := New(Options{In: os.Stdin, Prompt: "> ", Edit: func(string) (string, error) { panic("TestMain") }})
	text, err := e.Read(context.Background(), "")
	fmt.Printf("read %q, %v\n", text, err)
}

// child runs the program, presses keys once it waits for them, and returns what it
// wrote and the terminal's state before and after.
func child(t *testing.T, keys string) (out, before, after string) {
	t.Helper()
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	state := func() string {
		stty := exec.Command("stty", "-g")
		stty.Stdin = tty
		text, err := stty.Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	before = state()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "LINEEDIT_CHILD=1", "TERM=xterm", "INPUTRC=/dev/null")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timeout := time.AfterFunc(20*time.Second, func() { cmd.Process.Kill() })
	defer timeout.Stop()
	ready, read := make(chan struct{}), make(chan string)
	go func() {
		var all strings.Builder
		for buf := make([]byte, 4096); ; {
			n, err := master.Read(buf)
			was := strings.Contains(all.String(), showCursor)
			all.Write(buf[:n])
			if !was && (strings.Contains(all.String(), showCursor) || err != nil) {
				close(ready)
			}
			if err != nil {
				read <- all.String()
				return
			}
		}
	}()
	<-ready
	if raw := state(); raw == before {
		t.Error("the terminal was not raw")
	}
	master.WriteString(keys)
	cmd.Wait()
	after = state()
	tty.Close()
	return <-read, before, after
}

// showCursor is what the editor writes last when it waits.
const showCursor = "\x1b[?25h"

func TestRead(t *testing.T) {
	for keys, want := range map[string]string{
		"hello\r":                           `read "hello", <nil>`,
		"one\\\rtwo\r":                      `read "one\ntwo", <nil>`,
		"one\x1b\rtwo\r":                    `read "one\ntwo", <nil>`,
		"\x1b[200~one\n\ttwo\r三\x1b[201~\r": `read "one\n\ttwo\n三", <nil>`,
		strings.Repeat("漢字 ", 100) + "\r":   `read "` + strings.Repeat("漢字 ", 100) + `", <nil>`,
		"some\x03":                          `read "some", interrupted`,
		"\x04":                              `read "", EOF`,
		"\x18\x05":                          "panicked: TestMain, with a stack: true",
	} {
		out, before, after := child(t, keys)
		if !strings.Contains(out, want) {
			t.Errorf("keys %.40q: %.300q, want %.80s", keys, out[max(0, len(out)-300):], want)
		}
		if before != after {
			t.Errorf("keys %.40q: the terminal was left as %s, not %s", keys, after, before)
		}
	}
}
