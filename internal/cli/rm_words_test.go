package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"testing"

	"oax/internal/session"
)

func TestMistyped(t *testing.T) {
	gone := func(ref string) error { return &session.NotFoundError{Ref: ref} }
	bad := func(ref string) error { return &session.BadIDError{Ref: ref} }
	for _, c := range []struct {
		err   error
		words []string
		hint  string
	}{
		{gone("old"), []string{"old", "branches"}, "to ask it: oax -- rm old branches"},
		{gone("branches"), []string{"branches"}, "oax ls"},
		{gone("k3f"), []string{"k3f", "old"}, "oax ls"},
		{gone("@9"), []string{"old", "@9"}, `oax "question" begins one; oax ls lists them`},
		{bad("What"), []string{"What", "is", "$HOME?"}, "to ask it: oax -- rm What is '$HOME?'"},
		{gone("it"), []string{"it", "isn't", "日本語"}, `to ask it: oax -- rm it 'isn'\''t' 日本語`},
		{gone("a"), []string{"a", fmt.Sprintf("%0300d", 0)}, "oax ls"},
		{&session.AmbiguousError{Ref: "a", IDs: []string{"ab", "ac"}}, []string{"a", "b"}, "type more of the ID"},
	} {
		r, ok := errors.AsType[*report](mistyped(c.err, "rm", c.words))
		if want := explain(c.err); !ok || r.hint != c.hint || r.what != want.what || r.code != want.code {
			t.Errorf("%v: %+v, want the hint %s", c.words, r, c.hint)
		}
	}
}

func TestCannot(t *testing.T) {
	for _, c := range []struct {
		err  error
		what string
		code int
	}{
		{&session.BusyError{ID: "k3f", PID: 7}, "session k3f is open in another oax (PID 7)", 1},
		{&session.BusyError{ID: "k3f"}, "session k3f is open in another oax", 1},
		{&session.NewerError{ID: "k3f", Version: 2}, "session k3f was written by a newer oax; opened read-only", 2},
		{&session.NotFoundError{Ref: "k3f"}, "no session k3f", 1},
		{&session.FileError{Path: "f", What: "a symbolic link"}, "f is a symbolic link; refused", 7},
		{&fs.PathError{Op: "rename", Path: "x", Err: fs.ErrExist}, "cannot do it: there is one already", 7},
		{&fs.PathError{Op: "mkdir", Path: "x", Err: syscall.ENOSPC}, "cannot do it: no space left", 7},
		{errors.Join(syscall.EIO), "cannot do it: input/output error", 7},
	} {
		if r := explain(cannot("do it", c.err)); r.what != c.what || r.code != c.code {
			t.Errorf("%v: %+v, want %q, exit %d", c.err, r, c.what, c.code)
		}
	}
}

func TestIsDraftOf(t *testing.T) {
	for _, c := range []struct {
		draft, prompt string
		is            bool
	}{
		{"hi\n", "hi", true},
		{"something else", "hi", false},
		{"which way", "hi", false},
		{"the password is hunter2\n\n--- below", "the password is hunter2", true},
		{"the password", "the password is hunter2", false},
	} {
		if isDraftOf(c.draft, c.prompt) != c.is {
			t.Errorf("%q of %q", c.draft, c.prompt)
		}
	}
}
