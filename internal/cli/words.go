package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"oax/internal/config"
	"oax/internal/openai"
	"oax/internal/picker"
	"oax/internal/session"
)

// explain turns any error into what is said and the exit code: the one place that
// does.
func explain(err error) *report {
	if r, ok := errors.AsType[*report](err); ok {
		return r
	}
	if stop, ok := errors.AsType[Interrupted](err); ok {
		return &report{what: "stopped", kind: "stopped", signal: stop.Signal, code: exitNothing, newLine: true}
	}
	if e, ok := errors.AsType[*openai.Error](err); ok {
		return explainService(e)
	}
	for _, explain := range []func(error) *report{explainSession, explainConfig, explainPicker} {
		if r := explain(err); r != nil {
			return r
		}
	}
	if errors.Is(err, context.Canceled) {
		return &report{what: "stopped", kind: "stopped", code: exitNothing}
	}
	return &report{what: plainError(err), kind: "other", code: exitNothing}
}

func explainPicker(err error) *report {
	switch {
	case errors.Is(err, picker.ErrCancelled):
		return &report{kind: "cancelled", code: 130}
	case errors.Is(err, picker.ErrNothing):
		return &report{what: "no sessions yet", hint: `oax "question" begins one`, kind: "nothing", code: exitNothing}
	case errors.Is(err, picker.ErrNoTerminal):
		return &report{what: "no terminal to pick a session at", hint: "oax ls, then oax --session ID", kind: "usage", code: exitUsage}
	}
	return nil
}

func explainSession(err error) *report {
	switch e := err.(type) {
	case *session.NotFoundError:
		if strings.HasPrefix(e.Ref, "@") {
			return &report{what: "no session " + e.Ref, hint: `oax "question" begins one; oax ls lists them`, kind: "nothing", code: exitNothing}
		}
		return &report{what: "no session " + e.Ref, hint: "oax ls", kind: "nothing", code: exitNothing}
	case *session.AmbiguousError:
		return &report{what: fmt.Sprintf("several sessions begin with %s: %s", e.Ref, strings.Join(e.IDs, ", ")), hint: "type more of the ID", kind: "usage", code: exitUsage}
	case *session.BadIDError:
		return &report{what: fmt.Sprintf("not a session id: %q", e.Ref), hint: "oax ls", kind: "usage", code: exitUsage}
	case *session.NewerError:
		return &report{what: fmt.Sprintf("session %s was written by a newer oax; opened read-only", e.ID), kind: "usage", code: exitUsage}
	case *session.FileError:
		return &report{what: fmt.Sprintf("%s is %s; refused", e.Path, e.What), kind: "disk", code: exitDisk}
	case *session.NameError:
		return &report{what: e.Error(), hint: `name = "%Y-%m-%d_%H-%M-%S" under [sessions]`, kind: "config", code: exitUsage}
	case *session.SaveError:
		return explainSave(e)
	}
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return &report{what: fmt.Sprintf("cannot read %s: %s", pathError.Path, plainError(pathError.Err)), kind: "disk", code: exitDisk}
	}
	return nil
}

// explainSave words what could not be saved.
func explainSave(e *session.SaveError) *report {
	r := &report{kind: "disk", code: exitDisk}
	full := errors.Is(e.Err, syscall.ENOSPC) || errors.Is(e.Err, syscall.EDQUOT)
	switch {
	case e.Stage == "prompt" && full:
		r.what = "disk full: cannot save your prompt in " + e.Dir
		r.hint = "free space, or --no-save"
	case e.Stage == "prompt":
		r.what = fmt.Sprintf("cannot save chats in %s: %s", e.Dir, plainError(e.Err))
		r.hint = "fix it, or --no-save to go on without saving"
		if path, owner := someoneElses(e.Err, filepath.Dir(e.Dir)); owner != "" {
			r.what = path + " belongs to " + owner
			r.hint = "sudo chown -R $USER " + path
		}
	case e.Stage == "sync":
		r.what = "the disk reported a write error; this answer may not be safe"
	case full:
		r.what = "disk full: the rest of this answer is not saved"
	default:
		r.what = "the rest of this answer is not saved: " + plainError(e.Err)
	}
	if e.Rescued != "" {
		r.saved = "a copy of the answer in " + e.Rescued
	}
	return r
}

func explainConfig(err error) *report {
	r := &report{what: err.Error(), kind: "config", code: exitUsage}
	switch e := err.(type) {
	case *config.NoKeyError:
		r.what = "no API key for " + e.BaseURL
		r.hint = "set " + cmp.Or(e.Env, "OPENAI_API_KEY") + ", or key_command in the config file; oax -p demo needs no key"
		r.kind, r.code = "no-key", exitKey
	case *config.KeyCommandError:
		r.kind, r.code = "no-key", exitKey
	case *config.KeyError:
	case *config.PlainHTTPError:
		r.what = "refusing to send the key unencrypted to http://" + e.Host
		r.hint = "use https, or allow_plain_http = true"
	case *config.BaseURLError:
		if e.Suggest != "" {
			r.hint = "base_url = " + e.Suggest
		}
	case *config.UnknownProfileError:
		r.what = fmt.Sprintf("no profile %q", e.Name)
		r.hint = "the profiles are " + strings.Join(e.Known, ", ")
		if e.Nearest != "" {
			r.hint = "oax -p " + e.Nearest
		}
	case *config.NoBaseURLError, *config.FileError, *config.ParseError:
	default:
		return nil
	}
	return r
}

// plainError returns the operating system's word without its wrapping.
func plainError(err error) string {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		switch errno {
		case syscall.ENOSPC:
			return "no space left"
		case syscall.EROFS:
			return "read-only file system"
		}
		return errno.Error()
	}
	if pathError, ok := errors.AsType[*os.PathError](err); ok {
		return pathError.Err.Error()
	}
	return err.Error()
}
