package lineedit

import (
	"context"
	"errors"
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
	if os.Getenv("LINEEDIT_CHILD") == "messages" {
		readMessages()
		return
	}
	defer func() { fmt.Printf("panicked: %v\n", recover()) }()
	edit := func(text string) (string, error) {
		switch text {
		case "":
			panic("TestMain")
		case "fail":
			return "", errors.New("editor " + hostile)
		}
		return text + hostile, nil
	}
	e, err := New(Options{In: os.Stdin, Out: os.Stdout, Prompt: "> ", Edit: edit, History: []string{"stored " + hostile}})
	if err != nil {
		panic(err)
	}
	text, err := e.Read(context.Background(), os.Getenv("LINEEDIT_START"))
	e.Close()
	fmt.Printf("read %q, %v\n", text, err)
}

// hostile is text that sets the title and the clipboard of a terminal, asks where its
// cursor is, in C0 and in C1 controls, and turns the reading direction.
const hostile = "\x1b]0;title\x07\x1b]52;c;Y2xpcA==\x07\x1b[6n\u009d0;title\u009c\u009b6n\u202e\u200b\x7f\r|␛␡\U000F0000\U000F0001\U000F0002\U00100000|é漢"

// child runs the program, presses keys once it waits for them, and returns what it
// wrote and the terminal's state before and after.
func child(t *testing.T, start, keys string) (out, before, after string) {
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
	cmd.Env = append(os.Environ(), "LINEEDIT_CHILD=1", "LINEEDIT_START="+start, "TERM=xterm")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timeout := time.AfterFunc(2*time.Minute, func() { cmd.Process.Kill() })
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

func TestRead(t *testing.T) {
	for keys, want := range map[string]string{
		"hello\r":                           `read "hello", <nil>`,
		"ab\x1b[D漢字é\r":                     `read "a漢字éb", <nil>`,
		"one\\\rtwo\r":                      `read "one\ntwo", <nil>`,
		"one\x1b\rtwo\r":                    `read "one\ntwo", <nil>`,
		"\x1b[200~one\n\ttwo\r三\x1b[201~\r": `read "one\n\ttwo\n三", <nil>`,
		strings.Repeat("漢字 ", 100) + "\r":   `read "` + strings.Repeat("漢字 ", 100) + `", <nil>`,
		"some\x03":                          `read "some", interrupted`,
		"\x04":                              `read "", EOF`,
		"\x18\x05":                          "panicked: TestMain",
	} {
		out, before, after := child(t, "", keys)
		if !strings.Contains(out, want) {
			t.Errorf("keys %.40q: %.300q, want %.80s", keys, out[max(0, len(out)-300):], want)
		}
		if before != after {
			t.Errorf("keys %.40q: the terminal was left as %s, not %s", keys, after, before)
		}
	}
}

// TestControlCharacters: what the editor draws makes the terminal do nothing, and what
// is read is what was there.
func TestControlCharacters(t *testing.T) {
	pasted := strings.ReplaceAll(hostile, "\r", "\n")
	for _, test := range []struct{ name, start, keys, want string }{
		{"a stored message", "", "\x1b[A\r", "stored " + hostile},
		{"a search for it", "", "\x12stored\r\r", "stored " + hostile},
		{"a start", hostile, "!\r", hostile + "!"},
		{"a paste", "", "a \x1b[200~" + hostile + "\x1b[201~\r", "a " + pasted},
		{"a paste into a search", "", "\x12\x1b[200~\x1b]0;title\x07\u009d\x1b[201~\x07\x15b\r", ""},
		{"an editor", "", "text\x18\x05\r", "text" + hostile},
		{"a failed editor", "", "fail\x18\x05\r", "fail"},
		{"typed", "\x1b", "␛\u202e\U000F0001\u009d\r", "\x1b␛\u202e\U000F0001\u009d"},
		{"killed and back", hostile, "\x15b\x19\r", "b" + hostile},
		{"undone", hostile, "\x15\x1f\r", hostile},
		{"backslashes", "a \\\nb", "\\\rc\r", "a \\\nb\nc"},
		{"a line end deleted", "a", "\\\r\x7fb\r", "ab"},
		{"a line end undone", "a", "\\\r\x1fb\r", "a\\b"},
	} {
		out, _, _ := child(t, test.start, test.keys)
		if want := fmt.Sprintf("read %q, <nil>", test.want); test.want != "" && !strings.Contains(out, want) {
			t.Errorf("%s: %q, want %q", test.name, out[max(0, len(out)-300):], want)
		}
		for _, control := range []string{"\x1b]", "\x1b[6n", "\u009d", "\u009b", "\u009c", "\u202e", "\u200b", "\x07\x1b"} {
			if strings.Contains(out, control) {
				t.Errorf("%s: %q reached the terminal", test.name, control)
			}
		}
	}
}
