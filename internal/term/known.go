package term

import (
	"fmt"
	"os"
	"path/filepath"
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
