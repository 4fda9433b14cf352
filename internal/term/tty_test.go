//go:build unix

package term

import (
	"os"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/term"
)

func TestTerminal(t *testing.T) {
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	defer tty.Close()
	if !IsTerminal(tty) {
		t.Fatal("a pty is a terminal")
	}
	if c, r := Size(tty); c != 80 || r != 24 {
		t.Errorf("size unknown: %dx%d", c, r)
	}
	if err := pty.Setsize(tty, &pty.Winsize{Cols: 40, Rows: 12}); err != nil {
		t.Fatal(err)
	}
	if c, r := Size(tty); c != 40 || r != 12 {
		t.Errorf("size set to 40x12: %dx%d", c, r)
	}
}

func TestSaveAndRestore(t *testing.T) {
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	defer tty.Close()
	get := func() term.State {
		s, err := term.GetState(int(tty.Fd()))
		if err != nil {
			t.Fatal(err)
		}
		return *s
	}
	before := get()
	saved, err := Save(tty)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := term.MakeRaw(int(tty.Fd())); err != nil {
		t.Fatal(err)
	}
	if get() == before {
		t.Fatal("the terminal was not made raw")
	}
	if err := saved.Restore(); err != nil {
		t.Fatal(err)
	}
	if get() != before {
		t.Error("not as before")
	}
}

func TestNoTerminal(t *testing.T) {
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, f := range []*os.File{nil, f} {
		if IsTerminal(f) {
			t.Error("no terminal is one")
		}
		if c, r := Size(f); c != 80 || r != 24 {
			t.Errorf("%dx%d", c, r)
		}
		if _, err := Save(f); err == nil {
			t.Error("state of no terminal saved")
		}
	}
	if err := (State{}).Restore(); err == nil {
		t.Error("restored nothing")
	}
}
