package report

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"oax/internal/config"
	"oax/internal/openai"
	"oax/internal/search"
	"oax/internal/session"
	"oax/internal/session/disk"
	"oax/internal/term"
	"oax/internal/tools"
)

// Interrupted is the cause of a context that a signal ended.
type Interrupted struct{ Signal os.Signal }

func (i Interrupted) Error() string { return "stopped by " + i.Signal.String() }

// Of returns what an error means to the person and to a script. It returns nil for nil.
// Errors of the packages below are known by their types, wrapped or not; any other one
// is an "other" failure in its own words.
func Of(err error) *Error {
	if err == nil {
		return nil
	}
	if e := known(err); e != nil {
		return e
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError(e)
	}
	return Failed("other", Cause(err), limitHint(err))
}

// Cannot reports what could not be done to a session, which do names, as in "move the
// session to the trash". An error that tells that by itself is reported as by Of.
func Cannot(do string, err error) *Error {
	switch e := known(err); {
	case e != nil:
		return e
	case errors.Is(err, fs.ErrExist):
		return Disk("cannot "+do+": there is one already", "")
	case diskFull(err):
		return Disk("cannot "+do+": "+Cause(err), "oax rm --purge frees space: it does not use the trash")
	}
	return Disk("cannot "+do+": "+Cause(err), limitHint(err))
}

// known returns the row of the table for an error whose type says what happened, wrapped
// or not, or nil.
func known(err error) *Error {
	if e := row(err); e != nil {
		return e
	}
	switch wrapped := err.(type) {
	case interface{ Unwrap() error }:
		return known(wrapped.Unwrap())
	case interface{ Unwrap() []error }:
		for _, inner := range wrapped.Unwrap() {
			if e := known(inner); e != nil {
				return e
			}
		}
	}
	return nil
}

// row is the table. It returns nil for an error of any other type.
func row(err error) *Error {
	switch e := err.(type) {
	case *Error:
		return e
	case Interrupted:
		return &Error{What: "stopped", Kind: "stopped", Signal: e.Signal, Code: ExitFailure, NewLine: true}
	case *openai.Error:
		return ofService(e)
	case *session.SaveError:
		return ofSave(e)
	case *session.NotFoundError:
		if e.Ref == "@" {
			return Nothing("there are no sessions yet", `oax "question" begins one`)
		}
		return Nothing("no session "+e.Ref, "oax ls")
	case *session.AmbiguousError:
		if len(slices.Compact(slices.Clone(e.IDs))) == 1 {
			return Usage(fmt.Sprintf("several files have the ID %s: %s", e.IDs[0], strings.Join(e.Files, ", ")), "-r in place of the ID lets you pick one")
		}
		return Usage(fmt.Sprintf("several sessions begin with %s: %s", e.Ref, strings.Join(e.IDs, ", ")), "type more of the ID")
	case *session.BadIDError:
		return Usage(fmt.Sprintf("not a session id: %q", e.Ref), "oax ls")
	case *session.NewerError:
		return Usage(fmt.Sprintf("session %s was written by a newer oax; opened read-only", e.ID), "")
	case *disk.FileError:
		return Disk(fmt.Sprintf("%s is %s; refused", e.Path, e.What), "")
	case *session.BusyError:
		return Failed("busy", "session "+e.ID+" is open in "+holder(e), "try again when it is done")
	case *term.NoTTYError:
		if e.Piped {
			return Usage("cannot continue at the terminal after piped input", "leave out -i")
		}
		return Usage("there is no terminal to continue at", "leave out -i")
	case *search.PatternError:
		if !utf8.ValidString(e.Pattern) {
			return Usage(e.Error(), "")
		}
		return Usage(e.Error(), "to search for the text itself: oax grep -F "+Quote(e.Pattern))
	case *term.TimeError:
		return Usage(e.Error(), `2d, 3w, 6mo, 12h, today, yesterday, monday, 2026-11, 2026-11-21, 23:45 or "2026-11-21 23:45"`)
	}
	if err == context.Canceled {
		return Failed("stopped", "stopped", "")
	}
	if e := ofTools(err); e != nil {
		return e
	}
	return ofConfig(err)
}

