package term

import "strings"

// Colour reports whether styles may be written to a stream. mode is always,
// never or anything else for auto; tty says whether the stream is a terminal.
// In auto mode the environment decides, in this order: NO_COLOR that is not
// empty says no (no-color.org), CLICOLOR_FORCE and FORCE_COLOR say yes, CLICOLOR=0
// says no, what is no terminal says no, and so does a terminal of which TERM says
// dumb, nothing, or a name that nobody knows. Whatever calls itself xterm-something
// knows the styles, described here or not.
func Colour(mode string, tty bool, getenv func(string) string) bool {
	switch {
	case mode == "always":
		return true
	case mode == "never", getenv("NO_COLOR") != "":
		return false
	case says(getenv("CLICOLOR_FORCE")), says(getenv("FORCE_COLOR")):
		return true
	}
	name := getenv("TERM")
	return tty && getenv("CLICOLOR") != "0" && (strings.HasPrefix(name, "xterm") || MovesCursor(name, getenv))
}

// says reports whether the value of a variable that forces colour asks for it.
func says(value string) bool { return value != "" && value != "0" && value != "false" }
