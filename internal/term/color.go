package term

// Colour reports whether styles may be written to a stream. mode is always,
// never or anything else for auto; tty says whether the stream is a terminal.
// In auto mode the environment decides, in this order: NO_COLOR that is not
// empty says no (no-color.org), CLICOLOR_FORCE and FORCE_COLOR say yes, a
// terminal of which TERM says nothing or dumb says no, CLICOLOR=0 says no, and
// what is no terminal says no.
func Colour(mode string, tty bool, getenv func(string) string) bool {
	switch {
	case mode == "always":
		return true
	case mode == "never", getenv("NO_COLOR") != "":
		return false
	case says(getenv("CLICOLOR_FORCE")), says(getenv("FORCE_COLOR")):
		return true
	}
	terminal := getenv("TERM")
	return tty && terminal != "" && terminal != "dumb" && getenv("CLICOLOR") != "0"
}

// says reports whether the value of a variable that forces colour asks for it.
func says(value string) bool { return value != "" && value != "0" && value != "false" }