// ofTools has the rows of tools.
func ofTools(err error) *Error {
	switch e := err.(type) {
	case *tools.UnknownError:
		hint := "oax tools lists the tools"
		switch {
		case e.Nearest != "":
			hint = "did you mean " + e.Nearest + "?"
		case e.Server != "":
			hint = "oax tools test " + e.Server + " lists its tools"
		}
		return Config(e.Error(), hint)
	case *tools.SchemaFileError:
		if _, unread := errors.AsType[*fs.PathError](e.Err); unread {
			return Config(e.Error(), "see [tools."+e.Tool+"] in the configuration")
		}
		return Config(e.Error(), "a schema has name, description and parameters: oax help tools")
	case *tools.ArgumentsError:
		return Usage(e.Error(), "oax tools test "+Quote(e.Tool)+" shows them")
	case *tools.ServerError:
		hint := "see [mcp." + e.Server + "] in the configuration"
		if e.Stderr != "" {
			hint = "oax tools test " + e.Server + " --debug logs all that the server writes"
		}
		if token, ok := errors.AsType[*config.KeyCommandError](e.Err); ok && token.Path != "" {
			hint = "see " + token.Location.String()
		}
		if errors.Is(e.Err, tools.ErrUnauthorized) {
			hint = "set token_command in [mcp." + e.Server + "] to what prints a token that the server takes"
		}
		return Failed("tool", e.Error(), hint)
	}
	return nil
}

// ofConfig has the rows of the configuration, its profiles and keys.
func ofConfig(err error) *Error {
	switch e := err.(type) {
	case *config.UnknownProfileError:
		return unknownProfile(e)
	case *config.UnknownTemplateError:
		return unknownTemplate(e)
	case *config.BaseURLError:
		if e.Suggest != "" {
			return Config(e.Error(), "base_url = "+e.Suggest)
		}
		return Config(e.Error(), "")
	case *config.NoBaseURLError:
		return Config(e.Error(), "oax config edit")
	case *config.NoKeyError:
		hint := fmt.Sprintf("set %s, or key_command in %s; oax -p demo needs no key",
			cmp.Or(e.Env, "OPENAI_API_KEY"), cmp.Or(e.Path, "the config file"))
		return &Error{What: e.Error(), Hint: hint, Code: ExitKey, Kind: "no-key"}
	case *config.KeyCommandError:
		failed := &Error{What: e.Error(), Code: ExitKey, Kind: "no-key"}
		if e.Path != "" {
			failed.Hint = "see " + e.Location.String()
		}
		return failed
	case *config.PlainHTTPError:
		return Config(e.Error(), "use https, or allow_plain_http = true")
	case *config.NoHomeError:
		return Config(e.Error(), "set XDG_DATA_HOME and XDG_CONFIG_HOME, or HOME")
	case *config.FileError:
		if e.Err != nil {
			return Config(fmt.Sprintf("cannot read %s: %s", e.Path, Cause(e.Err)), "")
		}
		return Config(e.Error(), "")
	case *config.ParseError, *config.KeyError:
		return Config(e.Error(), "")
	}
	return nil
}

func unknownProfile(e *config.UnknownProfileError) *Error {
	what := fmt.Sprintf("no profile %q", e.Name)
	switch {
	case e.Path != "":
		what = e.Location.String() + ": " + what
	case e.Source.From == config.ByEnv:
		what += ", named by " + e.Source.Name
	}
	if e.Nearest != "" {
		return Config(what, "oax -p "+Quote(e.Nearest))
	}
	return Config(what, "the profiles are "+strings.Join(e.Known, ", "))
}

func unknownTemplate(e *config.UnknownTemplateError) *Error {
	what := fmt.Sprintf("no template %q", e.Name)
	switch {
	case e.Nearest != "":
		return Config(what, "oax -t "+Quote(e.Nearest))
	case len(e.Known) == 0:
		return Config(what, `oax config edit, and write [templates.NAME] with prompt = "..."`)
	}
	return Config(what, "oax -t lists the templates")
}
