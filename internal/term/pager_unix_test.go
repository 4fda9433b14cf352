//go:build unix

package term

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"
)

// pagerOf returns a Pager for a screen of so many rows that prints to a file, and what is printed.
func pagerOf(t *testing.T, ctx context.Context, rows int, command ...string) (*Pager, func() string) {
	t.Helper()
	to, err := os.Create(filepath.Join(t.TempDir(), "screen"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { to.Close(); signal.Reset(os.Interrupt) })
	pager := exec.CommandContext(ctx, command[0], command[1:]...)
	pager.Stdout = to
	return &Pager{ctx: ctx, to: to, program: pager, columns: 10, rows: rows}, func() string {
		text, err := os.ReadFile(to.Name())
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
}

func TestPager(t *testing.T) {
	for _, c := range []struct {
		name, text, command string
		paged               bool
	}{
		{"fits", "1\n2\n3\n", "sed s/^/-/", false},
		{"one line more", "1\n2\n3\n4\n", "sed s/^/-/", true},
		{"a long line", strings.Repeat("x", 31) + "\n", "sed s/^/-/", true},
		{"no line end", "1\n2\n3\n4", "sed s/^/-/", false},
		{"no pager", "1\n2\n3\n4\n", "/nowhere/less", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, printed := pagerOf(t, t.Context(), 3, strings.Fields(c.command)...)
			var err error
			for _, piece := range strings.SplitAfter(c.text, "\n") {
				if err == nil {
					_, err = s.Write([]byte(piece))
				}
			}
			if closeErr := s.Close(); err != nil || closeErr != nil {
				t.Fatal(err, closeErr)
			}
			want := c.text
			if c.paged {
				want = "-" + strings.ReplaceAll(strings.TrimSuffix(c.text, "\n"), "\n", "\n-") + "\n"
			}
			if got := printed(); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

// What was found before Ctrl-C is shown.
func TestPagerOfAnEndedRun(t *testing.T) {
	ctx, stop := context.WithCancelCause(t.Context())
	s, printed := pagerOf(t, ctx, 3, "cat")
	s.Write([]byte("found\n"))
	cause := errors.New("Ctrl-C")
	stop(cause)
	if err := s.Close(); !errors.Is(err, cause) || printed() != "found\n" {
		t.Errorf("%v, %q", err, printed())
	}
}

// A pager that the person leaves ends the output, and is no error.
func TestPagerEnds(t *testing.T) {
	s, _ := pagerOf(t, t.Context(), 1, "true")
	var err error
	for err == nil {
		_, err = s.Write([]byte(strings.Repeat("line\n", 1000)))
	}
	if closeErr := s.Close(); !errors.Is(err, ErrPagerLeft) || closeErr != nil {
		t.Error(err, closeErr)
	}
}
