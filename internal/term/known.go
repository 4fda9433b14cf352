package term

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// families are the names of terminals that can move their cursor, as the names in TERM
// begin. Their descriptions are often missing on the machine one logs in to.
var families = []string{
	"alacritty", "contour", "eterm", "foot", "ghostty", "gnome", "iterm", "iterm2", "kitty",
	"konsole", "linux", "mintty", "mlterm", "nsterm", "putty", "rio", "rxvt", "screen", "st",
	"tmux", "vt1", "vt2", "vte", "warp", "wezterm", "xterm", "zellij",
}

// MovesCursor reports whether a terminal that TERM gives this name can move its cursor:
// the name is that of a known family (xterm-ghostty, tmux-256color, vt220), or it has a
// description in one of the usual directories (terminfo(5)). Where there are no
// descriptions at all, every name but dumb is believed.
func MovesCursor(name string, getenv func(string) string) bool {
	if name == "" || name == "dumb" {
		return false
	}
	if ofFamily(name) {
		return true
	}
	anyDescription := false
	for _, dir := range []string{
		getenv("TERMINFO"), filepath.Join(getenv("HOME"), ".terminfo"),
		"/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo", "/usr/share/lib/terminfo", "/usr/local/share/terminfo",
	} {
		exists := func(path ...string) bool {
			_, err := os.Stat(filepath.Join(append([]string{dir}, path...)...))
			return err == nil
		}
		for _, first := range []string{name[:1], fmt.Sprintf("%x", name[0])} {
			if exists(first, filepath.Base(name)) {
				return true
			}
		}
		anyDescription = anyDescription || exists("x") || exists("78")
	}
	return !anyDescription
}

// ofFamily reports whether name is that of a family, or begins with it and goes on with
// something else than a letter.
func ofFamily(name string) bool {
	name = strings.ToLower(name)
	for _, family := range families {
		rest, ok := strings.CutPrefix(name, family)
		if ok && (rest == "" || rest[0] < 'a' || rest[0] > 'z') {
			return true
		}
	}
	return false
}

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

// Hyperlinks reports whether the terminal is known to take OSC 8 hyperlinks, so that the
// address of a link need not be shown. tmux and screen are not: what they do with links
// depends on the terminal around them.
func Hyperlinks(getenv func(string) string) bool {
	name := strings.ToLower(getenv("TERM"))
	if strings.HasPrefix(name, "tmux") || strings.HasPrefix(name, "screen") || getenv("TMUX") != "" {
		return false
	}
	if vte, err := strconv.Atoi(getenv("VTE_VERSION")); err == nil && vte >= 5000 {
		return true
	}
	if getenv("WT_SESSION") != "" || getenv("DOMTERM") != "" {
		return true
	}
	return isOneOf(getenv, "iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "rio", "Tabby", "mintty", "alacritty", "contour", "foot", "kitty")
}

// isOneOf reports whether TERM_PROGRAM or TERM names one of these terminals.
func isOneOf(getenv func(string) string, names ...string) bool {
	program, name := getenv("TERM_PROGRAM"), strings.ToLower(getenv("TERM"))
	name = strings.TrimSuffix(strings.TrimPrefix(name, "xterm-"), "-direct")
	return slices.ContainsFunc(names, func(one string) bool { return one == program || strings.ToLower(one) == name })
}

// ReportsFocus reports whether the terminal is known to tell, if it is asked to by
// FocusReports, when its window gets and loses the focus.
func ReportsFocus(getenv func(string) string) bool {
	if name := getenv("TERM"); strings.HasPrefix(name, "tmux") || strings.HasPrefix(name, "screen") || getenv("TMUX") != "" {
		return false // it depends on their settings and on the terminal around them
	}
	return getenv("XTERM_VERSION") != "" || getenv("VTE_VERSION") != "" || getenv("WT_SESSION") != "" ||
		isOneOf(getenv, "iTerm.app", "WezTerm", "vscode", "ghostty", "mintty", "alacritty", "contour", "foot", "kitty")
}

// FocusReports makes a terminal report the focus as CSI I and CSI O, and NoFocusReports
// ends that (ctlseqs of xterm, mode 1004).
const (
	FocusReports   = "\x1b[?1004h"
	NoFocusReports = "\x1b[?1004l"
)

// Notification returns what rings the bell of a terminal and makes it show a notification
// with a text, of which control characters are made visible: OSC 777 where that is known to
// be taken, and else OSC 9. A terminal that knows neither only rings.
func Notification(text string, getenv func(string) string) string {
	text = Line(text)
	if getenv("VTE_VERSION") != "" || strings.HasPrefix(getenv("TERM"), "rxvt") || isOneOf(getenv, "foot") {
		return "\a\x1b]777;notify;oax;" + text + "\x1b\\"
	}
	return "\a\x1b]9;oax: " + text + "\x1b\\"
}
