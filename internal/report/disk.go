package report

// What a file system or the standard output met.

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"oax/internal/session"
)

// CannotRead reports a file that a person named and that cannot be read.
func CannotRead(path string, err error) *Error {
	return Input(fmt.Sprintf("cannot read %s: %s", path, Cause(err)), limitHint(err))
}

// CannotWrite reports a file that cannot be written.
func CannotWrite(path string, err error) *Error {
	return Disk(fmt.Sprintf("cannot write %s: %s", path, Cause(err)), limitHint(err))
}

// Print writes text to standard output. The error is that of Output.
func Print(stdout io.Writer, text string) error {
	if _, err := io.WriteString(stdout, text); err != nil {
		return Output(err)
	}
	return nil
}

// Output reports an error of writing standard output. If nobody reads that any more the
// process dies silently of the signal that other programs die of. A context that ended is
// reported as by Of.
func Output(err error) *Error {
	if e := known(err); e != nil {
		return e
	}
	if unread(err) {
		return &Error{Kind: "pipe", Signal: outputSignal(err), Code: ExitFailure}
	}
	return &Error{What: "cannot write output: " + Cause(err), Hint: limitHint(err), Kind: "output", Code: ExitDisk}
}

// unread reports whether an error of standard output says that nobody reads it: a pipe
// without a reader, or a terminal that was closed.
func unread(err error) bool { return errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.EIO) }

// NotSaving returns the line that a conversation shows while its turns cannot be saved.
func NotSaving(err error) string {
	if diskFull(err) {
		return "NOT SAVING — disk full"
	}
	return "NOT SAVING — " + Of(err).What
}

// Cause returns the operating system's words for an error, without its wrapping. Where
// they say too little, it has plainer ones.
func Cause(err error) string {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		switch errno {
		case syscall.ENOSPC:
			return "no space left"
		case syscall.ENOMEM:
			return "not enough memory"
		case syscall.EAGAIN:
			return "too many processes or threads"
		}
		return errno.Error()
	}
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err.Error()
	}
	return err.Error()
}

// limitHint returns which limit of the shell an error met, or nothing.
func limitHint(err error) string {
	switch {
	case errors.Is(err, syscall.EMFILE):
		return "ulimit -n 1024 allows more open files"
	case errors.Is(err, syscall.ENOMEM):
		return "ulimit -v shows the limit of memory"
	case errors.Is(err, syscall.EAGAIN):
		return "ulimit -u shows the limit of processes and threads"
	}
	return ""
}

func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// pathError reports a file or directory of oax's own.
func pathError(e *fs.PathError) *Error {
	if owner := otherOwner(e.Path); owner != "" && errors.Is(e, fs.ErrPermission) {
		return belongsTo(owner, e.Path)
	}
	do := "write"
	if slices.Contains([]string{"open", "read", "readdirent", "stat", "lstat", "seek"}, e.Op) {
		do = "read"
	}
	return Disk(fmt.Sprintf("cannot %s %s: %s", do, e.Path, Cause(e.Err)), limitHint(e))
}

// ofSave has the words for what could not be saved.
func ofSave(e *session.SaveError) *Error {
	failed := Disk("", limitHint(e.Err))
	switch full := diskFull(e.Err); {
	case e.Stage == "prompt":
		failed = unsavedPrompt(e, full)
	case e.Stage == "call":
		failed.What = "cannot record a call of a tool, so it was not run: " + Cause(e.Err)
	case e.Stage == "result":
		failed.What = "the result of a tool is not saved: " + Cause(e.Err)
	case e.Stage == "next":
		failed.What, failed.Hint = "the results of the tools are saved, but the answer to them cannot be: "+Cause(e.Err), `oax -c "go on"`
	case e.Stage == "sync" && errors.Is(e.Err, syscall.EIO):
		failed.What = "the disk reported a write error; this answer may not be safe"
	case e.Stage == "sync":
		failed.What = Cause(e.Err) + "; this answer may not be safe"
	case full:
		failed.What = "disk full: the rest of this answer is not saved"
	default:
		failed.What = "the rest of this answer is not saved: " + Cause(e.Err)
	}
	if e.Rescued != "" {
		failed.Saved = "a copy of the answer in " + e.Rescued
	}
	return failed
}

func unsavedPrompt(e *session.SaveError, full bool) *Error {
	if full {
		return Disk("disk full: cannot save your prompt in "+e.Dir, "free space, or --no-save")
	}
	if path, owner := obstacle(e.Err, filepath.Dir(e.Dir)); owner != "" {
		return belongsTo(owner, path)
	}
	return Disk(fmt.Sprintf("cannot save chats in %s: %s", e.Dir, Cause(e.Err)), "fix it, or --no-save to go on without saving")
}

// belongsTo reports a file or directory of somebody else, most often root after one sudo.
func belongsTo(owner, path string) *Error {
	return Disk(path+" belongs to "+owner, "sudo chown -R $USER "+Quote(path))
}

// obstacle returns the file or directory below dir that stopped us with a permission, and
// the user it belongs to, if that is somebody else.
func obstacle(err error, dir string) (path, owner string) {
	denied, ok := errors.AsType[*fs.PathError](err)
	if !ok || !errors.Is(err, fs.ErrPermission) {
		return "", ""
	}
	for path = denied.Path; strings.HasPrefix(path, dir); path = filepath.Dir(path) {
		if _, err := os.Lstat(path); err == nil { // else not there, or not visible from here
			return path, otherOwner(path)
		}
	}
	return "", ""
}

// otherOwner returns the name of the user that a file belongs to, or nothing if that is
// the user of this process or cannot be told.
func otherOwner(path string) string {
	info, err := os.Lstat(path)
	if err != nil {
		return ""
	}
	id, ok := ownerID(info)
	if !ok || id == os.Geteuid() {
		return ""
	}
	u, err := user.LookupId(fmt.Sprint(id))
	if err != nil {
		return fmt.Sprint("user ", id)
	}
	return u.Username
}

// Branch tells that a turn becomes a branch, since another process writes to the session.
func Branch(e *session.BusyError) string {
	return "this chat is open in " + holder(e) + "; your turn becomes a branch"
}

// holder names who writes to a session.
func holder(e *session.BusyError) string {
	if e.PID == 0 {
		return "another oax"
	}
	return fmt.Sprintf("another oax (PID %d)", e.PID)
}
