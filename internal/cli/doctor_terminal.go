package cli

import (
	"cmp"
	"fmt"
	"os"
	"runtime"
	"strings"

	"oax/internal/term"
)

// checkTerminal tells what oax takes the terminal for.
func (d *doctor) checkTerminal() {
	env, name := d.env, "terminal"
	kind := env.getenv("TERM")
	if term.IsTerminal(env.Stdout) {
		columns, rows := term.Size(env.Stdout)
		text := fmt.Sprintf("%s, %dx%d", cmp.Or(kind, "TERM is not set"), columns, rows)
		if term.MovesCursor(kind, env.getenv) {
			d.ok(name, text)
		} else {
			d.none(name, text+"; its cursor cannot be moved", "export TERM=xterm-256color, if that is what it is like")
		}
	} else {
		d.none(name, "standard output is none", "")
	}
	d.checkColour()
	d.checkLocale()
}

func (d *doctor) checkColour() {
	if why, on := d.env.colourWhy(term.IsTerminal(d.env.Stdout)); on {
		d.ok("colour", why)
	} else {
		d.none("colour", "none: "+why, "")
	}
}

// colourWhy tells what decides on colour: term.Colour decides, this says which of its
// rules applied.
func (env *Env) colourWhy(tty bool) (why string, on bool) {
	on = term.Colour(env.flags.Color, tty, env.getenv)
	forced := func(name string) bool {
		value := env.getenv(name)
		return value != "" && value != "0" && value != "false"
	}
	switch {
	case env.flags.Color == "always" || env.flags.Color == "never":
		return "--color=" + env.flags.Color, on
	case env.getenv("NO_COLOR") != "":
		return "NO_COLOR is set", on
	case forced("CLICOLOR_FORCE"):
		return "CLICOLOR_FORCE is set", on
	case forced("FORCE_COLOR"):
		return "FORCE_COLOR is set", on
	case on:
		return "for a terminal", on
	case !tty:
		return "standard output is no terminal", on
	case env.getenv("CLICOLOR") == "0":
		return "CLICOLOR=0", on
	}
	return "TERM is " + cmp.Or(env.getenv("TERM"), "not set") + ", which is not known", on
}

// checkLocale tells whether other programs take the terminal for one of UTF-8. What oax
// prints is UTF-8 in any case.
func (d *doctor) checkLocale() {
	if runtime.GOOS == "windows" {
		return
	}
	v := d.env.firstSet("LC_ALL", "LC_CTYPE", "LANG")
	plain := strings.ToLower(strings.ReplaceAll(v.value, "-", ""))
	switch {
	case strings.Contains(plain, "utf8"):
		d.ok("locale", v.name+"="+v.value)
	case v.name == "":
		d.none("locale", "LANG is not set", "export LANG=C.UTF-8, if letters look wrong")
	default:
		d.none("locale", v.name+"="+v.value+" is not UTF-8", "export "+v.name+"=C.UTF-8, if letters look wrong")
	}
}

// octal is the mode of a file as chmod takes it.
func octal(info os.FileInfo) string { return fmt.Sprintf("%04o", info.Mode().Perm()) }
