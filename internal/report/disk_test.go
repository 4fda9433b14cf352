package report

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"oax/internal/session"
)

func TestSaveErrors(t *testing.T) {
	for _, c := range []struct {
		stage             string
		err               error
		what, hint, saved string
	}{
		{"prompt", syscall.ENOSPC, "disk full: cannot save your prompt in /s", "free space, or --no-save", ""},
		{"prompt", syscall.EDQUOT, "disk full: cannot save your prompt in /s", "free space, or --no-save", ""},
		{"prompt", syscall.EROFS, "cannot save chats in /s: read-only file system", "fix it, or --no-save to go on without saving", ""},
		{"prompt", syscall.EMFILE, "cannot save chats in /s: too many open files", "fix it, or --no-save to go on without saving", ""},
		{"answer", syscall.ENOSPC, "disk full: the rest of this answer is not saved", "", "a copy of the answer in /tmp/copy.txt"},
		{"answer", syscall.EFBIG, "the rest of this answer is not saved: file too large", "", "a copy of the answer in /tmp/copy.txt"},
		{"call", syscall.ENOSPC, "cannot record a call of a tool, so it was not run: no space left", "", ""},
		{"result", syscall.EIO, "the result of a tool is not saved: input/output error", "", ""},
		{"next", syscall.EIO, "the results of the tools are saved, but the answer to them cannot be: input/output error", `oax -c "go on"`, ""},
		{"sync", syscall.EIO, "the disk reported a write error; this answer may not be safe", "", "a copy of the answer in /tmp/copy.txt"},
		// The disk has reported nothing where a limit of the process was met.
		{"sync", &fs.PathError{Op: "open", Path: "/s", Err: syscall.EMFILE}, "too many open files; this answer may not be safe",
			"ulimit -n 1024 allows more open files", "a copy of the answer in /tmp/copy.txt"},
		{"sync", syscall.ENOMEM, "not enough memory; this answer may not be safe", "ulimit -v shows the limit of memory", "a copy of the answer in /tmp/copy.txt"},
		{"sync", syscall.EAGAIN, "too many processes or threads; this answer may not be safe", "ulimit -u shows the limit of processes and threads", "a copy of the answer in /tmp/copy.txt"},
	} {
		e := &session.SaveError{Stage: c.stage, Dir: "/s", ID: "k3f", Err: c.err}
		if c.saved != "" {
			e.Rescued = "/tmp/copy.txt"
		}
		if r := Of(e); r.What != c.what || r.Hint != c.hint || r.Saved != c.saved || r.Code != ExitDisk || r.Kind != "disk" {
			t.Errorf("%s, %v: %+v", c.stage, c.err, *r)
		}
	}
}

// A file of another user is told as such, wherever it was met.
func TestFilesOfAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	path := filepath.Join(t.TempDir(), "sessions", "s.jsonl")
	os.Mkdir(filepath.Dir(path), 0o700)
	os.WriteFile(path, nil, 0o600)
	if err := os.Chown(path, 1, 1); err != nil {
		t.Fatal(err)
	}
	owner := otherOwner(path)
	denied := &fs.PathError{Op: "open", Path: path, Err: syscall.EACCES}
	if r := Of(denied); r.What != path+" belongs to "+owner || r.Hint != "sudo chown -R $USER "+path || r.Code != ExitDisk {
		t.Errorf("reading: %+v", *r)
	}
	r := Of(&session.SaveError{Stage: "prompt", Dir: filepath.Dir(path), Err: denied})
	if r.What != path+" belongs to "+owner || r.Hint != "sudo chown -R $USER "+path {
		t.Errorf("saving: %+v", *r)
	}
	os.Chown(path, 0, 0)
	if r := Of(denied); r.What != "cannot read "+path+": permission denied" {
		t.Errorf("a file of our own: %+v", *r)
	}
}

func TestNotSaving(t *testing.T) {
	for want, err := range map[string]error{
		"NOT SAVING — disk full": &session.SaveError{Stage: "answer", Err: syscall.ENOSPC},
		"NOT SAVING — the rest of this answer is not saved: read-only file system": &session.SaveError{Stage: "answer", Err: syscall.EROFS},
	} {
		if got := NotSaving(err); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
